// Live speeds from the command line: to a running daemon, or onto a graph file for the commands that search it.

import {readFileSync} from 'node:fs';
import {basename} from 'node:path';
import type {RoadGraph} from '../../native-graph/layout.ts';
import {makeEpoch, type SpeedsReport} from '../../native-graph/metric/epoch.ts';
import {weightsBytes} from '../../native-graph/metric/weights.ts';
import {InputFailure} from '../domain/failure.ts';
import {type AskedDaemon, askDaemon} from './ask-daemon.ts';
import {terminal} from './terminal.ts';

const PATH = '/internal/graph/speeds';

type Asked = AskedDaemon & {readonly graph?: string; readonly json?: boolean};

export const put = (file: string, options: Asked & {readonly mode: string}): Promise<void> =>
  ask(
    options,
    {mode: options.mode, source: basename(file).slice(0, 100)},
    {
      method: 'POST',
      headers: {'content-type': 'text/csv'},
      body: readSpeedsFile(file),
    },
  );

export const clear = (options: Asked): Promise<void> => ask(options, {source: 'cleared'}, {method: 'DELETE'});

export const list = (options: Asked): Promise<void> => ask(options, {}, {method: 'GET'});

async function ask(
  {graph, json, ...daemon}: Asked,
  query: Readonly<Record<string, string>>,
  request: RequestInit,
): Promise<void> {
  const asked = new URLSearchParams({...query, ...(graph === undefined ? {} : {graph})});
  const {ok, answer} = await askDaemon(daemon, `${PATH}?${asked}`, request);
  if (!ok) process.exitCode = 1;
  terminal(json ?? false).answer(answer, JSON.stringify(answer, null, 2));
}

/**
 * The weights of a graph under a file of speeds; what is wrong with rows is told on standard error. InputFailure:
 * SPEEDS_UNREADABLE, SPEEDS_REFUSED where no row can be used.
 */
export function weightsFromFile(graph: RoadGraph, file: string): SharedArrayBuffer {
  const weights = new SharedArrayBuffer(weightsBytes(graph));
  const {report} = makeEpoch(graph, {csv: readSpeedsFile(file)}, weights);
  const [first] = report.problems;
  const told = `${counts(report)}${first ? `; line ${first.row}: ${first.detail}` : ''}`;
  if (report.rowsApplied === 0) throw new InputFailure('SPEEDS_REFUSED', `${file}: no row can be used: ${told}`);
  if (report.rowsBad + report.rowsUnknown > 0) process.stderr.write(`${file}: ${told}\n`);
  return weights;
}

const counts = ({rowsApplied, rowsUnknown, rowsRepeated, rowsBad}: SpeedsReport): string =>
  `${rowsApplied} rows applied, ${rowsUnknown} unknown, ${rowsRepeated} repeated, ${rowsBad} bad`;

function readSpeedsFile(file: string): Buffer<ArrayBuffer> {
  try {
    return readFileSync(file);
  } catch (error) {
    throw new InputFailure('SPEEDS_UNREADABLE', `${file}: cannot be read (${(error as NodeJS.ErrnoException).code})`);
  }
}
