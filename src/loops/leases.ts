// The leases of a daemon: of each region a row with an owner, an end and a fence that every decision is checked
// against. The time is Postgres's alone, so a daemon whose own clock is wrong, or that was paused, decides nothing once
// its lease has passed. Daemons see each other in the database and share the regions: lease-plan.ts says how.

import {randomUUID} from 'node:crypto';
import {hostname} from 'node:os';
import type {Clock} from '../domain/clock.ts';
import type {LeaseChange} from '../metrics.ts';
import {type Cadence, startCadence} from './cadence.ts';
import {planLeases} from './lease-plan.ts';

const LEASE_TTL_MS = 5_000;
const RENEW_EVERY_MS = 1_000;
/** A region that another has given back is free for no longer than this and a round trip or two. */
const LOOK_EVERY_MS = 200;
const TIMES = {ttlMs: LEASE_TTL_MS, renewEveryMs: RENEW_EVERY_MS, lookEveryMs: LOOK_EVERY_MS};

/** A daemon is its host plus a mark of the process: a restarted one is another owner. */
export const newOwner = (): string => `${hostname()}/${randomUUID()}`;

export type Claim =
  | {readonly kind: 'held'; readonly fence: number}
  /** By another daemon, or by nobody for the moment: then the owner is undefined. */
  | {readonly kind: 'taken'; readonly owner: string | undefined};

export type LeaseRow = {
  readonly regionId: string;
  /** Null: the lease has ended, or was given back. */
  readonly owner: string | null;
  readonly fence: number;
  readonly expiresInMs: number;
  /** Who paused the region, and when; both null while it is not paused. */
  readonly pausedBy: string | null;
  readonly pausedAtMs: number | null;
};

export type LeasePort = {
  /** Says for `ttlMs` that this daemon lives. */
  readonly beat: (ttlMs: number) => Promise<void>;
  /** Says that it ends. */
  readonly leave: () => Promise<void>;
  /** Every daemon that lives, and every lease, of whichever daemon's regions. */
  readonly look: () => Promise<{
    readonly daemons: readonly {readonly owner: string; readonly regionIds: readonly string[]}[];
    readonly leases: readonly LeaseRow[];
  }>;
  /** Claims or renews, and waits for nobody. */
  readonly claim: (regionId: string, ttlMs: number) => Promise<Claim>;
  readonly release: (regionId: string, fence: number) => Promise<void>;
};

export type LeaseObserver = {
  readonly changed: (regionId: string, change: LeaseChange) => void;
  readonly failed: (error: unknown) => void;
};

/** One region's. */
export type Lease = {
  /** What the last look or claim said; a decision that relies on it is checked again by its fence. */
  current(): Claim | undefined;
  /** Runs a decision under the lease, which is not given back before it ends. One at a time. */
  during<T>(decision: Promise<T>): Promise<T>;
  /** Gives the region back once no decision runs, so that another daemon need not wait for the end of the lease. */
  stop(): Promise<void>;
};

export type Leases = {
  of(regionId: string): Lease;
  /** Of every region that has a lease, as the last look found it. */
  rows(): readonly LeaseRow[];
  /** Looks at them now: for whoever has just changed one. */
  lookAgain(): Promise<void>;
  /** Tells the others that this daemon ends: it claims nothing more, and renews what it holds until that is stopped. */
  leave(): Promise<void>;
  /** Gives everything back, leaving first if need be. */
  stop(): Promise<void>;
};

export type LeaseOptions = {
  readonly owner: string;
  /** What this daemon can dispatch. */
  readonly regionIds: readonly string[];
  /** Of a daemon; a test has less time. */
  readonly times?: typeof TIMES;
};

