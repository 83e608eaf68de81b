// The command `cloudrun`. Every command has --help; those that answer have --json. Exit code 0: done; 1: a negative
// verdict; 2: bad input or something that is missing, told in one line on standard error.

import {isFailure, program} from './cli/program.ts';

// The launcher's channel closes when the launcher dies, however it died: then this process ends as for Ctrl-C.
// The channel itself is no reason to go on.
process.once('disconnect', () => process.kill(process.pid, 'SIGINT'));
process.channel?.unref();

// A reader that went away (`| head`, a closed window) ends the command as Ctrl-C does; what it would still print is
// lost.
for (const stream of [process.stdout, process.stderr])
  stream.once('error', () => process.kill(process.pid, 'SIGINT')).on('error', () => {});

try {
  await program().parseAsync(process.argv);
} catch (error) {
  if (!isFailure(error)) throw error;
  process.stderr.write(`cloudrun: ${error.code}: ${error.message}\n`);
  process.exitCode = 2;
}
