// Commands that look at what was recorded: ticks, deliveries, promises and dossiers.

import {type Command, Option} from 'commander';
import {collect, integer} from './options.ts';

export function recordCommands(root: Command): void {
  root
    .command('ticks')
    .description('The last ticks of the database: id, instant, region, offers, decision hash.')
    .option('--last <count>', 'how many', integer(1, 1_000), 20)
    .option('--region <id>', 'of one region only')
    .option('--data-dir <folder>', 'the embedded database that a demo left there')
    .option('--json', 'one JSON line')
    .action(async (options) => (await import('./ticks.ts')).ticks(options));

  root
    .command('replay <tick>')
    .description('Decides a recorded tick again and compares the hashes; exit code 1 when they differ.')
    .option('--data-dir <folder>', 'the embedded database that a demo left there')
    .option('--graph <file>', 'the graph file of the region, when it is not where the demo built it')
    .option('--json', 'one JSON line')
    .action(async (tickId, options) => (await import('./replay.ts')).replay(tickId, options));

  root
    .command('explain <tick>')
    .description(
      'Why a driver was or was not asked for a task at a recorded tick, exactly; without a driver, of the task.',
    )
    .requiredOption('--task <id>', 'the task')
    .option('--driver <id>', 'the driver')
    .option('--alternatives <count>', 'of the task alone: how many alternatives', integer(0, 1_000), 10)
    .option('--data-dir <folder>', 'the embedded database that a demo left there')
    .option('--graph <file>', 'the graph file of the region, when it is not where the demo built it')
    .option('--json', 'one JSON line')
    .action(async (tickId, options) => (await import('./explain.ts')).explainCommand(tickId, options));

  root
    .command('what-if <tick>')
    .description('A recorded tick under other circumstances, beside what it decided; costs by the weights of then.')
    .option('--set <change>', 'a weight or setting, such as w_age=3; may be given again', collect, [])
    .option('--add-driver <lon,lat>', 'a free driver more, who may carry everything; again for more', collect, [])
    .option('--without-driver <id>', 'as if the driver were off shift; may be given again', collect, [])
    .option('--without-task <id>', 'as if the task did not wait; may be given again', collect, [])
    .option('--without-rule <code>', 'as if the rule were not in force; may be given again', collect, [])
    .option('--span <count>', 'so many ticks, this one the last, each by itself', integer(1, 10_000), 1)
    .option('--data-dir <folder>', 'the embedded database that a demo left there')
    .option('--graph <file>', 'the graph file of the region, when it is not where the demo built it')
    .option('--json', 'one JSON line')
    .action(async (tickId, options) => (await import('./what-if.ts')).whatIfCommand(tickId, options));

  const ofDatabase = (command: Command): Command =>
    command
      .option('--data-dir <folder>', 'the embedded database that a demo left there')
      .option('--json', 'one JSON line');
  ofDatabase(root.command('trace <task>'))
    .description('A delivery from end to end: ticks, offers, waits, what was promised and what came.')
    .action(async (taskId, options) => (await import('./trace.ts')).traceCommand(taskId, options));
  ofDatabase(root.command('etas'))
    .description('Promised against actual times, and whether what is learned from them helps; late is positive.')
    .option('--region <id>', 'the region (default: the only one)')
    .option('--days <count>', 'of hand-overs of so many days', integer(1, 36_500), 28)
    .option('--learn', 'learn now, as the daemon does every hour')
    .action(async (options) => (await import('./etas.ts')).etas(options));
  ofDatabase(root.command('verify-dossier'))
    .description('Recomputes every chain of events; exit code 1 names the first event that was altered.')
    .option('--task <id>', 'only this one')
    .option('--expect <digest>', 'the headsDigest of an earlier run, which must come out again')
    .option('--as-of <xid>', 'the asOf of that run')
    .action(async (options) => (await import('./dossiers.ts')).verify(options));
  ofDatabase(root.command('dossier').description('Dossiers one by one.').command('export <output>'))
    .description('Writes one dossier, for a program or for a reader; - is standard output.')
    .requiredOption('--task <id>', 'whose')
    .addOption(new Option('--format <format>', 'how').choices(['json', 'html']).default('json'))
    .action(async (output, options) => (await import('./dossiers.ts')).exportDossier(output, options));
  ofDatabase(root.command('purge'))
    .description('Removes tasks that ended longer ago than their region keeps them; a tombstone remains of each.')
    .option('--region <id>', 'of one region only')
    .option('--dry-run', 'only count them')
    .action(async (options) => (await import('./purge.ts')).purge(options));
}
