// The k nearest of points in a plane, by cells that hold about four each.

export type Points = {readonly x: Float64Array; readonly y: Float64Array};

/** Asks for at most as many as there are; ties by id, the answer in no order. Points lie in or near [0, sideM]. */
export function nearestOf({x, y}: Points, sideM: number): (atX: number, atY: number, k: number) => number[] {
  const across = Math.max(1, Math.ceil(Math.sqrt(x.length) / 2));
  const cellM = sideM / across;
  const cellAt = (value: number): number => Math.min(across - 1, Math.max(0, Math.floor(value / cellM)));
  const cells = Array.from({length: across * across}, (): number[] => []);
  for (let i = 0; i < x.length; i++) cells[cellAt(y[i]) * across + cellAt(x[i])].push(i);

  return (atX, atY, k) => {
    const found: {i: number; m: number}[] = [];
    const column = cellAt(atX);
    const row = cellAt(atY);
    for (let ring = 0; ; ring++) {
      for (let r = Math.max(0, row - ring); r <= Math.min(across - 1, row + ring); r++) {
        const step = Math.abs(r - row) === ring ? 1 : Math.max(1, 2 * ring);
        for (let c = column - ring; c <= column + ring; c += step) {
          if (c < 0 || c >= across) continue;
          for (const i of cells[r * across + c]) found.push({i, m: Math.hypot(x[i] - atX, y[i] - atY)});
        }
      }
      if (found.length < Math.min(k, x.length)) continue;
      found.sort((a, b) => a.m - b.m || a.i - b.i);
      // Whoever lies outside counts as at the border, which is no further from anybody.
      if (found.length === x.length || found[k - 1].m <= ring * cellM) return found.slice(0, k).map(({i}) => i);
    }
  };
}
