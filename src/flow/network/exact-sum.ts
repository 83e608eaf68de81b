// Sums of products of integers, exact whatever their size: in a float64 while that is exact, else in a bigint.

export type ExactSum = {
  /** A safe integer. */
  small: number;
  large: bigint;
};

export const exactSum = (): ExactSum => ({small: 0, large: 0n});

/** Adds a * b, where both are safe integers. */
export function addProduct(sum: ExactSum, a: number, b: number): void {
  const product = a * b;
  const small = sum.small + product;
  // A float64 that is rounded lies beyond the safe integers, so a safe one is exact.
  if (Number.isSafeInteger(product) && Number.isSafeInteger(small)) {
    sum.small = small;
    return;
  }
  sum.large += BigInt(sum.small) + BigInt(a) * BigInt(b);
  sum.small = 0;
}

export const total = ({small, large}: ExactSum): bigint => large + BigInt(small);
