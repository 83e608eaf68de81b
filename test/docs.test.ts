// The documents are held true where a machine can: links, variables, metrics, packages, limits, signatures, codes,
// states.
import {createHash} from 'node:crypto';
import {existsSync, readdirSync, readFileSync} from 'node:fs';
import {dirname, join, normalize} from 'node:path';
import {fileURLToPath} from 'node:url';
import {expect, test} from 'vitest';
import {acceptance} from '../src/dispatch/acceptance.ts';
import {costs, TERM_NAMES} from '../src/dispatch/costs.ts';
import {DISPATCH_CHECKS} from '../src/dispatch/eligibility.ts';
import {flawOf} from '../src/domain/dossier.ts';
import {REFUSALS} from '../src/domain/offer.ts';
import {STARTING_RULE_CODES} from '../src/domain/rule.ts';
import {TASK_CHANGES} from '../src/domain/state.ts';
import {flaw} from '../src/flow/certificate.ts';
import {solve} from '../src/flow/solve.ts';
import {market, NOW_MS} from './support/snapshot.ts';

const LINES_LIMIT = 300;
const COLUMNS_LIMIT = 120;

const root = fileURLToPath(new URL('..', import.meta.url));
const read = (path: string): string => readFileSync(join(root, path), 'utf8');
const namesUnder = (folder: string, ending: RegExp): string[] =>
  readdirSync(join(root, folder), {recursive: true, encoding: 'utf8'})
    .filter((name) => ending.test(name))
    .map((name) => `${folder}/${name}`);

const written = namesUnder('docs', /\.md$/);
const documents = [...written, 'CHANGELOG.md', 'README.md', 'native-graph/README.md'].filter((path) =>
  existsSync(join(root, path)),
);

const unfenced = (markdown: string): string => markdown.replace(/^```.*?^```/gms, '');
const without = (all: Iterable<string>, known: Iterable<string>): string[] => [
  ...new Set(all).difference(new Set(known)),
];
const found = (text: string, pattern: RegExp): string[] => Array.from(text.matchAll(pattern), ([, name]) => name);

/** The anchors that GitHub gives a document's headings. */
function anchorsOf(path: string): Set<string> {
  const anchors = new Set<string>();
  for (const heading of found(unfenced(read(path)), /^#{1,6} +(.+)$/gm)) {
    const text = heading.replace(/\[([^\]]*)\]\([^)]*\)/g, '$1').toLowerCase();
    const slug = text.replace(/[^\p{L}\p{N} _-]/gu, '').replaceAll(' ', '-');
    let anchor = slug;
    for (let i = 1; anchors.has(anchor); i++) anchor = `${slug}-${i}`;
    anchors.add(anchor);
  }
  return anchors;
}

test.each(documents)('every relative link of %s leads somewhere', (path) => {
  const broken = found(unfenced(read(path)), /\]\(([^)\s]+)\)/g)
    .filter((link) => !/^[a-z]+:/.test(link))
    .filter((link) => {
      const [file, anchor] = link.split('#');
      const target = file === '' ? path : normalize(join(dirname(path), file));
      if (!existsSync(join(root, target))) return true;
      return anchor !== undefined && target.endsWith('.md') && !anchorsOf(target).has(anchor);
    });
  expect(broken).toEqual([]);
});

test.each(written)('%s can be read on one screen width and in one sitting', (path) => {
  const lines = read(path).split('\n');
  expect(lines.length - 1).toBeLessThanOrEqual(LINES_LIMIT);
  expect(lines.flatMap((line, i) => (line.length > COLUMNS_LIMIT ? [i + 1] : []))).toEqual([]);
});

test('OPERATIONS lists exactly the environment variables that are read', () => {
  const variable = /\b(DATABASE_URL|CLOUDRUN_[A-Z_]*[A-Z])\b/g;
  const used = found(read('src/config.ts'), variable);
  const told = found(read('docs/OPERATIONS.md'), variable);
  expect({untold: without(used, told), unread: without(told, used)}).toEqual({untold: [], unread: []});
});

