// What a flow costs, and what prices prove that no flow can cost less than (network.ts).

import {addProduct, exactSum, total} from './exact-sum.ts';
import {ANY_AMOUNT, type Network} from './network.ts';

/** O(arcs). */
export function costOf({arcCount, cost}: Network, flow: Float64Array): bigint {
  const sum = exactSum();
  for (let arc = 0; arc < arcCount; arc++) if (flow[arc] !== 0) addProduct(sum, flow[arc], cost[arc]);
  return total(sum);
}

/** `undefined` where an unlimited arc has a reduced cost below 0: then these prices bound nothing. O(nodes + arcs). */
export function boundOf(network: Network, price: Float64Array): bigint | undefined {
  const {nodeCount, arcCount, supply, tail, head, lower, capacity, cost} = network;
  const sum = exactSum();
  for (let node = 0; node < nodeCount; node++) addProduct(sum, -price[node], supply[node]);
  for (let arc = 0; arc < arcCount; arc++) {
    const reduced = cost[arc] + price[tail[arc]] - price[head[arc]];
    if (reduced === 0) continue;
    const amount = reduced > 0 ? lower[arc] : capacity[arc];
    if (amount === ANY_AMOUNT) return undefined;
    addProduct(sum, reduced, amount);
  }
  return total(sum);
}
