import {expect, test} from 'vitest';
import {
  countAnswer,
  countSpeedRows,
  countTick,
  createMetrics,
  openGraphSeries,
  openRegionSeries,
  setGauges,
} from '../src/metrics.ts';
import {header} from './api/world.ts';

const SAMPLE = /^[a-zA-Z_:][a-zA-Z0-9_:]*(\{[a-zA-Z_]\w*="([^"\\\n]|\\.)*"(,[a-zA-Z_]\w*="([^"\\\n]|\\.)*")*\})? \S+$/;

const sampleLines = (text: string) => text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));

test('every line of the exposition is a sample or a comment, and every number is one', async () => {
  const metrics = createMetrics('1.2.3');
  openRegionSeries(metrics, 'a "quoted" \\ region');
  const lines = sampleLines(await metrics.registry.metrics());
  expect(lines.length).toBeGreaterThan(100);
  for (const line of lines) {
    expect(line).toMatch(SAMPLE);
    expect(line.split(' ').at(-1)).toMatch(/^(Nan|[+-]?Inf|-?\d.*)$/);
  }
});

test('names follow the conventions: our prefix, a base unit last, counters ending in _total', async () => {
  const metrics = createMetrics();
  const ours = (await metrics.registry.getMetricsAsJSON()).filter(({name}) => name.startsWith('cloudrun_'));
  expect(ours.length).toBe(Object.keys(metrics).length - 1);
  for (const {name, type, help} of ours) {
    expect(help).toMatch(/\.$/);
    expect(name).not.toMatch(/_(ms|milliseconds|minutes|kb|percent)\b/);
    expect(name.endsWith('_total'), name).toBe(String(type) === 'counter');
    if (String(type) === 'histogram') expect(name).toMatch(/_seconds$/);
  }
});

test('event-loop lag is there under its usual name', async () => {
  expect(await createMetrics().registry.metrics()).toContain('nodejs_eventloop_lag_seconds');
});

test('two registries share nothing', async () => {
  const [one, other] = [createMetrics(), createMetrics()];
  one.poolFailures.inc({job: 'solve', kind: 'died'});
  expect(await other.registry.metrics()).not.toContain('cloudrun_pool_failures_total{');
});

test('a region starts with every outcome and reason at 0', async () => {
  const metrics = createMetrics();
  openRegionSeries(metrics, 'r');
  const text = await metrics.registry.metrics();
  expect(text).toContain('cloudrun_ticks_total{region="r",outcome="skipped"} 0');
  expect(text).toContain('cloudrun_offers_refused_total{region="r",reason="DRIVER_INSURANCE"} 0');
  expect(text).toContain('cloudrun_eta_error_seconds_count{region="r",leg="drop",trip="20+ min"} 0');
});

test('a graph starts at epoch 0 with every outcome of rows at 0, and counts what is posted', async () => {
  const metrics = createMetrics();
  openGraphSeries(metrics, 'g');
  countSpeedRows(metrics, 'g', {rowsApplied: 3, rowsUnknown: 2, rowsRepeated: 0, rowsBad: 1});
  const lines = (await metrics.registry.metrics()).split('\n');
  for (const line of [
    'cloudrun_graph_epoch{graph="g"} 0',
    'cloudrun_epoch_failures_total{graph="g"} 0',
    'cloudrun_speed_rows_total{graph="g",outcome="applied"} 3',
    'cloudrun_speed_rows_total{graph="g",outcome="repeated"} 0',
    'cloudrun_speed_rows_total{graph="g",outcome="bad"} 1',
  ]) {
    expect(lines).toContain(line);
  }
});