test('METRICS lists exactly the metrics that there are', () => {
  const metrics = found(read('src/metrics.ts'), /'(cloudrun_[a-z_]+)'/g);
  const told = found(read('docs/METRICS.md'), /\b(cloudrun_[a-z_]+?)(?:_bucket|_count|_sum)?\b/g);
  expect({untold: without(metrics, told), unknown: without(told, metrics)}).toEqual({untold: [], unknown: []});
});

test('the dependency policy lists exactly the packages of package.json', () => {
  const {dependencies, optionalDependencies, devDependencies} = JSON.parse(read('package.json'));
  const taken = Object.keys({...dependencies, ...optionalDependencies, ...devDependencies});
  const told = found(read('docs/decisions/0001-dependencies.md'), /^\| `([^`]+)` \|/gm);
  expect({untold: without(taken, told), gone: without(told, taken)}).toEqual({untold: [], gone: []});
});

/** The rows of the limits table: | `NAME` | value | [file](../path) | …. */
const limits = Array.from(
  read('docs/LIMITS.md').matchAll(/^\| `([A-Z0-9_]+)` \| (\S+).*? \| \[[^\]]+\]\(\.\.\/([^)#]+)\)/gm),
  ([, name, value, path]) => ({name, value, path}),
);

/** The number that `const NAME = …;` stands for, where it is a plain one or a product or power of some. */
function numberOf(name: string, text: string): number | undefined {
  const literal = new RegExp(`\\bconst ${name}(?:: [a-z]+)? = ([\\d_.* ]+);`).exec(text)?.[1].replaceAll('_', '');
  return literal?.split(/ \* /).reduce((product, factor) => {
    const [base, power] = factor.split('**').map(Number);
    return product * (power === undefined ? base : base ** power);
  }, 1);
}

test('the limits table names constants that exist, with their values', () => {
  expect(limits.length).toBeGreaterThan(0);
  for (const {name, value, path} of limits) {
    const text = read(path);
    expect(text, `${name} in ${path}`).toMatch(new RegExp(`\\bconst ${name}\\b`));
    const number = numberOf(name, text);
    if (number !== undefined) expect(value, `${name} in ${path}`).toBe(number.toLocaleString('en-US'));
  }
});

test('every exported limit stands in the limits table', () => {
  const exported = ['src', 'native-graph']
    .flatMap((folder) => namesUnder(folder, /\.ts$/))
    .flatMap((path) => found(read(path), /^export const ([A-Z0-9_]*LIMIT[A-Z0-9_]*)\b/gm));
  expect(
    without(
      exported,
      limits.map(({name}) => name),
    ),
  ).toEqual([]);
});

/** Code without what a formatter may change: white space, and commas before a closing bracket. */
const bare = (code: string): string => code.replace(/\s+/g, '').replace(/,(?=[)\]}])/g, '');

test('every signature in the product requirements is that of the code', () => {
  const blocks = found(read('docs/dispatch_prd.md'), /^```ts\n(.*?)^```/gms);
  const quoted = blocks.flatMap((block) =>
    block
      .split(/^(?=\/\/ \S+\.ts$)/m)
      .filter((part) => part.trim() !== '')
      .flatMap((part) => {
        const [first, ...rest] = part.split('\n');
        return rest
          .join('\n')
          .split(/\n\n+/)
          .map((code) => ({path: first.replace('// ', ''), code: code.trim()}));
      }),
  );
  expect(quoted.length).toBeGreaterThan(0);
  const wrong = quoted.filter(({path, code}) => !bare(read(path)).includes(bare(code)));
  expect(wrong).toEqual([]);
});

test('every reason code is told', () => {
  const told = read('docs/dispatch_prd.md');
  const codes = [...DISPATCH_CHECKS.map(({code}) => code), ...STARTING_RULE_CODES];
  expect([...codes, ...REFUSALS].filter((code) => !told.includes(`\`${code}\``))).toEqual([]);
});

