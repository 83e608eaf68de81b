// How a side of a what-if looks: boldly what differs, faintly what is the same on the other side.

import type {LayerSpecification} from 'maplibre-gl';
import {toneOf} from '../map/base-style.ts';

const FONT = ['system-ui', 'sans-serif'];

/** A square within an edge, at twice the resolution. */
export function storeIcon(): ImageData {
  const size = 22;
  const canvas = document.createElement('canvas');
  canvas.width = canvas.height = size;
  const pen = canvas.getContext('2d')!;
  pen.fillStyle = toneOf('land');
  pen.fillRect(0, 0, size, size);
  pen.fillStyle = toneOf('store');
  pen.fillRect(3, 3, size - 6, size - 6);
  return pen.getImageData(0, 0, size, size);
}

type Expression = Extract<Extract<LayerSpecification, {type: 'circle'}>['filter'], unknown[]>;

export function sideLayers(): LayerSpecification[] {
  const land = toneOf('land');
  const boldly = (bold: number, faint: number) => ['case', ['get', 'differs'], bold, faint] as never;
  const kind = (...names: string[]): Expression => ['in', ['get', 'kind'], ['literal', names]] as never;
  const dots = (id: string, filter: Expression, paint: object): LayerSpecification => {
    return {
      id,
      type: 'circle',
      source: 'side',
      filter,
      paint: {'circle-stroke-width': 1, 'circle-stroke-color': land, ...paint},
    };
  };
  const isAdded = ['==', ['get', 'kind'], 'added'];
  const size = (scale: number) => ['interpolate', ['linear'], ['zoom'], 10, 2 * scale, 14, 5 * scale] as never;
  return [
    {
      id: 'legs',
      type: 'line',
      source: 'side',
      filter: ['has', 'leg'] as never,
      layout: {'line-cap': 'round', 'line-sort-key': boldly(1, 0)},
      paint: {
        'line-color': ['match', ['get', 'leg'], 'pickup', toneOf('en-route'), toneOf('carrying')],
        'line-width': boldly(3, 1.2),
        'line-opacity': ['get', 'seen'],
      },
    },
    dots('idle', kind('idle'), {
      'circle-color': toneOf('available'),
      'circle-radius': size(0.8),
      'circle-opacity': 0.55,
    }),
    dots('waiting', kind('waiting'), {
      'circle-color': 'transparent',
      'circle-radius': size(1.1),
      'circle-stroke-width': boldly(3, 1.6),
      'circle-stroke-color': toneOf('failed'),
      'circle-stroke-opacity': ['max', ['get', 'seen'], 0.45],
    }),
    dots('drops', kind('drop'), {
      'circle-color': toneOf('carrying'),
      'circle-radius': size(0.9),
      'circle-opacity': ['get', 'seen'],
    }),
    {
      id: 'stores',
      type: 'symbol',
      source: 'side',
      filter: kind('store'),
      layout: {'icon-image': 'store', 'icon-allow-overlap': true, 'icon-ignore-placement': true, 'icon-size': 0.9},
    },
    dots('drivers', kind('driver', 'added'), {
      'circle-color': ['case', isAdded, toneOf('offered'), toneOf('en-route')],
      'circle-radius': ['case', isAdded, 8, ['get', 'differs'], 5, 4],
      'circle-opacity': ['case', isAdded, 1, ['max', ['get', 'seen'], 0.4]],
      'circle-stroke-width': 1.5,
    }),
    {
      id: 'picked-edge',
      type: 'line',
      source: 'picked',
      layout: {'line-cap': 'round', 'line-join': 'round'},
      paint: {'line-color': land, 'line-width': 9},
    },
    {
      id: 'picked-way',
      type: 'line',
      source: 'picked',
      layout: {'line-cap': 'round', 'line-join': 'round'},
      paint: {'line-color': toneOf('store'), 'line-width': 4},
    },
    {
      id: 'picked-dots',
      type: 'circle',
      source: 'picked',
      filter: ['has', 'told'] as never,
      paint: {
        'circle-color': 'transparent',
        'circle-radius': 10,
        'circle-stroke-width': 3,
        'circle-stroke-color': toneOf('store'),
      },
    },
    {
      id: 'picked-told',
      type: 'symbol',
      source: 'picked',
      filter: ['has', 'told'] as never,
      layout: {
        'text-field': ['get', 'told'],
        'text-font': FONT,
        'text-size': 13,
        'text-offset': [0, -1.5],
        'text-allow-overlap': true,
      },
      paint: {'text-color': toneOf('store'), 'text-halo-color': land, 'text-halo-width': 2},
    },
  ];
}
