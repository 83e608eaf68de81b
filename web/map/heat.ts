// Waiting demand by hexagon: how many tasks wait at the stores there, and where prices are known, what one more driver
// would be worth. Read only while it is shown.

import {get, withQuery} from '../daemon.ts';
import {byId, setText} from '../dom.ts';
import type {BaseMap} from './base-map.ts';
import {toneOf} from './base-style.ts';

const AGAIN_MS = 3_000;
const STEPS = 5;
/** A task that nobody can serve costs more than any ride: such prices are told as this one. */
const PRICE_TOLD_MS = 3_600_000;

type Heat = {
  readonly cells: readonly {
    readonly ring: [number, number][];
    readonly waiting: number;
    readonly oldestS: number;
    readonly priceMs: number | null;
  }[];
};
type Shown = 'nothing' | 'waiting' | 'prices';
const NEXT: Readonly<Record<Shown, Shown>> = {nothing: 'waiting', waiting: 'prices', prices: 'nothing'};
const NAMES: Readonly<Record<Shown, string>> = {
  nothing: 'Demand',
  waiting: 'Demand: waiting',
  prices: 'Demand: prices',
};

const priceTold = (ms: number): string => (ms === PRICE_TOLD_MS ? '> 1 h' : `${(ms / 60_000).toFixed(1)} min`);

export function startHeat(map: BaseMap, regionOf: () => string | undefined) {
  let shown: Shown = 'nothing';
  let lastMs = Number.NEGATIVE_INFINITY;
  const button = byId('layer-heat');
  button.addEventListener('click', () => {
    shown = NEXT[shown];
    button.ariaPressed = String(shown !== 'nothing');
    setText('layer-heat', NAMES[shown]);
    restart();
    void refresh();
  });

  function restart(): void {
    lastMs = Number.NEGATIVE_INFINITY;
    map.draw('heat', {type: 'FeatureCollection', features: []});
  }

  async function refresh(): Promise<void> {
    if (shown === 'nothing' || performance.now() - lastMs < AGAIN_MS) return;
    lastMs = performance.now();
    const [wanted, regionId] = [shown, regionOf()];
    const heat = await get<Heat>(withQuery('/internal/map/demand', {regionId})).catch(() => undefined);
    // A slow answer of the region that was shown before is not drawn over this one.
    if (!heat || wanted !== shown || regionId !== regionOf()) return;
    const valueIn = ({waiting, priceMs}: Heat['cells'][number]) =>
      wanted === 'prices' ? Math.min(PRICE_TOLD_MS, priceMs ?? 0) : waiting;
    const cells = heat.cells.filter((cell) => valueIn(cell) > 0);
    const most = Math.max(...cells.map(valueIn), 1);
    map.draw('heat', {
      type: 'FeatureCollection',
      features: cells.map((cell) => {
        const value = valueIn(cell);
        return {
          type: 'Feature',
          properties: {
            tone: toneOf(`heat-${Math.min(STEPS - 1, Math.floor((STEPS * value) / most))}`),
            told: wanted === 'prices' ? priceTold(value) : String(value),
          },
          geometry: {type: 'Polygon', coordinates: [cell.ring]},
        };
      }),
    });
  }

  return {refresh, restart};
}
