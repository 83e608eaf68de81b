// Live speeds of one graph: makes epochs of what is posted, stores them, and loads whatever is newest in the database,
// whoever made it. An epoch goes through four steps, of which only the last is seen by anybody:
//   1. rows are matched and the weights are filled and checked, on threads apart, into spare memory;
//   2. the epoch is stored, which gives it its number (an epoch of another daemon has that already);
//   3. `prepare` makes ready what searches need besides the weights;
//   4. the router is replaced, at once. Ticks in flight keep the one they hold.
//
// Invariants: the standing epoch only grows; what fails before step 4 leaves it as it was.

import {graphHash} from '../../native-graph/file.ts';
import type {EpochMade} from '../../native-graph/metric/epoch.ts';
import type {PostedSpeeds, SpeedsAnswer} from '../api/world.ts';
import type {Database} from '../db/connect.ts';
import {type KeptSpeeds, newestSpeedEpoch, readSpeedEpoch, saveSpeedEpoch} from '../db/speed-epochs.ts';
import {InputFailure} from '../domain/failure.ts';
import type {SpeedEpoch} from '../domain/speed-epoch.ts';
import type {EpochThreads} from '../pool/epoch-threads.ts';
import type {EpochMemory, EpochSearches, Epochs, WritableMemory} from '../router/epochs.ts';

/**
 * Makes an epoch ready to be searched and gives what answers its searches. Its weights are there; what else it needs is
 * put into the same memory, which stays until nothing uses the epoch any more. It may take long, elsewhere; a throw
 * keeps the epoch from standing.
 */
export type PrepareEpoch = (epoch: number, memory: EpochMemory) => Promise<EpochSearches>;

export type LiveSpeedsOptions = {
  readonly db: Database;
  readonly graph: string;
  readonly epochs: Epochs;
  readonly epochThreads: EpochThreads;
  readonly prepare: PrepareEpoch;
  readonly monotonicMs: () => number;
  /** Told once an epoch stands; `tookMs` from the first step to the last. */
  readonly onStand?: (epoch: SpeedEpoch, tookMs: number) => void;
};

export type LiveSpeeds = {
  /** The record of the standing epoch; undefined for epoch 0. */
  standing(): SpeedEpoch | undefined;
  put(posted: PostedSpeeds): Promise<SpeedsAnswer>;
  /** Goes back to the times of the graph file, as an epoch without rows. */
  clear(source: string): Promise<SpeedsAnswer>;
  /**
   * Loads the newest epoch of the database, if it is newer. One that could not be made is tried again after two
   * seconds, four, … , at most a minute; one that comes after it at once.
   */
  follow(): Promise<void>;
};

const FIRST_WAIT_MS = 2_000;
const LONGEST_WAIT_MS = 60_000;

export function liveSpeeds(options: LiveSpeedsOptions): LiveSpeeds {
  const {db, graph, epochs, epochThreads, monotonicMs} = options;
  const hash = graphHash(epochs.graph);
  let standing: (SpeedEpoch & KeptSpeeds) | undefined;
  let last: Promise<unknown> = Promise.resolve();
  let failed: {readonly epoch: number; readonly waitMs: number; readonly untilMs: number} | undefined;

  /** One epoch at a time. */
  function inTurn<T>(make: () => Promise<T>): Promise<T> {
    const made = last.then(make);
    last = made.catch(() => {});
    return made;
  }

  /** Lends memory to `use`, which ends once no thread writes to it any more. */
  async function withMemory<T>(use: (memory: WritableMemory) => Promise<T>): Promise<T> {
    const memory = epochs.takeMemory();
    try {
      return await use(memory);
    } finally {
      epochs.giveBack(memory);
    }
  }

  async function stand(epoch: SpeedEpoch & KeptSpeeds, memory: WritableMemory, startMs: number): Promise<void> {
    const searches = await options.prepare(epoch.epoch, memory);
    epochs.stand(epoch.epoch, memory, searches);
    standing = epoch;
    options.onStand?.(epoch, monotonicMs() - startMs);
  }

  const readNewest = () => newestSpeedEpoch(db, graph, hash);

  async function follow(): Promise<void> {
    const newest = await readNewest();
    const before = failed?.epoch === newest?.epoch ? failed : undefined;
    if (before && monotonicMs() < before.untilMs) return;
    try {
      await load(newest);
      failed = undefined;
    } catch (error) {
      const waitMs = before ? Math.min(2 * before.waitMs, LONGEST_WAIT_MS) : FIRST_WAIT_MS;
      if (newest) failed = {epoch: newest.epoch, waitMs, untilMs: monotonicMs() + waitMs};
      throw error;
    }
  }

  async function load(newest: SpeedEpoch | undefined): Promise<void> {
    if (!newest || newest.epoch <= epochs.current().epoch) return;
    const found = await readSpeedEpoch(db, graph, newest.epoch);
    if (!found) return; // overtaken and dropped in between; the next look finds what came after it
    const startMs = monotonicMs();
    await withMemory(async (memory) => {
      const made = await epochThreads.make(graph, {kept: found.kept}, memory.weights);
      if (made.weightsHash !== found.weightsHash) {
        const told = `epoch ${found.epoch} of graph ${graph} has other weights here than where it was made`;
        throw new InputFailure('EPOCH_DIFFERS', told);
      }
      await stand(found, memory, startMs);
    });
  }

  async function make({csv, mode, source}: PostedSpeeds, mayBeEmpty: boolean): Promise<SpeedsAnswer> {
    for (;;) {
      await load(await readNewest());
      const startMs = monotonicMs();
      const answer = await withMemory(async (memory): Promise<SpeedsAnswer | undefined> => {
        const kept = mode === 'merge' ? standing?.kept : undefined;
        const made = await epochThreads.make(graph, kept ? {kept, csv} : {csv}, memory.weights);
        const {report} = made;
        if (report.rowsApplied === 0 && !mayBeEmpty) return {kind: 'nothing-applies', report};
        if (isStanding(made)) return {kind: 'stands', epoch: epochs.current().epoch, repeated: true, report};
        const record = recordOf(made, source);
        const mergedOnto = mode === 'merge' ? (standing?.epoch ?? 0) : null;
        const saved = await saveSpeedEpoch(db, {...record, kept: made.kept, mergedOnto});
        if (saved.kind === 'overtaken') return undefined;
        const {epoch, atMs} = saved;
        await stand({...record, kept: made.kept, epoch, atMs}, memory, startMs);
        return {kind: 'stands', epoch, repeated: false, report};
      });
      if (answer) return answer;
    }
  }

  const isStanding = ({speedsHash, rowsInUse}: EpochMade): boolean =>
    standing ? speedsHash === standing.speedsHash : rowsInUse === 0;

  const recordOf = ({report, speedsHash, weightsHash, rowsInUse}: EpochMade, source: string) => ({
    graph,
    graphHash: hash,
    source,
    speedsHash,
    weightsHash,
    rowsInUse,
    segmentsChanged: report.segmentsChanged,
  });

  return {
    standing: () => standing,
    put: (posted) => inTurn(() => make(posted, false)),
    clear: (source) => inTurn(() => make({csv: new Uint8Array(0), mode: 'replace', source}, true)),
    follow: () => inTurn(follow),
  };
}
