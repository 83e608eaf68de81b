// Installs what package-lock.json says, once per lock file. Plain JavaScript, since the machine's own Node may be older
// than the one that this install brings.

import {spawnSync} from 'node:child_process';
import {createHash} from 'node:crypto';
import {existsSync, readFileSync, symlinkSync, writeFileSync} from 'node:fs';
import {fileURLToPath} from 'node:url';

export const root = fileURLToPath(new URL('../..', import.meta.url));
export const node24 = `${root}node_modules/node/bin/node`;

const stampFile = `${root}node_modules/.cloudrun-install`;
const commandLink = `${root}node_modules/.bin/cloudrun`;

/** Runs `npm ci` unless node_modules was installed from this very lock file. Its output goes to standard error. */
export function install() {
  const stamp = createHash('sha256')
    .update(readFileSync(`${root}package-lock.json`))
    .digest('hex');
  if (existsSync(node24) && existsSync(stampFile) && readFileSync(stampFile, 'utf8') === stamp) return;
  process.stderr.write('Installing packages (once, about half a minute) ...\n');
  const npm = spawnSync('npm', ['ci', '--ignore-scripts=false', '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: root,
    stdio: ['ignore', 2, 2],
  });
  if (npm.error) fail(`npm could not be started: ${npm.error.message}`);
  if (npm.status !== 0) fail(`npm ci ended with ${npm.signal ?? npm.status}`);
  if (!existsSync(node24)) fail('npm ci did not bring Node 24 (the package "node"): are install scripts blocked?');
  if (!existsSync(commandLink)) symlinkSync('../../src/cli/launch.mjs', commandLink);
  writeFileSync(stampFile, stamp);
}

function fail(message) {
  process.stderr.write(`cloudrun: INSTALL_FAILED: ${message}\n`);
  process.exit(2);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) install();
