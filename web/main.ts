// The live map: reads /internal/status and /internal/map/live each second, listens to events, and shows them. Every
// state of the connection has its own look: loading (nothing yet), live, paused, standby (another daemon dispatches
// the region), unready (a readiness check fails), lost (no answer, or a problem), signed out.

import '../src/api/page/page.css';
import './styles/tones.css';
import './styles/page.css';
import './styles/panels.css';
import './styles/timeline.css';
import './styles/map.css';
import './styles/legend.css';
import './styles/drawer.css';
import {get, getSlowly, Problem, Unheard, withQuery} from './daemon.ts';
import {byId, setText, timeOf} from './dom.ts';
import {startAges} from './map/ages.ts';
import {startAreas} from './map/areas.ts';
import {openMap, type Picked} from './map/base-map.ts';
import {startHeat} from './map/heat.ts';
import {startReach} from './map/reach.ts';
import type {RoadsState} from './map/road-map.ts';
import {startRoute} from './map/route.ts';
import {startWays} from './map/ways.ts';
import {startActions} from './panels/actions.ts';
import {startDrawer} from './panels/drawer.ts';
import {startFeed} from './panels/feed.ts';
import {forgetPast, showBars, showFigures, showLeases} from './panels/figures.ts';
import {startQueue} from './panels/queue.ts';
import {askToSignIn, isSigningIn, listenForToken, offerSignOut} from './panels/sign-in.ts';
import {startTimeline} from './panels/timeline.ts';
import type {LiveMap, Status} from './wire.ts';

const PERIOD_MS = 1_000;
const LOOKS = ['loading', 'live', 'paused', 'standby', 'unready', 'lost', 'signed-out'] as const;
/** An open drawer is read again after so many readings, besides at every event of its task. */
const DRAWER_EVERY = 5;
/** The same for roads that did not come. */
const ROADS_EVERY = 3;

let regionId: string | undefined = new URLSearchParams(location.search).get('region') ?? undefined;
/** A page that leads here may name a task; its drawer is opened once the map is there. */
let wantedTask = /[?&]task=([0-9a-f-]{36})\b/.exec(location.search)?.[1];
let regionShown: string | undefined;
let turns = 0;

const ROAD_NOTES: Readonly<Record<RoadsState, string>> = {
  drawn: '',
  failed: 'The road network cannot be reached. It is asked for again.',
  undrawable: 'This browser cannot draw the map: it has no WebGL 2. All beside the map works.',
};

const map = openMap(onPick, (state) => {
  setText('map-note', ROAD_NOTES[state]);
  byId('map').dataset.roads = state;
});
const reach = startReach(map, () => regionId);
const heat = startHeat(map, () => regionId);
const ways = startWays(
  map,
  async (region, pairs, signal) => {
    const url = withQuery('/internal/map/ways', {regionId: region, pairs: pairs.join(';')});
    return (await getSlowly<{readonly ways: readonly (string | null)[]}>(url, signal)).ways;
  },
  () => performance.now(),
);
const areas = startAreas(map);
const ages = startAges(map);
const drawer = startDrawer({
  regionOf: () => regionId ?? '',
  liveNow: () => map.live.picture?.live,
  onSelect(selected) {
    map.live.legsFaded = selected !== undefined;
    route.select(selected);
    const live = map.live.picture?.live;
    if (live) void route.refresh(live);
  },
  onReach: (place) => void reach.ask(place),
  goTo: map.goTo,
  focusMap: map.focus,
});
const route = startRoute(map, () => regionId, drawer.tellTime);
const timeline = startTimeline();
const queue = startQueue((id) => drawer.open({kind: 'task', id}));
const feed = startFeed(
  (id) => drawer.open({kind: 'task', id}),
  ({taskId}) => drawer.refresh(taskId),
);
const actions = startActions(
  () => regionId ?? '',
  () => void turn(),
);

function onPick(picked: Picked): void {
  switch (picked.kind) {
    case 'driver':
    case 'task':
      drawer.open(picked);
      break;
    case 'store':
      void reach.ask({...picked, name: `store ${picked.name}`, direction: 'to'});
      break;
    case 'point':
      void reach.ask({...picked, name: 'this point', direction: 'from'});
      break;
    default:
      picked satisfies never;
  }
}

async function turn(): Promise<void> {
  if (isSigningIn()) return;
  const asked = regionId;
  try {
    const status = await get<Status>(withQuery('/internal/status', {regionId: asked}));
    // Another region was chosen meanwhile: this answer is late.
    if (regionId !== asked) return;
    show(status);
    const live = await get<LiveMap>(withQuery('/internal/map/live', {regionId: status.regionId}));
    if (status.regionId === regionShown) showLive(live, status);
  } catch (error) {
    if (error instanceof Problem && error.status === 401) {
      look('signed-out', 'Signed out');
      feed.stop();
      askToSignIn();
      return;
    }
    const sentence =
      error instanceof Unheard || !(error instanceof Problem) ? `${(error as Error).message}` : error.message;
    look('lost', 'Disconnected', `${sentence} Trying again each second.`);
    if (!(error instanceof Unheard) && !(error instanceof Problem)) console.error(error);
  }
}

