// The documents a driver must hold, each valid through the end of a task and its possible return.

export const DOCUMENT_KINDS = ['identity', 'licence', 'insurance', 'registration', 'background_check'] as const;
export type DocumentKind = (typeof DOCUMENT_KINDS)[number];

/** What an insurance covers; one that was never recorded with a use is taken not to cover deliveries. */
export const DOCUMENT_USES = ['delivery', 'personal'] as const;
export type DocumentUse = (typeof DOCUMENT_USES)[number];
