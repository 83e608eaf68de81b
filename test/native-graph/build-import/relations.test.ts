import {describe, expect, test} from 'vitest';
import {importNetwork} from '../../../native-graph/build/import.ts';
import {headOf, tailOf} from '../../../native-graph/build/turns.ts';
import {node, type RelationData, type Tagging, toXml, way} from '../../support/map-data.ts';
import {mapFiles} from '../../support/map-file.ts';
import {sharedFile} from '../../support/shared.ts';

const write = mapFiles();

/**
 * Node 5 in the middle of a cross of 1 (north), 2 (west), 3 (south), 4 (east). Street 10 runs from north to south in
 * one piece, 20 and 40 join west and east to the middle, 60 goes on from the east end to 6, 70 comes there from 7.
 */
const CROSS = [
  node(5, 0, 0),
  node(1, 9_000, 0),
  node(2, 0, -9_000),
  node(3, -9_000, 0),
  node(4, 0, 9_000),
  node(6, 0, 18_000),
  node(7, 9_000, 9_000),
  way(10, [1, 5, 3]),
  way(20, [2, 5]),
  way(40, [5, 4]),
  way(60, [4, 6]),
  way(70, [7, 4]),
];

type Parts = {from?: number[]; via?: number[]; viaWays?: number[]; to?: number[]};

function relation({from = [], via = [], viaWays = [], to = []}: Parts, tags: Tagging): RelationData {
  const members = (role: string, kind: 'node' | 'way', ids: number[]) => ids.map((id) => ({kind, id, role}));
  return {
    kind: 'relation',
    id: 1,
    members: [
      ...members('from', 'way', from),
      ...members('via', 'node', via),
      ...members('via', 'way', viaWays),
      ...members('to', 'way', to),
    ],
    tags: {type: 'restriction', ...tags},
  };
}

/** The restrictions as the nodes passed, '-253' forbidden and '+253' the only way on; and what was dropped. */
async function read(parts: Parts, tags: Tagging): Promise<{kept: string[]; dropped: Record<string, number>}> {
  const network = await importNetwork(write(toXml([...CROSS, relation(parts, tags)])));
  const {junctionOsmId: ids, restrictions = [], source} = network;
  const kept = restrictions.map(({only, path}) => {
    const nodes = [ids[tailOf(network, path[0])], ...path.map((d) => ids[headOf(network, d)])];
    return `${only ? '+' : '-'}${nodes.join('')}`;
  });
  return {kept, dropped: {...source.dropped}};
}

const kind = (restriction: string): Tagging => ({restriction});
const AT_5 = {from: [20], via: [5], to: [40]};

describe('a restriction relation', () => {
  test.each([
    ['no_straight_on', {from: [20], via: [5], to: [40]}, ['-254']],
    ['only_straight_on', {from: [20], via: [5], to: [40]}, ['+254']],
    ['no_u_turn', {from: [20], via: [5], to: [20]}, ['-252']],
    ['no_entry', {from: [20, 40], via: [5], to: [10]}, ['-251', '-253', '-451', '-453']],
    ['no_exit', {from: [20], via: [5], to: [40, 10]}, ['-254', '-251', '-253']],
  ])('%s between whole ways', async (restriction, parts, kept) => {
    const found = await read(parts, kind(restriction));
    expect(found.kept.sort()).toEqual([...kept].sort());
    expect(found.dropped).toEqual({});
  });

  test.each([
    ['no_left_turn', '-251'],
    ['no_right_turn', '-253'],
  ])('%s into a way that runs through the junction means the half that lies there', async (restriction, path) => {
    expect((await read({from: [20], via: [5], to: [10]}, kind(restriction))).kept).toEqual([path]);
  });

  test('from a way that runs through the junction means the half from which the turn is such a turn', async () => {
    expect((await read({from: [10], via: [5], to: [40]}, kind('no_left_turn'))).kept).toEqual(['-154']);
    expect((await read({from: [10], via: [5], to: [40]}, kind('no_right_turn'))).kept).toEqual(['-354']);
  });

  test('over a way runs through it from the one to the other', async () => {
    const parts = {from: [10], viaWays: [40], to: [60]};
    expect((await read(parts, kind('no_left_turn'))).kept).toEqual(['-1546']);
    expect((await read({from: [20], viaWays: [40], to: [70]}, kind('only_left_turn'))).kept).toEqual(['+2547']);
  });

  test('over two ways needs both', async () => {
    const parts = {from: [20], viaWays: [40, 60], to: [70]};
    expect(await read(parts, kind('no_u_turn'))).toEqual({kept: [], dropped: {'restriction-unmatched': 1}});
  });

  test.each<[string, Tagging]>([
    ['excepts cars', {restriction: 'no_left_turn', except: 'psv;motorcar'}],
    ['excepts motor vehicles', {restriction: 'no_left_turn', except: 'motor_vehicle'}],
    ['is for lorries', {'restriction:hgv': 'no_left_turn'}],
    ['is no restriction', {type: 'route', restriction: 'no_left_turn'}],
  ])('that %s is none of ours', async (_, tags) => {
    expect(await read(AT_5, tags)).toEqual({kept: [], dropped: {}});
  });

  test.each<[Tagging]>([
    [{'restriction:motorcar': 'no_straight_on'}],
    [{'restriction:motor_vehicle': 'no_straight_on'}],
  ])('for cars alone holds: %o', async (tags) => {
    expect((await read(AT_5, tags)).kept).toEqual(['-254']);
  });

  test('a member that is no road here leaves the others their restriction, unless it is an only goal', async () => {
    const parts = {...AT_5, from: [20, 999]};
    expect((await read(parts, kind('no_straight_on'))).kept).toEqual(['-254']);
    expect((await read({...AT_5, to: [40, 999]}, kind('no_straight_on'))).kept).toEqual(['-254']);
    const only = await read({...AT_5, to: [40, 999]}, kind('only_straight_on'));
    expect(only).toEqual({kept: [], dropped: {'restriction-incomplete': 1}});
  });

  test.each<[string, Parts, Tagging]>([
    ['conditional', AT_5, {'restriction:conditional': 'no_straight_on @ (Mo-Fr 07:00-09:00)'}],
    ['conditional', AT_5, {restriction: 'no_straight_on', hour_on: '07:00', hour_off: '09:00'}],
    ['malformed', AT_5, kind('no_such_turn')],
    ['malformed', {from: [20], to: [40]}, kind('no_straight_on')],
    ['incomplete', {from: [20], via: [5], to: [999]}, kind('no_straight_on')],
    ['unmatched', {from: [20], via: [4], to: [40]}, kind('no_straight_on')],
  ])('is counted as %s', async (reason, parts, tags) => {
    expect(await read(parts, tags)).toEqual({kept: [], dropped: {[`restriction-${reason}`]: 1}});
  });
});

describe('real maps', () => {
  test.each([
    ['porto.osm.pbf', 335, 1],
    ['heidelberg.osm.pbf', 447, 0],
    ['washington-dc-cathedral.osm.pbf', 121, 0],
    ['isle-of-man.osm.pbf', 30, 0],
  ])('%s keeps most of its restrictions', async (name, kept, overWays) => {
    const file = sharedFile(`data/osm/${name}`);
    if (!file) return;
    const {restrictions = []} = await importNetwork(file);
    expect(restrictions).toHaveLength(kept);
    expect(restrictions.filter(({path}) => path.length > 2)).toHaveLength(overWays);
  });
});
