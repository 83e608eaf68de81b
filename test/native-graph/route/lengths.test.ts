import assert from 'node:assert/strict';
import fc from 'fast-check';
import {test} from 'vitest';
import {UNREACHABLE_MS} from '../../../native-graph/layout.ts';
import {type Position, positionsOf} from '../../../native-graph/position.ts';
import {everyPick, NO_LIMIT_MS, timesFrom} from '../../../native-graph/route/dijkstra.ts';
import {createLengthScratch, lengthsFrom} from '../../../native-graph/route/lengths.ts';
import {fastestWay, route} from '../../../native-graph/route/path.ts';
import {createScratch} from '../../../native-graph/route/scratch.ts';
import {randomWorld} from '../../support/random-network.ts';

// The very same double, also where several ways take the same time: both are traced by one rule.
test('a row has the lengths of the ways between its places, whatever else was asked for', () => {
  fc.assert(
    fc.property(fc.integer(), (seed) => {
      const {graph, places} = randomWorld(seed);
      const scratch = createScratch(graph);
      const lengths = createLengthScratch(graph);
      const positions = positionsOf(places);
      const picks = everyPick(positions);
      const [timesMs, lengthsM] = [new Int32Array(places.length), new Float64Array(places.length)];
      const ways = places.map((from) => places.map((to) => from && to && route(graph, scratch, from, to)));
      for (let from = 0; from < places.length; from++) {
        if (places[from] === null) continue;
        timesFrom(graph, scratch, positions, from, positions, picks, NO_LIMIT_MS, timesMs);
        lengthsFrom(graph, scratch, lengths, positions, from, positions, picks, timesMs, lengthsM);
        for (let to = 0; to < places.length; to++) {
          const way = ways[from][to];
          assert.equal(timesMs[to], way?.durationMs ?? UNREACHABLE_MS);
          assert.equal(lengthsM[to], way?.lengthM ?? Number.NaN);
        }
      }
    }),
    {numRuns: 500},
  );
});

test('a way is the same among many positions as alone', () => {
  fc.assert(
    fc.property(fc.integer(), (seed) => {
      const {graph, places} = randomWorld(seed);
      const scratch = createScratch(graph);
      const positions = positionsOf(places);
      const [from, to] = [0, places.length - 1];
      if (places[from] === null || places[to] === null) return;
      const alone = [places[from], places[to]].map((at: Position) => positionsOf([at]));
      assert.deepEqual(
        fastestWay(graph, scratch, positions, from, positions, to),
        fastestWay(graph, scratch, alone[0], 0, alone[1], 0),
      );
    }),
    {numRuns: 200},
  );
});
