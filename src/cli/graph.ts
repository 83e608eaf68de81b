import {assemble} from '../../native-graph/build/assemble.ts';
import {importNetwork} from '../../native-graph/build/import.ts';
import {importDimacs} from '../../native-graph/dimacs/import.ts';
import {openGraph, saveGraph} from '../../native-graph/file.ts';
import {SENTENCES, verify} from '../../native-graph/verify.ts';
import {graphFacts} from './graph-facts.ts';
import {terminal} from './terminal.ts';

type Output = {readonly json?: boolean};

export async function build(
  input: string,
  output: string,
  options: Output & {readonly minComponentSegments: number; readonly coordinates?: string},
): Promise<void> {
  const shown = terminal(options.json ?? false);
  const progress = shown.progress(`Reading ${input}`);
  const onProgress = progress.at;
  const network =
    options.coordinates === undefined
      ? await importNetwork(input, {onProgress})
      : await importDimacs(input, options.coordinates, {onProgress});
  progress.end();
  const {graph} = assemble(network, {minComponentSegments: options.minComponentSegments});
  saveGraph(graph, output);
  const facts = graphFacts(graph);
  shown.answer(facts, textOf(facts));
}

export async function info(file: string, options: Output): Promise<void> {
  const facts = graphFacts(openGraph(file));
  terminal(options.json ?? false).answer(facts, textOf(facts));
}

/** Exit code 1 when an invariant does not hold. */
export async function verifyCommand(file: string, options: Output): Promise<void> {
  const broken = verify(openGraph(file));
  const held = broken ? SENTENCES.slice(0, SENTENCES.indexOf(broken.sentence)) : SENTENCES;
  terminal(options.json ?? false).answer(
    {ok: broken === undefined, held: held.length, broken: broken ?? null},
    [...held.map((sentence) => `ok      ${sentence}`), broken && `BROKEN  ${broken.sentence} (at ${broken.at})`]
      .filter(Boolean)
      .join('\n'),
  );
  if (broken) process.exitCode = 1;
}

/** Nested facts as indented lines. */
function textOf(facts: object, indent = ''): string {
  return Object.entries(facts)
    .map(([name, value]) => {
      if (value === null || typeof value !== 'object') return `${indent}${name.padEnd(24 - indent.length)} ${value}`;
      if (Array.isArray(value)) return `${indent}${name.padEnd(24 - indent.length)} ${value.join(', ')}`;
      return `${indent}${name}\n${textOf(value, `${indent}  `)}`;
    })
    .join('\n');
}
