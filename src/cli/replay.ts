// Decides a recorded tick again, from its payload and the graph alone, and compares the hashes.

import {decisionHash} from '../dispatch/record.ts';
import {decideAgain} from '../dispatch/replay.ts';
import {type DatabaseOptions, withDatabase} from './database.ts';
import type {GraphOptions} from './engine.ts';
import {readRecorded, withReplayWorld} from './recorded-tick.ts';
import {terminal} from './terminal.ts';
import {codeVersion} from './version.ts';

export async function replay(id: string, options: DatabaseOptions & GraphOptions & {readonly json?: boolean}) {
  const recorded = await withDatabase(options, (db) => readRecorded(db, id));
  const {proposals, solution} = await withReplayWorld(recorded, options, (world) =>
    decideAgain(recorded.payload, world),
  );
  const {decisionHash: recordedHash, codeVersion: recordedBy} = recorded.header;
  const replayedHash = decisionHash(proposals, solution);
  const same = replayedHash === recordedHash;
  const verdict = same ? 'the same decision' : 'ANOTHER decision';
  const code = recordedBy === codeVersion ? '' : ` (recorded by ${recordedBy}, replayed by ${codeVersion})`;
  terminal(options.json ?? false).answer(
    {id, recordedHash, replayedHash, same, ...(code && {recordedBy, replayedBy: codeVersion})},
    `tick ${id}: ${verdict}${code}`,
  );
  if (!same) process.exitCode = 1;
}
