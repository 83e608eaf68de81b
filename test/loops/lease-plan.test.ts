// Which daemon should dispatch which region: whatever daemons can do, whatever they hold and however late they see it,
// the moves end, and what they end with is fair.
import fc from 'fast-check';
import {expect, test} from 'vitest';
import {planLeases, type Standing} from '../../src/loops/lease-plan.ts';
import {runs} from '../support/runs.ts';

type Daemons = Standing['daemons'];
/** What stands, to be changed by what daemons do. */
type World = {readonly daemons: Daemons; readonly ownerOf: Map<string, string>; moves: number};

const loadOf = ({ownerOf}: Standing, owner: string) => [...ownerOf.values()].filter((other) => other === owner).length;
const copied = ({daemons, ownerOf}: Standing): Standing => ({daemons, ownerOf: new Map(ownerOf)});

/** One daemon looks at what it sees and does what concerns it; a claim of what another has got meanwhile fails. */
function act(world: World, seen: Standing, self: string): void {
  const plan = planLeases(seen);
  for (const [id, owner] of plan) {
    if (owner === self && !seen.ownerOf.has(id) && !world.ownerOf.has(id)) world.ownerOf.set(id, self);
    if (owner !== self && seen.ownerOf.get(id) === self && world.ownerOf.get(id) === self) {
      world.ownerOf.delete(id);
      world.moves++;
    }
  }
}

/** What is wrong with how the regions stand, in words. */
function flaws({daemons, ownerOf}: Standing): string[] {
  const living = new Set(daemons.map(({owner}) => owner));
  return daemons.flatMap(({owner, regionIds}) =>
    regionIds.flatMap((id) => {
      const holder = ownerOf.get(id);
      if (holder === undefined) return [`${id} has no owner`];
      if (!living.has(holder)) return [];
      const [held, own] = [loadOf({daemons, ownerOf}, holder), loadOf({daemons, ownerOf}, owner)];
      return held >= own + 2 ? [`${holder} holds ${held}, ${owner} could have ${id} and holds ${own}`] : [];
    }),
  );
}

const regionId = fc.integer({min: 1, max: 12}).map((n) => `r${n}`);
const regionIds = fc.uniqueArray(regionId, {maxLength: 12});
const daemons: fc.Arbitrary<Daemons> = fc
  .uniqueArray(fc.integer({min: 1, max: 9}), {minLength: 1, maxLength: 5})
  .chain((ids) => fc.tuple(...ids.map((id) => fc.record({owner: fc.constant(`d${id}`), regionIds}))));
/** Regions are free, or held by a daemon that can dispatch them, or by one that is dead. */
const holders = fc.dictionary(regionId, fc.nat({max: 8}), {maxKeys: 12});
const standing = fc.record({daemons, holders}).map(({daemons: living, holders: held}) => ({
  daemons: living,
  ownerOf: new Map(
    Object.entries(held).map(([id, n]) => {
      const able = ['dead', ...living.filter(({regionIds: ids}) => ids.includes(id)).map(({owner}) => owner)];
      return [id, able[n % able.length]!];
    }),
  ),
}));

test('who sees the same makes the same plan, in whatever order; it is fair and names every free region', () => {
  fc.assert(
    fc.property(standing, (given) => {
      const plan = planLeases(given);
      const reversed = {daemons: given.daemons.toReversed(), ownerOf: new Map([...given.ownerOf].toReversed())};
      expect(planLeases(reversed)).toEqual(plan);
      const able = new Set(given.daemons.flatMap((daemon) => daemon.regionIds));
      for (const id of able) expect(plan.has(id)).toBe(given.ownerOf.get(id) !== 'dead');
      const after = new Map([...given.ownerOf, ...plan]);
      expect(flaws({daemons: given.daemons, ownerOf: after})).toEqual([]);
      expect(planLeases({daemons: given.daemons, ownerOf: after}), 'a plan that is carried out stands').toEqual(
        new Map([...plan].map(([id]) => [id, after.get(id)])),
      );
    }),
    {numRuns: runs(500)},
  );
});

test('two rounds are enough where all see what stands: one to give back, one to claim', () => {
  fc.assert(
    fc.property(standing, ({daemons: living, ownerOf}) => {
      const world: World = {daemons: living, ownerOf: new Map(ownerOf), moves: 0};
      for (let round = 0; round < 2; round++) for (const {owner} of living) act(world, copied(world), owner);
      expect(flaws(world)).toEqual([]);
      const before = [...world.ownerOf];
      for (const {owner} of living) act(world, world, owner);
      expect([...world.ownerOf]).toEqual(before);
    }),
    {numRuns: runs(500)},
  );
});

test('daemons that see the world as it was a while ago settle all the same, and then nothing moves', () => {
  const step = fc.record({daemon: fc.nat(), ageSteps: fc.nat({max: 8})});
  fc.assert(
    fc.property(standing, fc.array(step, {minLength: 60, maxLength: 60}), ({daemons: living, ownerOf}, steps) => {
      const world: World = {daemons: living, ownerOf: new Map(ownerOf), moves: 0};
      const past: Standing[] = [copied(world)];
      for (const {daemon, ageSteps} of steps) {
        act(world, past[Math.max(0, past.length - 1 - ageSteps)]!, living[daemon % living.length]!.owner);
        past.push(copied(world));
      }
      const movesSoFar = world.moves;
      for (let round = 0; round < 3; round++) for (const {owner} of living) act(world, copied(world), owner);
      expect(flaws(world)).toEqual([]);
      expect(movesSoFar, 'no ping-pong').toBeLessThanOrEqual(ownerOf.size + 12);
    }),
    {numRuns: runs(500)},
  );
});

test('where all can dispatch all, a daemon that joins gets its share and nothing else moves', () => {
  fc.assert(
    fc.property(fc.integer({min: 1, max: 5}), fc.integer({min: 1, max: 12}), (count, regionCount) => {
      const all = Array.from({length: regionCount}, (_, i) => `r${i}`);
      const living = Array.from({length: count}, (_, i) => ({owner: `d${i}`, regionIds: all}));
      const before = planLeases({daemons: living, ownerOf: new Map()});
      const joined = [...living, {owner: 'a new one', regionIds: all}];
      const after = planLeases({daemons: joined, ownerOf: before});
      const loads = joined.map(({owner}) => loadOf({daemons: joined, ownerOf: after}, owner));
      expect(Math.max(...loads) - Math.min(...loads)).toBeLessThanOrEqual(1);
      const moved = all.filter((id) => after.get(id) !== before.get(id));
      expect(moved.every((id) => after.get(id) === 'a new one')).toBe(true);
    }),
    {numRuns: runs(200)},
  );
});
