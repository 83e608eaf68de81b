// Every command with its options; what each does stands in a file of its own.

import {Command, type CommanderError, Option} from 'commander';
import {SYNTH_JUNCTIONS_LIMIT} from '../../native-graph/synth/world.ts';
import {ISOCHRONE_MINUTES_DEFAULT} from '../api/limits.ts';
import {DEFAULTS} from '../config.ts';
import {providerCommands, tokenCommands} from './caller-commands.ts';
import {collect, integer, number, routerOption, tokenOption} from './options.ts';
import {recordCommands} from './record-commands.ts';
import {rulesCommands} from './rules-commands.ts';
import {codeVersion} from './version.ts';

/** What ends a command with exit code 2 and one line: bad input anywhere in the project carries a stable code. */
export const isFailure = (error: unknown): error is Error & {code: string} =>
  error instanceof Error && error.name === 'InputFailure' && 'code' in error;

/** Unknown flags, missing arguments and values out of bounds: one line, exit code 2. */
const USAGE_EXIT_CODE = 2;

/** Of `solve`: about an hour. */
const SOLVE_BUDGET = 1e12;

export function program(): Command {
  const root = new Command('cloudrun')
    .description(
      'Dispatch for on-demand delivery: exact road times, a proven optimum each tick, every decision recorded.',
    )
    .version(codeVersion, '--version')
    .showSuggestionAfterError()
    .configureOutput({outputError: (text, write) => write(`cloudrun: USAGE: ${oneLine(text)}\n`)})
    .exitOverride(endWith);

  root
    .command('demo')
    .description('A real city, dispatched: embedded Postgres, simulated drivers and customers, a page to look at.')
    .option('--for <seconds>', 'end after so many real seconds', number(1, 86_400))
    .option('--time-scale <factor>', 'how much faster than real time the world runs', number(1, 200), 20)
    .option('--json', 'end with one JSON object on standard output; lines for people go to standard error')
    .addOption(
      new Option('--osm <file>', 'a city: OSM PBF or XML, or GeoJSON of OSM ways (default: Gothenburg)').conflicts(
        'graph',
      ),
    )
    .option('--graph <file>', 'a city as a graph file (.crg)')
    .option('--drivers <count>', 'drivers on shift', integer(1, 20_000), 400)
    .option('--tasks-per-minute <rate>', 'orders per minute of the simulated world', number(0, 1_000), 12)
    .option('--port <port>', 'port of the page and the API (0: any free one)', integer(0, 65_535), DEFAULTS.port)
    .option('--data-dir <folder>', 'where the world is kept between runs (default: .cloudrun beside package.json)')
    .option('--seed <number>', 'makes the world reproducible', integer(0, 2 ** 31 - 1), 1)
    .action(async (options) => (await import('./demo.ts')).demo(options));

  root
    .command('serve')
    .description('The daemon, from the environment: DATABASE_URL and CLOUDRUN_* (docs/OPERATIONS.md).')
    .action(async () => (await import('./serve.ts')).serve());

  root
    .command('migrate')
    .description('Brings the database of DATABASE_URL, or of a data folder, to the schema of this version.')
    .option('--data-dir <folder>', 'the embedded database that a demo left there')
    .option('--json', 'one JSON line')
    .action(async (options) => (await import('./migrate.ts')).migrateCommand(options));

  const region = root.command('region').description('Markets: what a daemon dispatches.');
  region
    .command('put <id>')
    .description('Makes a region, or changes one.')
    .option('--name <name>', 'for people (default: the id)')
    .option('--time-zone <zone>', 'IANA name; opening hours follow it (default: America/Chicago)')
    .option('--graph <name>', 'its graph, a name of CLOUDRUN_GRAPHS (default: the id)')
    .option('--set <setting>', 'name=number, such as offerTtlS=90; may be given again', collect, [])
    .option('--area <file>', 'draws it on the map: a GeoJSON Polygon or MultiPolygon')
    .option('--no-area', 'takes the drawing away')
    .option('--data-dir <folder>', 'the embedded database that a demo left there')
    .option('--json', 'one JSON line')
    .action(async (id, options) => (await import('./region.ts')).put(id, options));
  region
    .command('list')
    .description('The regions of the database.')
    .option('--data-dir <folder>', 'the embedded database that a demo left there')
    .option('--json', 'one JSON line')
    .action(async (options) => (await import('./region.ts')).list(options));

  providerCommands(root);
  rulesCommands(root);
  tokenCommands(root);

  const graph = root.command('graph').description('Road graphs: build, describe and check graph files.');
  graph
    .command('build <input> <output>')
    .description('Builds a graph file from OSM PBF or XML (plain, gz, bz2), GeoJSON of OSM ways, or DIMACS (.gr).')
    .option('--coordinates <file>', 'the input is a DIMACS graph, and these are its coordinates (.co)')
    .addOption(
      new Option('--driving-side <side>', 'the side that cars drive on')
        .choices(['right', 'left', 'auto'])
        .default('auto'),
    )
    .option('--min-component-segments <count>', 'keep islands from this size', integer(1, 1e9), 1_000)
    .option('--json', 'one JSON line')
    .action(async (input, output, options) => (await import('./graph.ts')).build(input, output, options));
  graph
    .command('info <file>')
    .description('What a graph file holds: counts, box, source, what was left out and why.')
    .option('--json', 'one JSON line')
    .action(async (file, options) => (await import('./graph.ts')).info(file, options));
  graph
    .command('verify <file>')
    .description('Checks every invariant of a graph file; exit code 1 names the first that fails.')
    .option('--json', 'one JSON line')
    .action(async (file, options) => (await import('./graph.ts')).verifyCommand(file, options));
  graph
    .command('synth <output>')
    .description('Writes a synthetic state as OSM PBF: the same size and seed give the same bytes.')
    .requiredOption('--junctions <count>', 'junctions of the road network', integer(500, SYNTH_JUNCTIONS_LIMIT))
    .option('--seed <number>', 'another seed, another world', integer(0, 2 ** 31 - 1), 1)
    .option('--json', 'one JSON line')
    .action(async (output, options) => (await import('./graph.ts')).synth(output, options));

  const routes = (name: string, description: string): Command =>
    root
      .command(`${name} <file>`)
      .description(description)
      .addOption(routerOption())
      .addOption(
        new Option('--approaches <side>', 'curb: only the direction that passes on the point’s side of a street')
          .choices(['unrestricted', 'curb'])
          .default('unrestricted'),
      )
      .option('--speeds <file>', 'live speeds: from,to,km/h a line, as OSRM has them')
      .option('--json', 'one JSON line');
  routes('route', 'The fastest way over a graph file, from one point to another.')
    .requiredOption('--from <lon,lat>', 'where it starts, in degrees')
    .requiredOption('--to <lon,lat>', 'where it ends')
    .action(async (file, options) => (await import('./routes.ts')).routeCommand(file, options));
  routes('table', 'Times from every source to every destination; null where there is no way.')
    .requiredOption('--sources <file>', 'one LON,LAT a line')
    .requiredOption('--destinations <file>', 'one LON,LAT a line')
    .option('--threads <count>', 'threads that search', integer(1, 256), DEFAULTS.threads)
    .action(async (file, options) => (await import('./routes.ts')).tableCommand(file, options));
  routes('nearest-drivers', 'For every task, the drivers that reach it first.')
    .requiredOption('--drivers <file>', 'one LON,LAT a line')
    .requiredOption('--tasks <file>', 'one LON,LAT a line')
    .requiredOption('-k <count>', 'how many drivers a task', integer(1, 1_000))
    .option('--threads <count>', 'threads that search', integer(1, 256), DEFAULTS.threads)
    .action(async (file, options) => (await import('./routes.ts')).nearestDriversCommand(file, options));
  routes('isochrone', 'What is within some minutes of a point by road; --json writes it as GeoJSON.')
    .option('--from <lon,lat>', 'areas that one gets to from here')
    .option('--to <lon,lat>', 'areas from which one gets here')
    .option('--minutes <list>', 'whole minutes, ascending, by commas', ISOCHRONE_MINUTES_DEFAULT)
    .action(async (file, options) => (await import('./isochrone.ts')).isochroneCommand(file, options));
  root
    .command('route-server <file>')
    .description('OSRM’s route, table and nearest, and isochrones, over a graph file; needs no database.')
    .requiredOption('--port <port>', 'port (0: any free one)', integer(0, 65_535))
    .option('--host <address>', 'address to listen on', DEFAULTS.host)
    .addOption(routerOption())
    .option('--speeds <file>', 'live speeds, as for the commands that search')
    .option('--threads <count>', 'threads that search', integer(1, 256), DEFAULTS.threads)
    .option('--json', 'one JSON line once it listens')
    .action(async (file, options) => (await import('./route-server.ts')).routeServer(file, options));

  root
    .command('solve <file>')
    .description(
      'The least cost of a min-cost flow in DIMACS format, or why there is none; exit code 1 where nothing is proven.',
    )
    .option('--threads <count>', 'threads for large assignments: the answer is the same', integer(1, 256))
    .option('--budget <units>', 'arcs and nodes that may be visited', integer(0, 2 ** 53 - 1), SOLVE_BUDGET)
    .option('--json', 'one JSON line')
    .action(async (file, options) => (await import('./solve.ts')).solveCommand(file, options));

  const speeds = root.command('speeds').description('Live speeds of a running daemon; each change is an epoch.');
  const ofDaemon = (command: Command): Command =>
    command
      .requiredOption('--url <url>', 'the daemon at this address')
      .addOption(tokenOption())
      .option('--json', 'one JSON line');
  const ofGraph = (command: Command): Command =>
    ofDaemon(command).option('--graph <name>', 'the graph (default: the only one)');
  ofGraph(speeds.command('put <file>'))
    .description(
      'Posts a file of from,to,km/h lines, as OSRM has them; 0 closes a road. Bad rows are told and skipped.',
    )
    .addOption(
      new Option('--mode <mode>', 'instead of the speeds that stand, or on top of them')
        .choices(['replace', 'merge'])
        .default('replace'),
    )
    .action(async (file, options) => (await import('./speeds.ts')).put(file, options));
  ofGraph(speeds.command('clear'))
    .description('Goes back to the times of the graph file.')
    .action(async (options) => (await import('./speeds.ts')).clear(options));
  ofDaemon(speeds.command('list'))
    .description('The standing epoch of every graph of the daemon.')
    .action(async (options) => (await import('./speeds.ts')).list(options));

  for (const [name, description] of [
    ['tick', 'One tick, in this process or, with --url, by a running daemon.'],
    ['expire', 'Closes the offers that are due.'],
  ] as const) {
    const command = root
      .command(name)
      .description(description)
      .option('--region <id>', 'the region (default: the only one)')
      .option('--url <url>', 'ask the daemon at this address')
      .addOption(tokenOption())
      .option('--data-dir <folder>', 'the embedded database that a demo left there')
      .option('--json', 'one JSON line');
    if (name === 'tick') {
      command
        .option('--dry-run', 'decide, but commit and record nothing')
        .option('--graph <file>', 'the graph file of the region, when it is not where the demo built it');
    }
    command.action(async (options) => (await import('./once.ts'))[name](options));
  }

  recordCommands(root);
  return root;
}

/** Commander prints its own message first; help and version are no failures. */
function endWith(error: CommanderError): never {
  process.exit(error.exitCode === 0 ? 0 : USAGE_EXIT_CODE);
}

const oneLine = (text: string) =>
  text
    .replace(/^error: /, '')
    .trim()
    .replaceAll(/\s*\n\s*/g, ' ');
