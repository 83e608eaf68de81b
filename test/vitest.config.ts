import {fileURLToPath} from 'node:url';
import {defineConfig} from 'vitest/config';
import {BaseSequencer, type TestSpecification} from 'vitest/node';

/** An ordinary test takes a second; a test of a soak, with all its cases, minutes. */
const TIMEOUT_MS = process.env.CLOUDRUN_SOAK === '1' ? 1_800_000 : 120_000;

/** Files that take longest, longest first: whichever comes last is waited for by itself. */
const LONGEST = [
  'test/chaos/chaos.test.ts',
  'test/cli/demo.test.ts',
  'test/web/live-map.test.ts',
  'test/bench.test.ts',
  'test/cli/live-speeds.test.ts',
  'test/cli/serve.test.ts',
  'test/check.test.ts',
  'test/pool/threads.test.ts',
  'test/api/fuzz.test.ts',
  'test/cli/many-daemons.test.ts',
  'test/cli/routes.test.ts',
  'test/cli/events.test.ts',
  'test/pool/pool.test.ts',
  'test/db/embedded.test.ts',
  'test/loops/webhook-deliveries.test.ts',
  'test/cli/dossiers.test.ts',
  'test/web/restart.test.ts',
  'test/web/what-if.test.ts',
  'test/web/etas.test.ts',
];

const APART = ['test/*.test.ts', 'test/{cli,chaos,web}/**/*.test.ts'];

class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const place = ({moduleId}: TestSpecification): number => {
      const at = LONGEST.findIndex((path) => moduleId.endsWith(`/${path}`));
      return at < 0 ? LONGEST.length : at;
    };
    return (await super.sort(files)).sort((a, b) => place(a) - place(b));
  }
}

export default defineConfig({
  root: fileURLToPath(new URL('..', import.meta.url)),
  test: {
    projects: [
      // Whole daemons, browsers and repositories: each file in a process of its own.
      {extends: true, test: {name: 'apart', include: APART, isolate: true}},
      // All else cleans up after itself, so that one process serves many files: half a minute less on two cores.
      {extends: true, test: {name: 'together', include: ['test/**/*.test.ts'], exclude: APART, isolate: false}},
    ],
    globalSetup: ['test/support/global-postgres.ts'],
    // On two cores: tests of whole daemons wait half of their time.
    maxWorkers: 3,
    sequence: {sequencer: LongestFirst},
    testTimeout: TIMEOUT_MS,
    hookTimeout: TIMEOUT_MS,
  },
});
