// A world for the HTTP side: a dispatcher made by hand, which notes what it was asked, and whatever database is given.

import {randomBytes} from 'node:crypto';
import type {FastifyInstance} from 'fastify';
import {pino} from 'pino';
import {openTokens} from '../../src/api/access/tokens.ts';
import {buildServer, type ServerOptions} from '../../src/api/server.ts';
import type {DispatchPort, Pause, PostedSpeeds, SpeedsPort, TickAnswer, World} from '../../src/api/world.ts';
import type {Database} from '../../src/db/connect.ts';
import {systemClock} from '../../src/domain/clock.ts';
import {sealingUnder} from '../../src/domain/sealing.ts';
import type {TickHeader} from '../../src/domain/tick-record.ts';
import {openPositions, type Positions} from '../../src/loops/positions.ts';
import {targetsBy} from '../../src/loops/webhook-target.ts';
import {createMetrics, openRegionSeries} from '../../src/metrics.ts';

export const REGION = 'test';
export const TICK_ID = '019a8f6e-7c1a-7b52-9f3e-3d0f5c2b8a10';

export const header: TickHeader = {
  id: TICK_ID,
  regionId: REGION,
  atMs: Date.UTC(2026, 5, 1, 18),
  trigger: 'request',
  fence: 7,
  snapshotHash: 'a1',
  decisionHash: 'b2',
  graph: 'town',
  graphEpoch: 0,
  weightsVersion: 1,
  codeVersion: 'test',
  counts: {drivers: 3, eligibleDrivers: 2, tasks: 2, eligibleTasks: 2, pairs: 4, proposed: 2, landed: 1, refused: 1},
  stageMs: {snapshot: 2, solve: 1.5},
  solve: {kind: 'optimal', certified: true, totalMs: 1_000, boundMs: 1_000, work: 12, augmentations: 2},
};

export const ticked: TickAnswer = {
  kind: 'ticked',
  header,
  landed: [{offerId: TICK_ID, taskId: TICK_ID, driverId: TICK_ID, expiresAtMs: header.atMs + 60_000}],
  refused: [{taskId: TICK_ID, driverId: TICK_ID, reason: 'DRIVER_FULL'}],
};

export type FakeDispatch = DispatchPort & {readonly asked: string[]};

export function fakeDispatch(overrides: Partial<DispatchPort> = {}): FakeDispatch {
  const asked: string[] = [];
  const paused = new Map<string, Pause>();
  return {
    asked,
    regions: [REGION],
    tick: async (regionId, {dryRun}) => {
      asked.push(`tick ${regionId}${dryRun ? ' dry' : ''}`);
      return ticked;
    },
    expire: async (regionId) => {
      asked.push(`expire ${regionId}`);
      return {expired: 2, failed: 1};
    },
    pause: async (regionId, by) => void paused.set(regionId, {by, sinceMs: header.atMs}),
    resume: async (regionId) => void paused.delete(regionId),
    pauseOf: (regionId) => paused.get(regionId),
    leases: () =>
      (overrides.regions ?? [REGION]).map((regionId) => ({regionId, owner: 'here/1', fence: 3, here: true})),
    taskPrices: () => undefined,
    readiness: () => ({ready: true, checks: [{name: 'graph', ok: true, detail: 'loaded'}]}),
    ...overrides,
  };
}

/** A graph named `town`, whose epoch grows with every post. */
export function fakeSpeeds(overrides: Partial<SpeedsPort> = {}): SpeedsPort & {readonly posted: PostedSpeeds[]} {
  const posted: PostedSpeeds[] = [];
  const report = {
    rowsApplied: 2,
    rowsUnknown: 1,
    rowsRepeated: 0,
    rowsBad: 1,
    segmentsChanged: 2,
    segmentsClosed: 0,
    problems: [{row: 3, code: 'ROW_MALFORMED', detail: '"x" is not from,to,km/h'} as const],
  };
  const stands = () => ({kind: 'stands', epoch: posted.length, repeated: false, report}) as const;
  return {
    posted,
    graphs: ['town'],
    graphOf: (regionId) => (regionId === REGION ? 'town' : undefined),
    standing: () => ({epoch: posted.length, record: undefined}),
    async put(_graph, rows) {
      posted.push(rows);
      return stands();
    },
    clear: async () => stands(),
    ...overrides,
  };
}

/** Answers every statement as a server that is not there does. */
export const databaseGone: Database = {
  address: 'nowhere:5432/none',
  query: async () => {
    throw Object.assign(new Error('connect ECONNREFUSED'), {code: 'ECONNREFUSED'});
  },
  waiting: () => 0,
  close: async () => {},
};

/** Positions that reach the database when a test says so. */
export const quietPositions = (db: Database): Positions =>
  openPositions(db, systemClock, {heard: () => {}, writeFailed: () => {}, lost: () => {}});

export function fakeWorld(db: Database, overrides: Partial<World> = {}): World {
  const metrics = createMetrics('test');
  openRegionSeries(metrics, REGION);
  return {
    db,
    dispatch: fakeDispatch(),
    speeds: fakeSpeeds(),
    explaining: {ask: async (_regionId, id) => ({kind: 'tick-not-found', id})},
    positions: quietPositions(db),
    tokens: openTokens(db, systemClock, false),
    random: randomBytes,
    metrics,
    log: pino({level: 'silent'}),
    clock: systemClock,
    codeVersion: 'test',
    eventsEveryMs: 20,
    sealing: sealingUnder([new Uint8Array(32)]),
    checkTarget: targetsBy(async () => [], []),
    attribution: () => '© someone',
    routing: () => undefined,
    ...overrides,
  };
}

/** A server that sheds nothing, as tests may well block the event loop. */
export const fakeServer = (
  db: Database,
  overrides: Partial<World> = {},
  options: ServerOptions = {},
): FastifyInstance => buildServer(fakeWorld(db, overrides), {delayLimitMs: 0, ...options});
