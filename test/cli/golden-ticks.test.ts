// Ticks that were recorded on another day, on another machine: decided again on the city's graph, by either router,
// they come out the same, bit for bit. A change that makes one differ changes decisions, and says so in the changelog.
import {readdirSync, readFileSync} from 'node:fs';
import {join} from 'node:path';
import {beforeAll, describe, expect, inject, test} from 'vitest';
import {type RecordedTick, withReplayWorld} from '../../src/cli/recorded-tick.ts';
import {explainer} from '../../src/dispatch/explain/explain.ts';
import {decisionHash, snapshotHash, unpackPayload} from '../../src/dispatch/record.ts';
import {decideAgain} from '../../src/dispatch/replay.ts';
import {changed} from '../../src/dispatch/what-if/changes.ts';
import type {TickHeader} from '../../src/domain/tick-record.ts';
import {gothenburgGraph} from '../support/city.ts';

const folder = new URL('../golden/ticks/', import.meta.url);
const ids = readdirSync(folder)
  .filter((name) => name.endsWith('.json'))
  .map((name) => name.replace('.json', ''));

function golden(id: string): RecordedTick {
  const header = JSON.parse(readFileSync(new URL(`${id}.json`, folder), 'utf8')) as TickHeader;
  return {header, payload: unpackPayload(readFileSync(new URL(`${id}.zst`, folder))), epoch: undefined};
}

beforeAll(async () => void (await gothenburgGraph()));
const graph = () => join(inject('runFolder'), 'city.crg');

test('there are ticks with a seed and without, with more tasks than drivers, and with what was learned', () => {
  const headers = ids.map((id) => golden(id).header);
  expect(new Set(headers.map(({solve}) => solve.saved === undefined))).toEqual(new Set([true, false]));
  expect(headers.some(({counts}) => counts.eligibleTasks > counts.eligibleDrivers)).toBe(true);
  const learned = ids.flatMap((id) => golden(id).payload.snapshot.corrections?.dropMs ?? []);
  expect(new Set(learned.map(([, , median]) => median)).size, 'by place').toBeGreaterThan(1);
});

describe.each(ids)('tick %s', (id) => {
  test.each(['cch', 'dijkstra'] as const)('is decided as it was, by %s', async (router) => {
    const recorded = golden(id);
    expect(snapshotHash(recorded.payload.snapshot)).toBe(recorded.header.snapshotHash);
    await withReplayWorld(recorded, {graph: graph(), router}, async (world) => {
      const decision = await decideAgain(recorded.payload, world);
      expect(decision.flaw).toBeUndefined();
      expect(decisionHash(decision.proposals, decision.solution)).toBe(recorded.header.decisionHash);

      const nothing = {set: {}, addDrivers: [], withoutDrivers: [], withoutTasks: [], withoutRules: []};
      const same = await decideAgain({...recorded.payload, snapshot: changed(decision.snapshot, nothing)}, world);
      expect(decisionHash(same.proposals, same.solution)).toBe(recorded.header.decisionHash);

      const ask = explainer(decision, world);
      for (const {taskId, driverId} of decision.proposals.slice(0, 5)) {
        expect(await ask.pair(taskId, driverId)).toMatchObject({kind: 'chosen', regret: {kind: 'exact'}});
      }
    });
  });
});
