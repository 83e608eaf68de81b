// How far our routes agree with a second opinion: `data/osrm/*.json`, 300 pairs a city answered by OSRM v6.0.0.
//
//   node bench/osrm-agreement.ts SHARED_DATA_FOLDER [--worst N]

import {readFileSync} from 'node:fs';
import {assemble} from '../native-graph/build/assemble.ts';
import {importNetwork} from '../native-graph/build/import.ts';
import {route} from '../native-graph/route/path.ts';
import {createScratch} from '../native-graph/route/scratch.ts';
import {createSnapper, snap} from '../native-graph/snap.ts';

type Pair = {f: [number, number]; t: [number, number]; durationS: number | null; distanceM: number | null};

const CITIES = {
  austin: 'austin_ut_downtown.osm',
  columbus: 'columbus.osm.pbf',
  heidelberg: 'heidelberg.osm.pbf',
  porto: 'porto.osm.pbf',
};
const SNAP_RADIUS_M = 500;

const folder = process.argv[2];
const worst = process.argv[3] === '--worst' ? Number(process.argv[4]) : 0;
const quantile = (values: number[], q: number): string =>
  values.sort((a, b) => a - b)[Math.floor(q * (values.length - 1))].toFixed(3);

console.log(
  '| city | both | only OSRM | only we | time p10 | median | p90 | off > 10 % | distance median | off > 10 % |',
);
console.log('|---|---|---|---|---|---|---|---|---|---|');
for (const [city, file] of Object.entries(CITIES)) {
  const {graph} = assemble(await importNetwork(`${folder}/osm/${file}`), {minComponentSegments: 100});
  const {pairs} = JSON.parse(readFileSync(`${folder}/osrm/${city}.json`, 'utf8')) as {pairs: Pair[]};
  const snapper = createSnapper(graph);
  const scratch = createScratch(graph);
  const place = ([lon, lat]: [number, number]) =>
    snap(snapper, Math.round(lat * 1e7), Math.round(lon * 1e7), SNAP_RADIUS_M);
  const rows = pairs.map((pair) => {
    const [from, to] = [place(pair.f), place(pair.t)];
    return {pair, ours: from && to && route(graph, scratch, from, to)};
  });
  const both = rows.flatMap(({pair, ours}) =>
    ours && pair.durationS && pair.distanceM
      ? [{pair, time: ours.durationMs / 1000 / pair.durationS, distance: ours.lengthM / pair.distanceM}]
      : [],
  );
  const times = both.map(({time}) => time);
  const distances = both.map(({distance}) => distance);
  const off = (ratios: number[]): number => ratios.filter((ratio) => Math.abs(ratio - 1) > 0.1).length;
  const cells = [
    city,
    both.length,
    rows.filter(({pair, ours}) => pair.durationS !== null && !ours).length,
    rows.filter(({pair, ours}) => pair.durationS === null && ours).length,
    ...[0.1, 0.5, 0.9].map((q) => quantile([...times], q)),
    off(times),
    quantile([...distances], 0.5),
    off(distances),
  ];
  console.log(`| ${cells.join(' | ')} |`);
  for (const {pair, time, distance} of both
    .sort((a, b) => Math.abs(b.time - 1) - Math.abs(a.time - 1))
    .slice(0, worst)) {
    console.log(
      `  ${pair.f} -> ${pair.t}: time ${time.toFixed(2)} of ${pair.durationS}, distance ${distance.toFixed(2)}`,
    );
  }
}
