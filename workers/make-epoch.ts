// Makes the weights of an epoch of live speeds in shared memory.

import {workerData} from 'node:worker_threads';
import {overlay, type RoadGraph} from '../native-graph/layout.ts';
import {makeEpoch} from '../native-graph/metric/epoch.ts';
import type {EpochJob, EpochReply, PoolData} from '../src/pool/messages.ts';

const graphs: RoadGraph[] = (workerData as PoolData).graphs.map(({bytes}) => overlay(bytes));

export const run = ({graph, rows, weights}: EpochJob): EpochReply => makeEpoch(graphs[graph], rows, weights);
