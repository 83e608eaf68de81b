// The documents a driver must hold, each valid through the end of a task and its possible return.

export const DOCUMENT_KINDS = ['identity', 'licence', 'insurance', 'registration', 'background_check'] as const;
export type DocumentKind = (typeof DOCUMENT_KINDS)[number];
