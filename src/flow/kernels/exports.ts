// What the compiled module exports.

/** Each takes the address of a state. Their places in this list are known to all threads. */
export const KERNEL_NAMES = [
  'sortRows',
  'closeRows',
  'turn',
  'orderByNeighbours',
  'renumber',
  'reduceRows',
  'letDriversBid',
  'letTasksBid',
  'settle',
  'searchTasks',
  'searchDrivers',
] as const;
export type KernelName = (typeof KERNEL_NAMES)[number];

export type Exports = Readonly<Record<KernelName, (state: number) => void>>;
