/** `arcs` by ascending `key[arc]`, in [0, keyCount); arcs with equal keys keep their order. O(arcs + keyCount). */
export function countingSort(arcs: Int32Array, key: Int32Array, keyCount: number): Int32Array {
  const place = new Int32Array(keyCount + 1);
  for (let i = 0; i < arcs.length; i++) place[key[arcs[i]] + 1]++;
  for (let k = 0; k < keyCount; k++) place[k + 1] += place[k];
  const order = new Int32Array(arcs.length);
  for (let i = 0; i < arcs.length; i++) order[place[key[arcs[i]]]++] = arcs[i];
  return order;
}