/** Throws what the first look throws: a daemon that cannot reach its database does not start. */
export async function keepLeases(
  port: LeasePort,
  {owner, regionIds, times = TIMES}: LeaseOptions,
  clock: Clock,
  observer: LeaseObserver,
): Promise<Leases> {
  const regions = new Map(regionIds.map((id) => [id, regionLease(id, port, times.ttlMs, observer)]));
  let rows: readonly LeaseRow[] = [];
  let beatMs = Number.NEGATIVE_INFINITY;
  let leaving: Promise<void> | undefined;

  const look = async () => {
    if (!leaving && clock.monotonicMs() - beatMs >= times.renewEveryMs) {
      beatMs = clock.monotonicMs();
      await port.beat(times.ttlMs);
    }
    const seen = await port.look();
    rows = seen.leases;
    const rowOf = new Map(rows.map((row) => [row.regionId, row]));
    const ownerOf = new Map(rows.flatMap((row) => (row.owner === null ? [] : [[row.regionId, row.owner]])));
    const plan = leaving ? undefined : planLeases({daemons: seen.daemons, ownerOf});
    const nowMs = clock.monotonicMs();
    const claims = Array.from(regions, async ([id, region]) => {
      const row = rowOf.get(id);
      if (row?.owner === owner) {
        region.see({kind: 'held', fence: row.fence}, nowMs);
        // A daemon that the others take for dead stands in no plan: it keeps what is left to it.
        if ((plan?.get(id) ?? owner) !== owner) void region.giveBack();
        else if (row.expiresInMs <= times.ttlMs - times.renewEveryMs) await region.claim(nowMs);
        return;
      }
      region.see({kind: 'taken', owner: row?.owner ?? undefined}, nowMs);
      if (!plan || row?.owner) return;
      // Whatever keeps the daemon from it that should have it by the plan, a region does not wait for longer.
      if (plan.get(id) === owner || region.freeForMs(nowMs) > times.ttlMs) await region.claim(nowMs);
    });
    await Promise.all(claims);
  };

  let looking = look();
  try {
    await looking;
  } catch (error) {
    await port.leave().catch(() => {}); // the reason is told already
    throw error;
  }
  const cadence: Cadence = startCadence(times.lookEveryMs, clock, () => {
    looking = look().catch((error: unknown) => {
      // Unknown is not held: until the database answers again, no tick starts here. Then it says again that it lives.
      beatMs = Number.NEGATIVE_INFINITY;
      for (const region of regions.values()) region.forget();
      observer.failed(error);
    });
    return looking;
  });

  const leave = () => {
    leaving ??= looking.then(port.leave).catch(observer.failed);
    return leaving;
  };
  return {
    of(regionId) {
      const region = regions.get(regionId);
      if (!region) throw new Error(`the leases are kept of ${regionIds.join(', ')}, not of ${regionId}`);
      return region;
    },
    rows: () => rows,
    async lookAgain() {
      rows = (await port.look()).leases;
    },
    leave,
    async stop() {
      await leave();
      await Promise.all(Array.from(regions.values(), (region) => region.stop()));
      await cadence.stop();
    },
  };
}

function regionLease(regionId: string, port: LeasePort, ttlMs: number, observer: LeaseObserver) {
  let last: Claim | undefined;
  let unknown = true;
  let freeSinceMs: number | undefined;
  /** A claim or renewal under way. */
  let asking: Promise<void> | undefined;
  let decision: Promise<unknown> | undefined;
  let givingBack: Promise<void> | undefined;
  let givenBackFence = 0;
  let stopping = false;

  const current = () => (unknown ? undefined : last);
  const know = (next: Claim, loss: LeaseChange) => {
    const [had, has] = [current()?.kind === 'held', next.kind === 'held'];
    last = next;
    unknown = false;
    if (had !== has) observer.changed(regionId, has ? 'gained' : loss);
  };
  const see = (next: Claim, nowMs: number) => {
    freeSinceMs = next.kind === 'taken' && next.owner === undefined ? (freeSinceMs ?? nowMs) : undefined;
    // What was read before the lease was given back is no news.
    if (!givingBack && !(next.kind === 'held' && next.fence <= givenBackFence)) know(next, 'lost');
  };
  const forget = () => {
    if (current()?.kind === 'held') observer.changed(regionId, 'lost');
    unknown = true;
  };
  /** Never fails: what cannot be given back ends by itself. */
  const giveBack = (): Promise<void> => {
    if (last?.kind !== 'held') return givingBack ?? Promise.resolve();
    const {fence} = last;
    givenBackFence = fence;
    know({kind: 'taken', owner: undefined}, 'given_back'); // from now on no decision starts
    givingBack = (async () => {
      await decision?.catch(() => {}); // whoever asked for that decision is told how it failed
      await port.release(regionId, fence).catch(observer.failed);
      givingBack = undefined;
    })();
    return givingBack;
  };
  return {
    current,
    see,
    forget,
    giveBack,
    freeForMs: (nowMs: number) => (freeSinceMs === undefined ? 0 : nowMs - freeSinceMs),
    claim(nowMs: number): Promise<void> {
      if (givingBack || (stopping && last?.kind !== 'held')) return Promise.resolve();
      asking = port.claim(regionId, ttlMs).then(
        (claim) => see(claim, nowMs),
        (error: unknown) => {
          forget();
          observer.failed(error);
        },
      );
      return asking;
    },
    async during<T>(running: Promise<T>): Promise<T> {
      decision = running;
      try {
        return await running;
      } finally {
        decision = undefined;
      }
    },
    async stop() {
      stopping = true;
      await asking;
      await giveBack();
    },
  };
}
