// Which daemon should dispatch which region. Every daemon makes the same plan of the same rows, and does of it what
// concerns itself; nobody tells another what to do, and the lease settles what two daemons see differently.
//
// A free region goes to the daemon with the fewest regions among those that can dispatch it. A region that is held
// stays where it is, unless another that could have it would still have fewer than its holder has now. So a region
// moves only from a to b where a holds at least two more than b: each move makes the sum of the squares of what they
// hold smaller, by two at least. That sum is a natural number: the moves end, and whoever has given a region back is
// not the one who gets it. What it ends with: no region stands with a daemon that holds two more than another that
// could dispatch it; where all can dispatch all, any two differ by one at most.

export type Standing = {
  /** Daemons that live, and the regions each can dispatch. */
  readonly daemons: readonly {readonly owner: string; readonly regionIds: readonly string[]}[];
  /** Owners of the regions that are held; one of them may be no daemon that lives, and then the region has to wait. */
  readonly ownerOf: ReadonlyMap<string, string>;
};

/** By region the daemon that should have it, for every region that a living daemon can dispatch and may have. */
export function planLeases({daemons, ownerOf}: Standing): Map<string, string> {
  const owners = ascending(daemons.map(({owner}) => owner));
  const able = new Map<string, Set<string>>();
  for (const {owner, regionIds} of daemons) {
    for (const id of regionIds) able.set(id, (able.get(id) ?? new Set()).add(owner));
  }
  const regionIds = ascending([...able.keys()]);
  const plan = new Map<string, string>();
  const load = new Map(owners.map((owner) => [owner, 0]));
  const give = (id: string, to: string, from?: string) => {
    plan.set(id, to);
    load.set(to, load.get(to)! + 1);
    if (from !== undefined) load.set(from, load.get(from)! - 1);
  };
  const leastLoaded = (id: string): string =>
    owners.filter((owner) => able.get(id)!.has(owner)).reduce((a, b) => (load.get(b)! < load.get(a)! ? b : a));

  for (const id of regionIds) {
    const owner = ownerOf.get(id);
    if (owner !== undefined && load.has(owner)) give(id, owner);
  }
  for (const id of regionIds) if (!ownerOf.has(id)) give(id, leastLoaded(id));
  for (let moved = true; moved; ) {
    moved = false;
    for (const id of regionIds) {
      const from = plan.get(id);
      if (from === undefined) continue;
      const to = leastLoaded(id);
      if (load.get(from)! < load.get(to)! + 2) continue;
      give(id, to, from);
      moved = true;
    }
  }
  return plan;
}

/** By UTF-16 unit, so that every daemon sorts alike whatever its locale. */
const ascending = (names: readonly string[]): string[] => [...names].sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
