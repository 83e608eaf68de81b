// Answers as the real one does, but for requests that only a test makes: there every shard but the first and last
// fails.

import type {BetweenShard} from '../../../src/pool/messages.ts';
import {run as answer} from '../../../workers/between-times.ts';
import {FAILING_LIMIT_MS} from '../failing-limit.ts';

export function run(shard: BetweenShard): void {
  if (shard.limitMs === FAILING_LIMIT_MS && shard.firstGroup > 0 && shard.endGroup < shard.groupCount) {
    throw new Error('the search broke');
  }
  answer(shard);
}
