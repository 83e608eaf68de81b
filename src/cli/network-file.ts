// Reads a min-cost flow in DIMACS `.min` format, plain, gzip or bzip2, as it streams by:
//   p min NODES ARCS                  once, first
//   n NODE SUPPLY                     what a node gives, or below 0 takes; 0 where there is no such line
//   a TAIL HEAD LOWER CAPACITY COST   each unit of flow costs so much
//
// The format has no word for an arc without limit. Here it is a capacity of -1 where the lower bound is 0 or more, or
// one of FLOW_LIMIT or more, which no flow within the limits could tell from one without. Lower bounds may be below 0.
//
// Format: First DIMACS Implementation Challenge, "Network flows and matching: problem definitions and specifications",
// 1991.

import {type Line, mostLines, readLines} from '../../native-graph/dimacs/lines.ts';
import {type MapFile, openMapFile, readBytes} from '../../native-graph/osm/bytes.ts';
import {InputFailure} from '../domain/failure.ts';
import {ANY_AMOUNT, ARC_LIMIT, FLOW_LIMIT, type Network, NODE_LIMIT, PRICE_LIMIT} from '../flow/network/network.ts';
import {networkFlaw} from '../flow/network/validate.ts';

const NO_LIMIT = -1;

/**
 * A well-formed network, its nodes and arcs in the order of the file. InputFailure: DIMACS_DAMAGED with the line,
 * NETWORK_TOO_LARGE where sums would not be exact, and what openMapFile and readBytes throw.
 */
export async function readNetwork(path: string): Promise<Network> {
  const file = await openMapFile(path);
  let network: Network | undefined;
  let hasSupply = new Uint8Array(0);
  let arcsRead = 0;
  const begun = (what: string): Network => {
    if (network === undefined) throw new Error(`${what} before the problem line`);
    return network;
  };
  await readLines(
    path,
    readBytes(file),
    (line) => {
      if (line.kind === 'p') {
        if (network !== undefined) throw new Error('a second problem line');
        network = emptyNetwork(line, file);
        hasSupply = new Uint8Array(network.nodeCount);
      } else if (line.kind === 'n') {
        const {nodeCount, supply} = begun('a node');
        const node = line.integer('the node', 1, nodeCount) - 1;
        if (hasSupply[node] === 1) throw new Error(`a second line for node ${node + 1}`);
        hasSupply[node] = 1;
        supply[node] = line.integer('the supply', -FLOW_LIMIT, FLOW_LIMIT);
      } else if (line.kind === 'a') {
        readArc(line, begun('an arc'), arcsRead++);
      } else throw new Error(`a line of kind "${line.kind}" in a min-cost flow`);
    },
    () => {
      const {arcCount} = begun('the end of the file');
      if (arcsRead < arcCount) throw new Error(`the file ends after ${arcsRead} of ${arcCount} arcs`);
    },
  );
  refuseTooLarge(path, network!);
  return network!;
}

function emptyNetwork(line: Line, file: MapFile): Network {
  line.word('min');
  const nodeCount = line.integer('the count of nodes', 0, Math.min(NODE_LIMIT, mostLines(file)));
  const arcCount = line.integer('the count of arcs', 0, Math.min(ARC_LIMIT, mostLines(file)));
  return {
    nodeCount,
    arcCount,
    supply: new Float64Array(nodeCount),
    tail: new Int32Array(arcCount),
    head: new Int32Array(arcCount),
    lower: new Float64Array(arcCount),
    capacity: new Float64Array(arcCount),
    cost: new Float64Array(arcCount),
  };
}

function readArc(line: Line, {nodeCount, arcCount, tail, head, lower, capacity, cost}: Network, arc: number): void {
  if (arc === arcCount) throw new Error(`more than the ${arcCount} arcs of the problem line`);
  tail[arc] = line.integer('the tail', 1, nodeCount) - 1;
  head[arc] = line.integer('the head', 1, nodeCount) - 1;
  lower[arc] = line.integer('the lower bound', -FLOW_LIMIT, FLOW_LIMIT);
  const most = line.integer('the capacity', -FLOW_LIMIT, Number.POSITIVE_INFINITY);
  capacity[arc] = most >= FLOW_LIMIT || (most === NO_LIMIT && lower[arc] >= 0) ? ANY_AMOUNT : most;
  cost[arc] = line.integer('the cost', -PRICE_LIMIT, PRICE_LIMIT);
}

function refuseTooLarge(path: string, network: Network): void {
  const flaw = networkFlaw(network);
  switch (flaw?.kind) {
    case undefined:
      return;
    case 'flow-too-large': {
      const what = `${flaw.what} add up to ${flaw.sum}, where sums below ${FLOW_LIMIT} are exact`;
      throw new InputFailure('NETWORK_TOO_LARGE', `${path}: ${what}: count in larger units`);
    }
    case 'cost-too-large': {
      const what = `a cost of ${flaw.largest}, where ${flaw.limit} is the most for so many nodes`;
      throw new InputFailure('NETWORK_TOO_LARGE', `${path}: ${what}: count costs in larger units`);
    }
    default:
      throw new Error(`read a malformed network: ${JSON.stringify(flaw)}`);
  }
}
