// How a stream of events is begun, and resumed where it broke off. The first cursor is read before the stream is
// opened: one that is refused or ends before its first event is then resumed too. Each time it is opened anew the
// cursor is looked at first, for a browser's EventSource does not tell why it was refused: a cursor that is ahead of
// the daemon's database, which was restored or is another one, would be refused for ever.

const REOPEN_MS = 2_000;

/** How a stream tells what becomes of it. */
export type Heard = {
  opened(): void;
  /** With the cursor of the event. */
  event(data: string, cursor: string): void;
  /** It comes back by itself, unless it is over. */
  broken(isOver: boolean): void;
};

export type EventSourceOf = {
  /** The cursor itself, without one that of now; undefined where the daemon's database is another one. */
  cursorFrom(regionId: string, after: string | undefined): Promise<string | undefined>;
  open(regionId: string, after: string, heard: Heard): {close(): void};
};

export type StreamState = 'live' | 'reconnecting';

export function startEventStream(
  source: EventSourceOf,
  onEvent: (data: string) => void,
  onState: (state: StreamState) => void,
  /** What came until now is of another database: it begins anew. */
  onAnew: () => void,
) {
  let after: string | undefined;
  let opened: {close(): void} | undefined;
  let reopening: ReturnType<typeof setTimeout> | undefined;
  /** Counts beginnings: what an earlier one still hears is of no use. */
  let turn = 0;

  async function open(regionId: string): Promise<void> {
    const mine = turn;
    const again = () => {
      if (mine !== turn) return;
      onState('reconnecting');
      clearTimeout(reopening);
      reopening = setTimeout(() => void open(regionId), REOPEN_MS);
    };
    try {
      const from = await source.cursorFrom(regionId, after);
      if (mine !== turn) return;
      if (from === undefined) {
        after = undefined;
        onAnew();
        return void open(regionId);
      }
      after = from;
    } catch {
      return again();
    }
    opened = source.open(regionId, after, {
      opened: () => mine === turn && onState('live'),
      event(data, cursor) {
        if (mine !== turn) return;
        after = cursor;
        onEvent(data);
      },
      broken(isOver) {
        if (isOver) again();
        else if (mine === turn) onState('reconnecting');
      },
    });
  }

  function stop(): void {
    turn++;
    clearTimeout(reopening);
    opened?.close();
    opened = undefined;
  }

  return {
    /** Begins now, with this region. */
    restart(regionId: string) {
      stop();
      after = undefined;
      void open(regionId);
    },
    stop,
  };
}
