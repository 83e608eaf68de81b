import fc from 'fast-check';
import {describe, expect, test} from 'vitest';
import {NO_TAGS} from '../../../native-graph/osm/elements.ts';
import {ABSENT_E7, createNodeTable, NodePlacer, placeOf} from '../../../native-graph/osm/node-table.ts';

const never = (): boolean => false;

describe('the place of an id', () => {
  test('is found from anywhere in the table', () => {
    const ids = fc.uniqueArray(fc.integer({min: -50, max: 50}), {minLength: 1});
    fc.assert(
      fc.property(ids, fc.integer({min: -60, max: 60}), fc.nat(), (list, id, anywhere) => {
        const sorted = Float64Array.from(list).sort();
        const notAbove = sorted.filter((one) => one <= id).length;
        expect(placeOf(sorted, id, anywhere % sorted.length)).toBe(Math.max(0, notAbove - 1));
      }),
      {numRuns: 5_000},
    );
  });
});

describe('a node table', () => {
  test('holds each id once, absent at first, and is filled in any order', () => {
    const table = createNodeTable(Float64Array.of(30, -1, 30, 20, 12_345_678_901, -1));
    expect([...table.ids]).toEqual([-1, 20, 30, 12_345_678_901]);
    const placer = new NodePlacer(table, (tags) => tags.get('barrier') === 'bollard');
    placer.node(12_345_678_901, 1, 2, new Map([['barrier', 'bollard']]));
    placer.node(25, 9, 9, new Map([['barrier', 'bollard']]));
    placer.node(-1, 3, 4, NO_TAGS);
    placer.node(20, 5, 6, NO_TAGS);
    expect([...table.latE7]).toEqual([3, 5, ABSENT_E7, 1]);
    expect([...table.lonE7]).toEqual([4, 6, 0, 2]);
    expect([...table.blocked]).toEqual([0, 0, 0, 1]);
    expect(placer).toMatchObject({nodes: 4, moved: 0});
  });

  test('takes the last of a node given twice, and counts those that moved', () => {
    const table = createNodeTable(Float64Array.of(7));
    const placer = new NodePlacer(table, never);
    placer.node(7, 1, 1, NO_TAGS);
    placer.node(7, 1, 1, NO_TAGS);
    expect(placer.moved).toBe(0);
    placer.node(7, 1, 2, NO_TAGS);
    expect(placer.moved).toBe(1);
    expect(table.lonE7[0]).toBe(2);
  });

  test('without ids stays empty', () => {
    const table = createNodeTable(new Float64Array(0));
    new NodePlacer(table, never).node(7, 1, 1, NO_TAGS);
    expect(table.ids).toHaveLength(0);
  });
});
