// Dossiers from the command line: all of them verified, or one written to a file.

import {writeFileSync} from 'node:fs';
import {dossierPage} from '../api/dossier-page.ts';
import {dossierToWire, inFull} from '../api/dossier-shapes.ts';
import {countTasks, verifyDossiers} from '../db/dossier-check.ts';
import {readDossier} from '../db/dossiers.ts';
import {requireMigrated} from '../db/migrate.ts';
import {listRegions} from '../db/regions.ts';
import {InputFailure} from '../domain/failure.ts';
import {type DatabaseOptions, withDatabase} from './database.ts';
import {findTask, taskIdOf, taskUnknown} from './task-search.ts';
import {terminal} from './terminal.ts';

export type VerifyOptions = DatabaseOptions & {
  readonly task?: string;
  readonly expect?: string;
  readonly asOf?: string;
  readonly json?: boolean;
};

/** Exit code 1 when a chain is damaged, or the digest is not the one expected. */
export async function verify(options: VerifyOptions): Promise<void> {
  const shown = terminal(options.json ?? false);
  const taskId = options.task === undefined ? undefined : taskIdOf(options.task);
  const expected = options.expect?.toLowerCase();
  if (expected !== undefined && !/^[0-9a-f]{64}$/.test(expected)) {
    throw new InputFailure('DIGEST_INVALID', `${options.expect} is not 64 hex digits`);
  }
  if (options.asOf !== undefined && !/^\d{1,19}$/.test(options.asOf)) {
    throw new InputFailure('AS_OF_INVALID', `${options.asOf} is not a transaction id`);
  }
  const found = await withDatabase(options, async (db) => {
    await requireMigrated(db);
    const regionIds = (await listRegions(db)).map(({id}) => id);
    if (taskId !== undefined) return verifyDossiers(db, {regionIds, taskId, asOf: options.asOf});
    const counts = await Promise.all(regionIds.map((id) => countTasks(db, id)));
    const total = counts.reduce((sum, count) => sum + count, 0);
    const progress = shown.progress('verifying dossiers');
    const onProgress = (tasksDone: number) => progress.at(tasksDone, Math.max(total, tasksDone));
    try {
      return await verifyDossiers(db, {regionIds, asOf: options.asOf, onProgress});
    } finally {
      progress.end();
    }
  });
  if (taskId !== undefined && found.tasks + found.tombstones === 0) throw taskUnknown(taskId);

  const {firstBad = null, events, tasks, tombstones, badTasks, headsDigest, tombstonesDigest, asOf} = found;
  const isExpected = expected === undefined || expected === headsDigest;
  const ok = firstBad === null && isExpected;
  const lines = [
    `${events} events of ${tasks} tasks, ${tombstones} purged`,
    firstBad === null
      ? 'every chain verifies'
      : `${badTasks} tasks are damaged, first: task ${firstBad.taskId} of ${firstBad.regionId}, ` +
        `event ${firstBad.seq}: ` +
        `${firstBad.kind}, ${firstBad.detail}`,
    `heads ${headsDigest} as of ${asOf}`,
    `tombstones ${tombstonesDigest} as of ${asOf}`,
    ...(isExpected ? [] : [`EXPECTED ${expected}: what was recorded until then is not what was there`]),
  ];
  const told = {events, tasks, ok, headsDigest, firstBad, asOf, tombstones, badTasks, tombstonesDigest};
  shown.answer(expected === undefined ? told : {...told, isExpected}, lines.join('\n'));
  if (!ok) process.exitCode = 1;
}

export type ExportOptions = DatabaseOptions & {
  readonly task: string;
  readonly format: 'json' | 'html';
  readonly json?: boolean;
};

/** Exit code 1 when the chain is damaged: it is written all the same, and says so. */
export async function exportDossier(output: string, options: ExportOptions): Promise<void> {
  const dossier = await withDatabase(options, async (db) => {
    await requireMigrated(db);
    const found = await findTask(db, taskIdOf(options.task), readDossier);
    return found.dossier;
  });
  const text =
    options.format === 'html'
      ? dossierPage(dossier, 'in-page', inFull)
      : `${JSON.stringify(dossierToWire(dossier, inFull), null, 2)}\n`;
  if (dossier.flaw) process.exitCode = 1;
  if (output === '-') {
    process.stdout.write(text);
    return;
  }
  try {
    writeFileSync(output, text);
  } catch (error) {
    throw new InputFailure('OUTPUT_UNWRITABLE', `cannot write ${output}: ${(error as Error).message}`);
  }
  const {taskId, events, flaw} = dossier;
  const verdict = flaw ? `DAMAGED at event ${flaw.seq}: ${flaw.detail}` : 'the chain verifies';
  terminal(options.json ?? false).answer(
    {task: taskId, output, events: events.length, ok: !flaw},
    `${output}: ${events.length} events of task ${taskId}; ${verdict}`,
  );
}
