import {openGraph, saveGraph} from '../../native-graph/file.ts';
import {synthesize} from '../../native-graph/synth/synth.ts';
import {SENTENCES, verify} from '../../native-graph/verify.ts';
import {type BuildOptions, buildGraph} from './building.ts';
import {graphFacts} from './graph-facts.ts';
import {terminal} from './terminal.ts';

type Output = {readonly json?: boolean};

export async function build(input: string, output: string, {json, ...options}: Output & BuildOptions): Promise<void> {
  const shown = terminal(json ?? false);
  const {graph} = await buildGraph(input, shown, options);
  const writing = shown.progress(`writing ${output}`);
  saveGraph(graph, output);
  writing.end();
  const facts = graphFacts(graph);
  shown.answer(facts, textOf(facts));
}

export async function synth(
  output: string,
  {json, junctions, seed}: Output & {readonly junctions: number; readonly seed: number},
): Promise<void> {
  const shown = terminal(json ?? false);
  const progress = shown.progress(`Drawing ${output}`);
  const facts = {file: output, junctions, seed, ...synthesize(output, {junctions, seed, onProgress: progress.at})};
  progress.end();
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
