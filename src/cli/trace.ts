// What became of a task and why: its timeline, with the ticks that offered it and what its offers promised.

import {latenessOf, localTimes, signedSpan, spanOf, type Told} from '../api/told-times.ts';
import {traceToWire} from '../api/trace-shapes.ts';
import {handedOverAtMs, type LegTruth, storyOf, truthsOf} from '../api/trace-story.ts';
import {requireMigrated} from '../db/migrate.ts';
import {readTrace, type Trace} from '../db/traces.ts';
import {type DatabaseOptions, withDatabase} from './database.ts';
import {findTask, taskIdOf} from './task-search.ts';
import {terminal} from './terminal.ts';

export type TraceOptions = DatabaseOptions & {readonly json?: boolean};

/** Exit code 1 when the chain of its dossier is damaged: it is told all the same. */
export async function traceCommand(taskId: string, options: TraceOptions): Promise<void> {
  const {trace} = await withDatabase(options, async (db) => {
    await requireMigrated(db);
    return findTask(db, taskIdOf(taskId), readTrace);
  });
  if (trace.dossier.flaw) process.exitCode = 1;
  const database = options.dataDir === undefined ? '' : ` --data-dir ${options.dataDir}`;
  terminal(options.json ?? false).answer(traceToWire(trace), linesOf(trace, database).join('\n'));
}

function linesOf(trace: Trace, database: string): string[] {
  const {dossier, offers, phases, offersLeftOut, refusalsLeftOut} = trace;
  const {taskId, regionId, timeZone, task, flaw} = dossier;
  const {told, dayOf, zone} = localTimes(timeZone, task.createdAtMs);
  const truths = truthsOf(trace);
  const handedOver = handedOverAtMs(trace);
  const kept = new Map([
    ...offers.map(({tickId, tick}) => [tickId, tick?.isKept ?? false] as const),
    ...phases.flatMap(({refusals}) => refusals.map(({tickId, isKept}) => [tickId, isKept] as const)),
  ]);
  return [
    `task ${taskId} of ${regionId}: ${task.state}, ready ${told(task.readyAtMs)}, due ${told(task.dueAtMs)}` +
      (handedOver === null ? '' : `, handed over ${told(handedOver)}${latenessTold(handedOver - task.dueAtMs)}`),
    flaw
      ? `DAMAGED: its dossier does not verify, first at event ${flaw.seq}: ${flaw.kind}, ${flaw.detail}`
      : `its dossier verifies: ${dossier.events.length} events`,
    `times of ${zone}, of ${dayOf(task.createdAtMs)} unless another day or offset is given`,
    '',
    ...(offersLeftOut > 0 ? [`of ${offersLeftOut} earlier offers only the events are told`] : []),
    ...(refusalsLeftOut > 0 ? [`${refusalsLeftOut} earlier refused proposals are left out`] : []),
    ...storyOf(trace, told).flatMap(({atMs, sentence, tickId}) => [
      `${told(atMs)}  ${sentence}`,
      ...(tickId !== null && kept.get(tickId)
        ? [`          npx cloudrun explain ${tickId} --task ${taskId}${database}`]
        : []),
    ]),
    ...offers
      .filter(({outcome}) => outcome === 'ACCEPTED')
      .flatMap(({offerId}) => {
        const {pickup, handover} = truths.get(offerId)!;
        return ['', `offer ${offerId}`, legLine('pick-up', pickup, told), legLine('hand-over', handover, told)];
      }),
  ];
}

/** Nothing where an instant cannot be read. */
const latenessTold = (lateMs: number): string => (Number.isNaN(lateMs) ? '' : `: ${latenessOf(lateMs)}`);

function legLine(name: string, {roadMs, promisedAtMs, correctionMs, actualAtMs, lateMs}: LegTruth, told: Told): string {
  const learned = correctionMs === null || correctionMs === 0 ? '' : `, ${signedSpan(correctionMs)} of it learned`;
  const promise = promisedAtMs === null ? 'no promise recorded' : `promised ${told(promisedAtMs)}${learned}`;
  const came = actualAtMs === null ? 'did not come' : `came ${told(actualAtMs)}`;
  const late = lateMs === null ? '' : `: ${latenessOf(lateMs)}`;
  return `  ${name.padEnd(9)}  ${promise}, ${came}${late} (${spanOf(roadMs)} by road)`;
}
