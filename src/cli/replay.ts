// Decides a recorded tick again, from its payload and the graph alone, and compares the hashes.

import type {Database} from '../db/connect.ts';
import {listRegions} from '../db/regions.ts';
import {readSpeedEpoch} from '../db/speed-epochs.ts';
import {readTick, readTickPayload} from '../db/ticks.ts';
import {recordedAnswer} from '../dispatch/last-answer.ts';
import {unpackPayload} from '../dispatch/record.ts';
import {tick} from '../dispatch/tick.ts';
import {systemClock} from '../domain/clock.ts';
import {InputFailure} from '../domain/failure.ts';
import {type DatabaseOptions, withDatabase} from './database.ts';
import {type GraphOptions, withEngine} from './engine.ts';
import {nearestDrivers, nearestOfAll, timeLegs} from './region-port.ts';
import {terminal} from './terminal.ts';
import {codeVersion} from './version.ts';

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

export async function replay(id: string, options: DatabaseOptions & GraphOptions & {readonly json?: boolean}) {
  if (!UUID.test(id)) throw new InputFailure('TICK_UNKNOWN', `${id} is not the id of a tick`);
  const {header, payload, epoch} = await withDatabase(options, (db) => recorded(db, id));
  const {snapshot, nearestByRoad, seed} = unpackPayload(payload);
  const epochOf = async (graphHash: string) => {
    if (epoch === undefined || epoch.graphHash === graphHash) return epoch;
    throw new InputFailure('GRAPH_DIFFERS', `the graph file is not the one that tick ${id} was decided on`);
  };
  const replayedHash = await withEngine(header.graph, options, epochOf, async ({router, pool}) => {
    // Candidates are chosen as they were then, whichever router this is.
    const byRoad = nearestDrivers(router, snapshot.regionId) ?? nearestOfAll(router);
    const outcome = await tick(
      {
        readSnapshot: async () => snapshot,
        timeLegs: (legs) => timeLegs(router, legs),
        nearestDrivers: nearestByRoad ? byRoad : undefined,
        solve: pool.solve,
        openOffers: unused,
        saveRecord: unused,
        monotonicMs: systemClock.monotonicMs,
        graphEpoch: router.epoch,
        codeVersion,
        fence: header.fence,
      },
      {id, trigger: header.trigger, dryRun: true, last: seed && recordedAnswer(snapshot, seed)},
    );
    return outcome.kind === 'ticked' ? outcome.header.decisionHash : '';
  });
  const same = replayedHash === header.decisionHash;
  const verdict = same ? 'the same decision' : 'ANOTHER decision';
  const code =
    header.codeVersion === codeVersion ? '' : ` (recorded by ${header.codeVersion}, replayed by ${codeVersion})`;
  terminal(options.json ?? false).answer(
    {id, recordedHash: header.decisionHash, replayedHash, same},
    `tick ${id}: ${verdict}${code}`,
  );
  if (!same) process.exitCode = 1;
}

async function recorded(db: Database, id: string) {
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
    return {header, payload, epoch};
  }
  throw new InputFailure('TICK_UNKNOWN', `no tick ${id} is recorded`);
}

/** A dry run neither commits nor records. */
const unused = async (): Promise<never> => {
  throw new Error('a replay commits nothing');
};