test('the diagram of a task draws exactly the changes that are legal', () => {
  const drawn = found(read('docs/ARCHITECTURE.md'), /^ *([A-Z_]+ --> [A-Z_]+: .+)$/gm);
  const legal = Object.entries(TASK_CHANGES).flatMap(([from, changes]) =>
    Object.entries(changes).map(([action, to]) => `${from} --> ${to}: ${action}`),
  );
  const drawnOnce = drawn.flatMap((line) => {
    const [states, actions] = line.split(': ');
    return actions.split(', ').map((action) => `${states}: ${action}`);
  });
  expect(drawnOnce.filter((line) => !line.startsWith('OPEN')).sort()).toEqual(legal.sort());
});

test('the worked example of COSTS is what the code computes', () => {
  const minutes = (...values: number[]) => Int32Array.from(values, (value) => value * 60_000);
  const base = market(1, {drivers: 2, stores: 2, tasks: 2});
  const snapshot = {
    ...base,
    medianPaidMin2h: 40,
    drivers: {...base.drivers, offers: [40, 10], accepted: [30, 3], declines30m: [0, 1], paidMin2h: [20, 60]},
    tasks: {
      ...base.tasks,
      readyAtMs: [...minutes(-2, 6)].map((ms) => NOW_MS + ms),
      dueAtMs: [...minutes(30, 22)].map((ms) => NOW_MS + ms),
      payCents: [700, 600],
    },
  };
  const pairs = {
    task: Int32Array.of(0, 0, 1, 1),
    driver: Int32Array.of(0, 1, 0, 1),
    pickupMs: minutes(4, 7, 3, 8),
    dropMs: minutes(9, 9, 14, 14),
    returnMs: minutes(9.5, 9.5, 14, 14),
  };
  const p = acceptance(snapshot, pairs);
  const {costMs, termMs, unassignedMs} = costs(snapshot, pairs, p);
  const text = read('docs/COSTS.md');
  for (let i = 0; i < 4; i++) {
    const terms = Array.from(termMs.subarray(i * TERM_NAMES.length, (i + 1) * TERM_NAMES.length));
    const cells = [p[i].toFixed(4), ...[...terms, costMs[i]].map((ms) => ms.toLocaleString('en-US'))];
    expect(text).toContain(`| T${pairs.task[i] + 1}–D${pairs.driver[i] + 1} | ${cells.join(' | ')} |`);
  }

  const problem = {
    driverCount: 2,
    taskCount: 2,
    firstPair: Int32Array.of(0, 2, 4),
    driver: pairs.driver,
    costMs,
    capacity: Int32Array.of(1, 1),
    unassignedMs,
  };
  const solution = solve(problem, {budget: 1_000});
  expect(flaw(problem, solution)).toBeUndefined();
  expect(solution.driverOf).toEqual(Int32Array.of(1, 0));
  for (const ms of [solution.totalMs, costMs[0] + costMs[3], ...unassignedMs]) {
    expect(text).toContain(ms.toLocaleString('en-US'));
  }
});

test('the worked example of DOSSIER verifies', () => {
  const text = read('docs/DOSSIER.md');
  const fenced = (name: string) =>
    new RegExp(`^\`\`\`${name}\n(.*?)\n\`\`\``, 'ms').exec(text)![1].replaceAll('\n', '');
  const sha256 = (...parts: (string | Buffer)[]) =>
    parts.reduce((hash, part) => hash.update(part), createHash('sha256')).digest();
  let prevHash = Buffer.alloc(32);
  const events = [1, 2].map((seq) => {
    const body = fenced(`body-${seq}`);
    const hash = sha256(prevHash, body);
    expect(fenced(`hash-${seq}`)).toBe(hash.toString('hex'));
    const {kind, actor, at} = JSON.parse(body);
    const event = {seq, kind, actor, at: at.replace('Z', '000Z'), body, prevHash, hash};
    prevHash = hash;
    return event;
  });
  const taskId: string = JSON.parse(events[0].body).task;
  const head = {seq: 2, hash: prevHash, state: 'CANCELLED', closedAtMs: Date.parse(events[1].at), legalHold: false};
  expect(flawOf({taskId, events, head})).toBeUndefined();
  expect(fenced('heads')).toBe(`austin ${taskId} 2 ${prevHash.toString('hex')}`);
  expect(text).toContain(`\`${sha256(`${fenced('heads')}\n`).toString('hex')}\``);
});
