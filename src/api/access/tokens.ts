// The tokens as the HTTP side knows them: read from the database when they are first presented, and held for a few
// seconds, so that a busy client costs the database next to nothing and a revocation takes effect within that time.

import {LRUCache} from 'lru-cache';
import type {Database} from '../../db/connect.ts';
import {countTokens, readSecret as readStored, type StoredSecret} from '../../db/tokens.ts';
import {type Presented, type Scope, sameHash} from '../../domain/access.ts';
import type {Clock} from '../../domain/clock.ts';
import {TOKEN_FRESH_MS, TOKEN_STALE_LIMIT_MS, TOKENS_HELD} from '../limits.ts';

export type Known = {readonly id: string; readonly name: string; readonly scopes: readonly Scope[]};

export type Tokens = {
  /**
   * Whether requests need a token: as soon as the database has had one, be it revoked by now. What was locked once does
   * not open because its last token expired.
   */
  wanted(): Promise<boolean>;
  /** The token behind it where that was read just now, and so costs nothing. */
  held(presented: Presented): Known | undefined;
  /** The token behind it; undefined where there is none, or it has ended, or the secret is another. */
  find(presented: Presented): Promise<Known | undefined>;
  /** Forgets what is held of it. */
  forget(presented: Presented): void;
};

type Held = {readonly stored: StoredSecret | undefined; readonly readMs: number};

/** `wanted` is what the database said when the daemon started. */
export function openTokens(db: Database, {monotonicMs}: Pick<Clock, 'monotonicMs'>, wanted: boolean): Tokens {
  const held = new LRUCache<string, Held, Presented>({
    max: TOKENS_HELD,
    ttl: TOKEN_FRESH_MS,
    ttlResolution: 0,
    perf: {now: monotonicMs},
    // While the database is gone, what was known goes on: metrics must be readable just then.
    allowStaleOnFetchRejection: true,
    noDeleteOnFetchRejection: true,
    noDeleteOnStaleGet: true,
    fetchMethod: async (_key, _stale, {context: {kind, id}}) => ({
      stored: await readStored(db, kind, id),
      readMs: monotonicMs(),
    }),
  });
  let locked = wanted;
  let askedMs = monotonicMs();
  let asking: Promise<void> | undefined;

  /** A database that is gone changes nothing: the last answer stands. */
  const ask = async () => {
    askedMs = monotonicMs();
    const counts = await countTokens(db).catch(() => undefined);
    if (counts && counts.made > 0) locked = true;
  };

  async function read(presented: Presented, forceRefresh: boolean): Promise<StoredSecret | undefined> {
    const found = await held.fetch(keyOf(presented), {context: presented, forceRefresh});
    if (found && monotonicMs() - found.readMs <= TOKEN_STALE_LIMIT_MS) return found.stored;
    // The database could not be asked, and nothing is known that may still be gone by: this says what is wrong.
    return readStored(db, presented.kind, presented.id);
  }

  return {
    async wanted() {
      if (locked) return true;
      if (monotonicMs() - askedMs >= TOKEN_FRESH_MS) asking = ask();
      await asking;
      return locked;
    },
    held: (presented) => knownBy(presented, held.get(keyOf(presented))?.stored),
    async find(presented) {
      const stored = await read(presented, false);
      const known = knownBy(presented, stored);
      if (known || !stored) return known;
      // It may have been rotated since it was read.
      return knownBy(presented, await read(presented, true));
    },
    forget: (presented) => void held.delete(keyOf(presented)),
  };
}

/** Both hashes are compared in constant time. */
function knownBy(presented: Presented, stored: StoredSecret | undefined): Known | undefined {
  if (!stored) return undefined;
  const {id, name, scopes, secretHash, previousHash} = stored;
  const isOwn = sameHash(presented.secretHash, secretHash);
  const isPrevious = previousHash !== null && sameHash(presented.secretHash, previousHash);
  return isOwn || isPrevious ? {id, name, scopes} : undefined;
}

const keyOf = ({kind, id}: Presented): string => `${kind} ${id}`;
