// Answers as the real one does, but for requests that only a test makes: there every shard but the first and last
// fails, or the thread is lost, in the middle of whatever its workspace says.

import type {BetweenShard} from '../../../src/pool/messages.ts';
import {run as answer} from '../../../workers/between-times.ts';
import {workspaceOf} from '../../../workers/searches.ts';
import {DEADLY_LIMIT_MS, FAILING_LIMIT_MS} from '../failing-limit.ts';

export function run(shard: BetweenShard): void {
  if (shard.limitMs === FAILING_LIMIT_MS && shard.firstGroup > 0 && shard.endGroup < shard.groupCount) {
    throw new Error('the search broke');
  }
  answer(shard);
  if (shard.limitMs !== DEADLY_LIMIT_MS) return;
  const {climbing, noted, localOf, bits, take} = workspaceOf(shard);
  for (const junk of [...Object.values(climbing), noted, localOf, bits, take(100_000)]) junk.fill(-7);
  process.exit(1);
}
