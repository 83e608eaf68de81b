/** Under the faulty workers requests with this limit fail, and with the next one they lose their threads. */
export const FAILING_LIMIT_MS = 13;
export const DEADLY_LIMIT_MS = 14;
