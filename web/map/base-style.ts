// The map beneath everything: the roads of the daemon's own graph, by kind and zoom, in the colours of the style sheet.

import type {ExpressionSpecification, LayerSpecification, StyleSpecification} from 'maplibre-gl';
import {withQuery} from '../daemon.ts';

/** The kinds in the order of drawing; widths in pixels at zooms 10, 14 and 18. */
const KINDS = [
  ['service', 'minor', [0.2, 0.7, 8]],
  ['minor', 'minor', [0.3, 1.2, 14]],
  ['ferry', 'ferry', [0.8, 1.2, 2]],
  ['tertiary', 'middle', [0.6, 2, 18]],
  ['secondary', 'middle', [0.8, 2.6, 20]],
  ['primary', 'main', [1.1, 3.2, 24]],
  ['trunk', 'main', [1.4, 3.8, 26]],
  ['motorway', 'main', [1.7, 4.4, 28]],
] as const;

/** As the browser has it: nothing is fetched for it. */
const FONT = ['system-ui', 'sans-serif'];

export const toneOf = (name: string): string =>
  getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();

export function styleOf(regionId: string): StyleSpecification {
  const tiles = withQuery(`${location.origin}/tiles/{z}/{x}/{y}.mvt`, {regionId})
    .replaceAll('%7B', '{')
    .replaceAll('%7D', '}');
  const areaTone = ['case', ['get', 'isShown'], toneOf('accent'), toneOf('dim')] as ExpressionSpecification;
  return {
    version: 8,
    sources: {
      roads: {type: 'vector', tiles: [tiles], minzoom: 4, maxzoom: 14},
      areas: {type: 'geojson', data: EMPTY},
      heat: {type: 'geojson', data: EMPTY},
      reach: {type: 'geojson', data: EMPTY},
      route: {type: 'geojson', data: EMPTY},
      ages: {type: 'geojson', data: EMPTY},
    },
    layers: [
      {id: 'land', type: 'background', paint: {'background-color': toneOf('land')}},
      {
        id: 'areas',
        type: 'fill',
        source: 'areas',
        paint: {'fill-color': areaTone, 'fill-opacity': ['case', ['get', 'isShown'], 0.05, 0.03]},
      },
      {
        id: 'heat',
        type: 'fill',
        source: 'heat',
        paint: {'fill-color': ['get', 'tone'], 'fill-opacity': 0.42, 'fill-outline-color': toneOf('land')},
      },
      {
        id: 'reach-bands',
        type: 'fill',
        source: 'reach',
        paint: {'fill-color': ['get', 'tone'], 'fill-opacity': Number(toneOf('reach-fill')) * 0.7},
      },
      ...KINDS.map(roadLayer),
      {
        id: 'area-borders',
        type: 'line',
        source: 'areas',
        layout: {'line-join': 'round'},
        paint: {
          'line-color': areaTone,
          'line-width': ['case', ['get', 'isShown'], 1.6, 1],
          'line-opacity': ['case', ['get', 'isShown'], 0.7, 0.5],
          'line-dasharray': [4, 3],
        },
      },
      {
        id: 'area-names',
        type: 'symbol',
        source: 'areas',
        layout: {
          'symbol-placement': 'line',
          'text-field': ['get', 'told'],
          'text-font': FONT,
          'text-size': 12,
          'text-offset': [0, 0.9],
          'text-max-angle': 12,
          'symbol-spacing': 280,
        },
        paint: {'text-color': areaTone, 'text-halo-color': toneOf('land'), 'text-halo-width': 1.6},
      },
      {
        id: 'reach-outlines',
        type: 'line',
        source: 'reach',
        paint: {'line-color': ['get', 'tone'], 'line-width': 1.6},
      },
      {
        id: 'names',
        type: 'symbol',
        source: 'roads',
        'source-layer': 'names',
        minzoom: 13,
        layout: {
          'symbol-placement': 'line',
          'text-field': ['get', 'name'],
          'text-font': FONT,
          'text-size': ['interpolate', ['linear'], ['zoom'], 13, 10, 18, 14],
          'text-max-angle': 30,
          'symbol-spacing': 320,
        },
        paint: {'text-color': toneOf('dim'), 'text-halo-color': toneOf('land'), 'text-halo-width': 1.4},
      },
      {
        id: 'route-edge',
        type: 'line',
        source: 'route',
        layout: {'line-cap': 'round', 'line-join': 'round'},
        paint: {
          'line-color': toneOf('land'),
          'line-width': ['interpolate', ['linear'], ['zoom'], 10, 7, 16, 13],
        },
      },
      {
        id: 'route',
        type: 'line',
        source: 'route',
        layout: {'line-cap': 'round', 'line-join': 'round'},
        paint: {
          'line-color': ['get', 'tone'],
          'line-width': ['interpolate', ['linear'], ['zoom'], 10, 4, 16, 8],
          'line-opacity': ['get', 'opacity'],
        },
      },
      {
        id: 'heat-numbers',
        type: 'symbol',
        source: 'heat',
        minzoom: 11,
        layout: {'text-field': ['get', 'told'], 'text-font': FONT, 'text-size': 11},
        paint: {'text-color': toneOf('text'), 'text-halo-color': toneOf('land'), 'text-halo-width': 1.5},
      },
      {
        id: 'ages',
        type: 'symbol',
        source: 'ages',
        layout: {
          'text-field': ['get', 'told'],
          'text-font': FONT,
          'text-size': 11,
          'text-anchor': 'left',
          'text-offset': [1.1, 0],
          'text-allow-overlap': true,
        },
        paint: {
          'text-color': ['case', ['get', 'waits'], toneOf('text'), toneOf('dim')],
          'text-halo-color': toneOf('land'),
          'text-halo-width': 1.5,
        },
      },
    ],
  };
}

const EMPTY = {type: 'FeatureCollection' as const, features: []};

function roadLayer([kind, tone, [far, near, nearest]]: (typeof KINDS)[number]): LayerSpecification {
  return {
    id: `road-${kind}`,
    type: 'line',
    source: 'roads',
    'source-layer': 'roads',
    filter: ['==', ['get', 'kind'], kind],
    layout: {'line-cap': 'round', 'line-join': 'round'},
    paint: {
      'line-color': toneOf(`road-${tone}`),
      'line-width': ['interpolate', ['exponential', 1.5], ['zoom'], 10, far, 14, near, 18, nearest],
      ...(kind === 'ferry' && {'line-dasharray': [3, 3]}),
    },
  };
}
