// The commands about compliance rules, with their options.

import type {Command} from 'commander';

export function rulesCommands(root: Command): void {
  const rules = root.command('rules').description('Compliance rules of a region (docs/COMPLIANCE.md).');
  const ofRules = (command: Command): Command =>
    command
      .option('--region <id>', 'the region (default: the only one)')
      .option('--by <name>', 'who asks, for the record', 'operator')
      .option('--data-dir <folder>', 'the embedded database that a demo left there')
      .option('--json', 'one JSON line');
  ofRules(rules.command('list').description('Rules in force and planned, by code.'))
    .option('--past', 'every version there was')
    .action(async (options) => (await import('./rules.ts')).list(options));
  ofRules(
    rules.command('put <file>').description('Puts rules from a JSON file; versions that stand end as theirs start.'),
  ).action(async (file, options) => (await import('./rules.ts')).put(file, options));
  ofRules(rules.command('end <code>').description('Ends a rule at once; its versions stay on record.')).action(
    async (code, options) => (await import('./rules.ts')).end(code, options),
  );
}
