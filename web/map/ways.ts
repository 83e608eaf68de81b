// The ways of drivers along the roads to their next stops: of every assignment in view, as long as there are not too
// many; the rest stay straight lines. A way is asked for once, then cut behind its driver as the driver goes, and asked
// for anew only when the driver has left it or has another stop. Where there was none, it is asked for again after a
// while: the driver may have been off the roads.

import type {LiveMap} from '../wire.ts';
import type {Foot} from './live-legs.ts';
import {NEXT_STOP, type Place, type WayOf} from './live-picture.ts';
import {worldX, worldY} from './mercator.ts';
import {placesOf} from './polyline.ts';

/** Assignments in view: of more, none is drawn along the roads, for nobody could tell them apart. */
const IN_VIEW_LIMIT = 300;
/** Of one request: WAYS_PER_CALL of src/api/limits.ts. */
const PER_CALL = 50;
/** How far from its way a driver may be, besides the least that it was since the way was asked for. */
const OFF_WAY_M = 60;
/** Where there was no way, it is asked for again once the driver is so far from there, or after so long. */
const MOVED_M = 200;
const NO_WAY_AGAIN_MS = 30_000;
/** Further off, what is left of the old way is no likeness of the new one. */
const FAR_OFF_M = 1_000;
const EARTH_M = 40_075_017;

type Leg = {
  readonly taskId: string;
  /** Changes when the way does: whose it is, and where to. */
  readonly key: string;
  readonly from: readonly [lon: number, lat: number];
  readonly to: readonly [lon: number, lat: number];
};
type Way = {
  readonly key: string;
  /** Empty: there is no way. */
  readonly places: readonly Place[];
  /** How far off it its driver may be. It shrinks as the driver comes nearer, from off the roads onto them. */
  slackM: number;
  readonly askedMs: number;
  readonly askedAt: Place;
  /** Its driver has left it: it is drawn until the next one comes. */
  isLeft: boolean;
  /** Where on it the driver was last; it never goes back. */
  foot: Foot;
};

/** Polylines by pair, `lon,lat,lon,lat` each; null where there is no way. */
export type AskWays = (
  regionId: string,
  pairs: readonly string[],
  signal: AbortSignal,
) => Promise<readonly (string | null)[]>;

/** What of the map it needs. */
export type Seen = {
  view(): (lon: number, lat: number) => boolean;
  readonly live: {readonly legsShown: boolean};
};

export function startWays(map: Seen, askDaemon: AskWays, clockMs: () => number) {
  /** Of what is known and asked for; the page may have chosen another one, which is not shown yet. */
  let regionId = '';
  const known = new Map<string, Way>();
  let isShown = false;
  /** Tasks whose leg has both ends out of view: its straight line would cross the streets of others. */
  let elsewhere = new Set<string>();
  let asking: AbortController | undefined;

  /** Goes on along the way with the driver. */
  const wayOf: WayOf = (taskId, driver) => {
    const way = known.get(taskId);
    if (!isShown) return undefined;
    if (!way || way.places.length < 2) return elsewhere.has(taskId) ? 'elsewhere' : undefined;
    const {foot: to, awayM} = footOn(way.places, way.foot.next, driver);
    if (awayM > way.slackM) way.isLeft = true;
    else way.slackM = Math.min(way.slackM, awayM + OFF_WAY_M);
    if (awayM > way.slackM + FAR_OFF_M) return undefined;
    const from = way.foot;
    way.foot = to;
    return {places: way.places, from, to};
  };

  /**
   * Called with each reading, before it is drawn: what it says of tasks and drivers may end ways. Tells how many
   * assignments are in view, and of how many the way is drawn.
   */
  function expect(live: LiveMap): {readonly inView: number; readonly drawn: number} {
    const legs = legsOf(live);
    const keys = new Map(legs.map(({taskId, key}) => [taskId, key]));
    for (const [taskId, {key}] of known) if (keys.get(taskId) !== key) known.delete(taskId);
    const sees = map.view();
    const inView: Leg[] = [];
    elsewhere = new Set();
    for (const leg of map.live.legsShown ? legs : []) {
      if (sees(...leg.from) || sees(...leg.to)) inView.push(leg);
      else elsewhere.add(leg.taskId);
    }
    isShown = inView.length <= IN_VIEW_LIMIT;
    const drawn = isShown ? inView.filter(({taskId}) => (known.get(taskId)?.places.length ?? 0) > 1) : [];
    if (isShown && !asking) void ask(inView);
    return {inView: inView.length, drawn: drawn.length};
  }

  /** What lacks a way, in turn. */
  async function ask(legs: readonly Leg[]): Promise<void> {
    const mine = new AbortController();
    asking = mine;
    const [nowMs, askedOf] = [clockMs(), regionId];
    const lacking = legs.filter(({taskId, from}) => isLacking(known.get(taskId), placeOf(from), nowMs));
    try {
      for (let first = 0; first < lacking.length; first += PER_CALL) {
        const asked = lacking.slice(first, first + PER_CALL);
        const pairs = asked.map(({from, to}) => [...from, ...to].map((degrees) => degrees.toFixed(6)).join());
        const ways = await askDaemon(askedOf, pairs, mine.signal);
        // An answer may come just as it is called off.
        if (mine.signal.aborted) return;
        for (const [i, {taskId, key, from}] of asked.entries()) {
          const places = ways[i] ? placesOf(ways[i]) : [];
          const askedAt = placeOf(from);
          const {foot, awayM} = footOn(places, 1, askedAt);
          const slackM = awayM + OFF_WAY_M;
          known.set(taskId, {key, places, slackM, askedMs: nowMs, askedAt, isLeft: false, foot});
        }
      }
    } catch {
      // Asked again at the next reading; the status reading tells that nobody answers.
    } finally {
      if (asking === mine) asking = undefined;
    }
  }

  return {
    wayOf,
    expect,
    /** Of another region. */
    restart(shown: string) {
      asking?.abort();
      asking = undefined;
      known.clear();
      regionId = shown;
    },
  };
}