test('a certified tick counts as such, with its stages in seconds and a gap of 0', async () => {
  const metrics = createMetrics();
  countTick(metrics, header, [{reason: 'DRIVER_FULL'}, {reason: 'DRY_COUNTY'}], 40, 1_700_000_000_500);
  const text = await metrics.registry.metrics();
  for (const line of [
    'cloudrun_ticks_total{region="test",outcome="certified"} 1',
    'cloudrun_tick_duration_seconds_sum{region="test"} 0.04',
    'cloudrun_tick_stage_duration_seconds_sum{region="test",stage="snapshot"} 0.002',
    'cloudrun_tick_gap_ratio{region="test"} 0',
    'cloudrun_last_tick_timestamp_seconds{region="test"} 1700000000.5',
    'cloudrun_candidate_pairs_total{region="test"} 4',
    'cloudrun_proposals_total{region="test"} 2',
    'cloudrun_offers_total{region="test",outcome="landed"} 1',
    'cloudrun_offers_refused_total{region="test",reason="DRIVER_FULL"} 1',
    'cloudrun_offers_refused_total{region="test",reason="OTHER_RULE"} 1',
  ]) {
    expect(text.split('\n')).toContain(line);
  }
});

test('solves count by their start, with the searches they took and those that the last answer saved', async () => {
  const metrics = createMetrics();
  countTick(metrics, header, [], 40, 0);
  countTick(metrics, {...header, solve: {...header.solve, augmentations: 1, saved: 5}}, [], 40, 0);
  const lines = (await metrics.registry.metrics()).split('\n');
  for (const line of [
    'cloudrun_solves_total{region="test",start="cold"} 1',
    'cloudrun_solves_total{region="test",start="warm"} 1',
    'cloudrun_solve_augmentations_total{region="test",start="cold"} 2',
    'cloudrun_solve_augmentations_total{region="test",start="warm"} 1',
    'cloudrun_solve_augmentations_saved_total{region="test"} 5',
  ]) {
    expect(lines).toContain(line);
  }
});

test('a tick over budget counts apart, with what is not proven as its gap', async () => {
  const metrics = createMetrics();
  const solve = {...header.solve, kind: 'over-budget', certified: true, totalMs: 1_000, boundMs: 950} as const;
  countTick(metrics, {...header, solve}, [], 40, 0);
  countTick(metrics, {...header, solve: {...solve, certified: false}}, [], 40, 0);
  const text = await metrics.registry.metrics();
  expect(text).toContain('cloudrun_ticks_total{region="test",outcome="over_budget"} 1');
  expect(text).toContain('cloudrun_ticks_total{region="test",outcome="uncertified"} 1');
  expect(text).toContain('cloudrun_tick_gap_ratio{region="test"} 0.05');
});

test('an answer that failed its check is not counted as certified', async () => {
  const metrics = createMetrics();
  countTick(metrics, {...header, solve: {...header.solve, certified: false}}, [], 40, 0);
  expect(await metrics.registry.metrics()).toContain('outcome="uncertified"} 1');
});

test('gauges follow the last reading', async () => {
  const metrics = createMetrics();
  const reading = {
    tasks: {PENDING: 5},
    drivers: {OFF: 2},
    openOffers: 3,
    overdueOffers: 1,
    oldestOverdueMs: 1_500,
    oldestXminAge: 40,
    deadTuples: 9,
  };
  setGauges(metrics, 'r', {...reading, oldestOverdueMs: 1_500});
  setGauges(metrics, 'r', {...reading, tasks: {PENDING: 0, OFFERED: 1}, openOffers: 1});
  const lines = (await metrics.registry.metrics()).split('\n');
  for (const line of [
    'cloudrun_tasks{region="r",state="PENDING"} 0',
    'cloudrun_tasks{region="r",state="OFFERED"} 1',
    'cloudrun_drivers{region="r",status="OFF"} 2',
    'cloudrun_open_offers{region="r"} 1',
    'cloudrun_overdue_offers{region="r"} 1',
    'cloudrun_sweep_lag_seconds{region="r"} 1.5',
    'cloudrun_db_oldest_xmin_age_transactions 40',
    'cloudrun_db_dead_rows 9',
  ]) {
    expect(lines).toContain(line);
  }
});

test("a driver's answer is the outcome of an offer, other changes are not", async () => {
  const metrics = createMetrics();
  for (const action of ['accept', 'reject', 'deliver'] as const) countAnswer(metrics, 'r', action);
  const lines = (await metrics.registry.metrics()).split('\n');
  expect(lines).toContain('cloudrun_offers_total{region="r",outcome="rejected"} 1');
  expect(lines.filter((line) => line.startsWith('cloudrun_offers_total{'))).toHaveLength(2);
});
