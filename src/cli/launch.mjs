#!/usr/bin/env node
// The command `cloudrun`: installs what is missing, then runs src/main.ts on Node 24, in this process where it already
// is. Plain JavaScript, since the machine's own Node may be older.

import {spawn} from 'node:child_process';
import {install, node24, root} from './install.mjs';

const TYPE_STRIPPING_SINCE = 24;

install();
const main = `${root}src/main.ts`;

if (Number(process.versions.node.split('.')[0]) >= TYPE_STRIPPING_SINCE) {
  process.argv[1] = main;
  await import(main);
} else {
  // The channel tells the child when this process is gone, however it went.
  const child = spawn(node24, [main, ...process.argv.slice(2)], {stdio: ['inherit', 'inherit', 'inherit', 'ipc']});
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  child.on('error', (error) => {
    process.stderr.write(`cloudrun: INSTALL_FAILED: ${node24} cannot be run: ${error.message}\n`);
    process.exitCode = 2;
  });
  child.on('exit', (code, signal) => {
    process.exitCode = code ?? (signal === 'SIGINT' ? 130 : 1);
  });
}
