// Commands for those who call: providers who report checks, and access tokens.

import type {Command} from 'commander';
import {collect, integer} from './options.ts';

export function providerCommands(root: Command): void {
  const provider = root.command('provider').description('Providers of checks, who report over signed webhooks.');
  provider
    .command('put <id>')
    .description('Makes a provider known in a region, or changes it; docs/EVENTS.md describes mappings.')
    .option('--region <id>', 'the region (default: the only one)')
    .option('--mapping <file>', 'how its payloads are read, JSON (default: our own shape)')
    .option('--secret <file>', 'its signing secret, whsec_…; - is standard input (default: a new one, shown once)')
    .option('--keep-secret', 'change only the mapping')
    .option('--data-dir <folder>', 'the embedded database that a demo left there')
    .option('--json', 'one JSON line')
    .action(async (id, options) => (await import('./provider.ts')).put(id, options));
  provider
    .command('list')
    .description('The providers of a region and their mappings.')
    .option('--region <id>', 'the region (default: the only one)')
    .option('--data-dir <folder>', 'the embedded database that a demo left there')
    .option('--json', 'one JSON line')
    .action(async (options) => (await import('./provider.ts')).list(options));
}

export function tokenCommands(root: Command): void {
  const token = root.command('token').description('Access tokens: what may be asked over HTTP, and by whom.');
  const ofTokens = (command: Command): Command =>
    command
      .option('--data-dir <folder>', 'the embedded database that a demo left there')
      .option('--json', 'one JSON line');
  ofTokens(token.command('create'))
    .description('Makes a token and shows it, this once.')
    .requiredOption('--name <name>', 'who has it, for people')
    .requiredOption(
      '--scope <scope>',
      'ops, services, read, metrics or driver:<id>; may be given again',
      (value: string, before: readonly string[] = []) => collect(value, before),
    )
    .option('--expires <days>', 'days until it expires (default: never)', integer(1, 3_660))
    .action(async (options) => (await import('./tokens.ts')).create(options));
  ofTokens(token.command('list'))
    .description('The tokens of the database, without their secrets.')
    .action(async (options) => (await import('./tokens.ts')).list(options));
  ofTokens(token.command('rotate <id>'))
    .description('Gives a token another secret and shows it, this once; id and scopes stay.')
    .option('--overlap <hours>', 'hours that the secret before still holds', integer(0, 720), 0)
    .action(async (id, options) => (await import('./tokens.ts')).rotate(id, options));
  ofTokens(token.command('revoke <id>'))
    .description('Ends a token and its sessions for good.')
    .action(async (id, options) => (await import('./tokens.ts')).revoke(id, options));
}
