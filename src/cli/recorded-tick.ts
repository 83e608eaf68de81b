// A recorded tick for a command that decides it again: its record, and the roads and solver of then.

import type {Database} from '../db/connect.ts';
import {listRegions} from '../db/regions.ts';
import {readSpeedEpoch} from '../db/speed-epochs.ts';
import {readTick, readTickPayload} from '../db/ticks.ts';
import type {Decision} from '../dispatch/decision.ts';
import {decisionHash, type Payload, unpackPayload} from '../dispatch/record.ts';
import {decideAgain, type ReplayWorld} from '../dispatch/replay.ts';
import {systemClock} from '../domain/clock.ts';
import {InputFailure} from '../domain/failure.ts';
import type {TickHeader} from '../domain/tick-record.ts';
import {type Engine, type GraphOptions, type KeptEpoch, withEngine} from './engine.ts';
import {nearestDrivers, nearestOfAll, timeLegs} from './region-port.ts';

/** As people and scripts give it, in either case. */
export const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

export type RecordedTick = {
  readonly header: TickHeader;
  readonly payload: Payload;
  /** Live speeds that it went by; undefined for the times of the graph file. */
  readonly epoch: KeptEpoch | undefined;
};

/** InputFailure: TICK_UNKNOWN, PAYLOAD_DROPPED, EPOCH_DROPPED, PAYLOAD_VERSION. */
export async function readRecorded(db: Database, id: string): Promise<RecordedTick> {
  if (!UUID.test(id)) throw new InputFailure('TICK_UNKNOWN', `${id} is not the id of a tick`);
  for (const region of await listRegions(db)) {
    const header = await readTick(db, region.id, id);
    if (!header) continue;
    const payload = await readTickPayload(db, region.id, id);
    if (!payload) throw new InputFailure('PAYLOAD_DROPPED', `the payload of tick ${id} is past its keeping`);
    const {graph, graphEpoch} = header;
    const epoch = graphEpoch > 0 ? await readSpeedEpoch(db, graph, graphEpoch) : undefined;
    if (graphEpoch > 0 && !epoch) {
      throw new InputFailure('EPOCH_DROPPED', `epoch ${graphEpoch} of graph ${graph} is past its keeping`);
    }
    return {header, payload: unpackPayload(payload), epoch};
  }
  throw new InputFailure('TICK_UNKNOWN', `no tick ${id} is recorded`);
}

/** Opens the graph at the epoch of the tick and calls `use`. InputFailure: GRAPH_DIFFERS and those of withEngine. */
export function withReplayWorld<T>(
  {header, epoch}: RecordedTick,
  options: GraphOptions,
  use: (world: ReplayWorld) => Promise<T>,
): Promise<T> {
  const epochOf = async (graphHash: string) => {
    if (epoch === undefined || epoch.graphHash === graphHash) return epoch;
    throw new InputFailure('GRAPH_DIFFERS', `the graph file is not the one that tick ${header.id} was decided on`);
  };
  return withEngine(header.graph, options, epochOf, (engine) => use(replayWorld(engine, header.regionId)));
}

/** The decision of then. InputFailure DECIDED_OTHERWISE: what is said of another would not be true of this tick. */
export async function decideAsRecorded({header, payload}: RecordedTick, world: ReplayWorld): Promise<Decision> {
  const decision = await decideAgain(payload, world);
  if (isAsRecorded(decision, header)) return decision;
  throw new InputFailure(
    'DECIDED_OTHERWISE',
    `tick ${header.id} is decided otherwise here: \`replay\` tells by what code`,
  );
}

export const isAsRecorded = ({proposals, solution}: Decision, header: TickHeader): boolean =>
  decisionHash(proposals, solution) === header.decisionHash;

type Deciding = Pick<Engine, 'router'> & {readonly pool: Pick<Engine['pool'], 'solve'>};

/** `fleet` names the index of drivers that the router keeps for these questions. */
export const replayWorld = ({router, pool}: Deciding, fleet: string): ReplayWorld => ({
  timeLegs: (legs) => timeLegs(router, legs),
  nearestDrivers: nearestDrivers(router, fleet) ?? nearestOfAll(router),
  solve: pool.solve,
  monotonicMs: systemClock.monotonicMs,
});