const placeOf = ([lon, lat]: Leg['from']): Place => [worldX(lon), worldY(lat)];

/** A degree of longitude is shorter up here than at the equator, and Mercator draws it as long. */
const metresOf = (world: number, y: number): number => (world * EARTH_M) / Math.cosh((0.5 - y) * 2 * Math.PI);

function isLacking(way: Way | undefined, driver: Place, nowMs: number): boolean {
  if (!way || way.places.length > 1) return way?.isLeft ?? true;
  const [x, y] = way.askedAt;
  const moved = metresOf(Math.hypot(driver[0] - x, driver[1] - y), y);
  return moved > MOVED_M || nowMs - way.askedMs > NO_WAY_AGAIN_MS;
}

/** Offers are left out: nobody drives there yet. */
function legsOf(live: LiveMap): Leg[] {
  return live.tasks.flatMap(([taskId, lon, lat, stateIndex, storeIndex, driverIndex]): Leg[] => {
    const state = live.states[stateIndex] ?? '';
    const driver = live.drivers[driverIndex];
    const store = live.stores[storeIndex];
    const to = NEXT_STOP[state] === 'store' ? store && ([store[1], store[2]] as const) : ([lon, lat] as const);
    if (state === 'OFFERED' || !NEXT_STOP[state] || !driver || !to) return [];
    return [{taskId, key: `${driver[0]} ${to}`, from: [driver[1], driver[2]], to}];
  });
}

/** The nearest place of a way to one, not before the stretch that ends with the place of index `first`. */
function footOn(places: readonly Place[], first: number, [x, y]: Place): {readonly foot: Foot; readonly awayM: number} {
  let [footX, footY] = places.at(-1) ?? [x, y];
  let [next, least2] = [places.length, Number.POSITIVE_INFINITY];
  for (let i = first; i < places.length; i++) {
    const [a, b] = [places[i - 1]!, places[i]!];
    const dx = b[0] - a[0];
    const dy = b[1] - a[1];
    const length2 = dx * dx + dy * dy;
    const share = length2 > 0 ? Math.max(0, Math.min(1, ((x - a[0]) * dx + (y - a[1]) * dy) / length2)) : 0;
    const atX = a[0] + share * dx;
    const atY = a[1] + share * dy;
    const away2 = (atX - x) * (atX - x) + (atY - y) * (atY - y);
    if (away2 >= least2) continue;
    [footX, footY, next, least2] = [atX, atY, i, away2];
  }
  return {foot: {at: [footX, footY], next}, awayM: metresOf(Math.sqrt(least2), y)};
}
