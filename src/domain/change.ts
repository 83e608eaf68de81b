// How a requested change of state ends. Races are settled by row locks: the loser is told the outcome that stands.

export type Change<State extends string> =
  /** The change was made, or had already been made by the same request (`repeated`). */
  | {readonly kind: 'done'; readonly state: State; readonly repeated: boolean; readonly offerId?: string}
  /** Not legal from the state it stands in; `reason` is a stable code such as OFFER_EXPIRED. */
  | {readonly kind: 'conflict'; readonly state: State; readonly reason: string}
  | {readonly kind: 'not-found'};