async function loop(): Promise<void> {
  try {
    if (!document.hidden) await turn();
  } finally {
    setTimeout(loop, PERIOD_MS);
  }
}

function look(name: (typeof LOOKS)[number], pill: string, banner = ''): void {
  for (const each of LOOKS) document.body.classList.toggle(each, each === name);
  setText('pill', pill);
  setText('banner', banner);
  byId('banner').hidden = banner === '';
}

function show(status: Status): void {
  regionId = status.regionId;
  if (regionShown !== regionId) {
    regionShown = regionId;
    restart(regionId);
  }
  const lease = status.leases.find((each) => each.regionId === regionId);
  if (status.failing.length > 0) {
    look('unready', 'Not ready', status.failing.map(({name, detail}) => `${name}: ${detail}`).join('. '));
  } else if (!lease?.here) {
    const told = lease?.owner ? `${lease.owner} dispatches this region.` : 'This region is about to be taken.';
    look('standby', 'Stands by', told);
  } else if (status.paused) {
    look('paused', 'Paused', 'This region is paused: offers expire, and no tick decides anything.');
  } else {
    look('live', 'Live');
  }
  showRegions(status);
  byId<HTMLTimeElement>('clock').dateTime = status.at;
  const scale = status.timeScale === 1 ? '' : ` · ×${status.timeScale}`;
  setText('clock', `${status.at.slice(0, 10)} ${timeOf(status.at)} UTC${scale}`);
  showFigures(status);
  showBars('offers', status.offers);
  showBars('drivers', status.drivers);
  showBars('tasks', status.tasks);
  showLeases(status);
  areas.show(status);
  timeline.show(status);
  actions.show(status);
  setText('attribution', status.attribution ?? '');
  setText('version', `CloudRun ${status.codeVersion}`);
}

function restart(shown: string): void {
  map.restart(shown);
  reach.clear();
  drawer.close();
  heat.restart();
  ways.restart(shown);
  areas.restart();
  ages.restart();
  feed.restart(shown);
  byId('map-empty').hidden = true;
  timeline.clear();
  forgetPast();
  actions.restart();
  if (byId('map').dataset.roads !== 'undrawable') setText('map-note', 'Loading the road network…');
}

function showLive(live: LiveMap, {timeScale}: Status): void {
  const {drawn, inView} = ways.expect(live);
  byId('map').dataset.ways = `${drawn} of ${inView}`;
  map.live.take(live, timeScale, ways.wayOf);
  map.fit(map.live.picture!, areas.cornersOf(regionShown ?? ''));
  byId('map').dataset.ages = String(ages.refresh(live));
  queue.show(live);
  const {drivers, stores, tasks, limit} = live;
  const more = [drivers, stores, tasks].some(({length}) => length >= limit) ? `, at most ${limit} of each` : '';
  map.describe(`Map: ${drivers.length} drivers on shift, ${stores.length} stores, ${tasks.length} open tasks${more}`);
  byId('map').dataset.drivers = String(drivers.length);
  byId('map-empty').hidden = drivers.length + stores.length + tasks.length > 0;
  void route.refresh(live);
  void heat.refresh();
  if (wantedTask) drawer.open({kind: 'task', id: wantedTask});
  wantedTask = undefined;
  if (++turns % DRAWER_EVERY === 0) drawer.refresh();
  if (turns % ROADS_EVERY === 0) map.retry();
}

function showRegions({regions, regionId: shown}: Status): void {
  const select = byId<HTMLSelectElement>('region');
  select.hidden = regions.length < 2;
  setText('region-name', regions.length < 2 ? shown : '');
  if (select.options.length === regions.length) return;
  select.replaceChildren(...regions.map((id) => new Option(id, id, false, id === shown)));
}

byId<HTMLSelectElement>('region').addEventListener('change', ({target}) => {
  regionId = (target as HTMLSelectElement).value;
  history.replaceState(null, '', withQuery(location.pathname, {region: regionId}));
  void turn();
});

byId('find').addEventListener('submit', (event) => {
  event.preventDefault();
  const input = byId<HTMLInputElement>('find-id');
  const id = input.value.trim().toLowerCase();
  if (!/^[0-9a-f-]{4,36}$/.test(id)) {
    input.select();
    return;
  }
  const live = map.live.picture?.live;
  const driver = live?.drivers.find(([each]) => each.endsWith(id));
  const task = live?.tasks.find(([each]) => each.endsWith(id));
  drawer.open({kind: driver ? 'driver' : 'task', id: driver?.[0] ?? task?.[0] ?? id});
});

byId('zoom-fit').addEventListener('click', () => {
  if (map.live.picture) map.fit(map.live.picture, areas.cornersOf(regionShown ?? ''), true);
});
byId('layer-legs').addEventListener('click', ({currentTarget}) => {
  map.live.legsShown = !map.live.legsShown;
  (currentTarget as HTMLElement).ariaPressed = String(map.live.legsShown);
});
document.addEventListener('keydown', (event) => {
  if (event.key !== 'Escape' || byId<HTMLDialogElement>('confirm').open) return;
  if (!drawer.close()) reach.clear();
});

listenForToken();
await offerSignOut();
void loop();
