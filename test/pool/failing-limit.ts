/** Requests with this limit fail under the faulty workers. */
export const FAILING_LIMIT_MS = 13;
