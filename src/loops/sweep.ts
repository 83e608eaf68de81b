// One sweep: closes due offers batch by batch until none is left, or other sweepers hold every slot.

/** Offers closed by one call. */
const SWEEP_LIMIT = 1_000;
const CALLS_LIMIT = 100;

export type Swept = {readonly expired: number; readonly failed: number};

/** Closes due offers, at most `limit`; `slot` is null when other sweepers hold every slot. */
export type Expire = (limit: number) => Promise<Swept & {readonly slot: number | null}>;

export async function sweep(expire: Expire): Promise<Swept> {
  const total = {expired: 0, failed: 0};
  for (let calls = 0; calls < CALLS_LIMIT; calls++) {
    const {expired, failed, slot} = await expire(SWEEP_LIMIT);
    total.expired += expired;
    total.failed += failed;
    if (slot === null || expired + failed < SWEEP_LIMIT) break;
  }
  return total;
}
