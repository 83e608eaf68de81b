/** Cuts [0, count) into at most `most` ranges [first, end) of nearly equal length, none empty. */
export function split(count: number, most: number): [first: number, end: number][] {
  const parts = Math.min(count, most);
  const edge = (part: number): number => Math.floor((part * count) / parts);
  return Array.from({length: parts}, (_, part) => [edge(part), edge(part + 1)]);
}
