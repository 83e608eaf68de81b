// Installs what package-lock.json says, once per lock file, compiles the kernels of the road graph and of the solver,
// and builds the page of the live map, each once per change of theirs. Plain JavaScript, since the machine's own Node
// may be older than the one that this install brings.

import {spawnSync} from 'node:child_process';
import {createHash} from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import {fileURLToPath} from 'node:url';

export const root = fileURLToPath(new URL('../..', import.meta.url));
export const node24 = `${root}node_modules/node/bin/node`;

const stampFile = `${root}node_modules/.cloudrun-install`;
const commandLink = `${root}node_modules/.bin/cloudrun`;

/** What the page takes from beside its folder. */
const pageStyle = `${root}src/api/page/page.css`;

/** Each has its sources in assembly/ and gets its module in built/. */
const kernelFolders = [`${root}native-graph/kernels/`, `${root}src/flow/kernels/`];
// Memory is shared and comes from outside; SIMD and threads are what the kernels are written for.
const kernelOptions = [
  '--runtime stub -O3 --noAssert --importMemory --sharedMemory --initialMemory 1 --maximumMemory 65536',
  '--enable simd --enable threads --enable bulk-memory',
].flatMap((line) => line.split(' '));

export function install() {
  installPackages();
  for (const folder of kernelFolders) compileKernels(folder);
  buildPage();
}

/** Runs `npm ci` unless node_modules was installed from this very lock file. Its output goes to standard error. */
function installPackages() {
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

/** Several processes may compile at once: the module is moved into place whole. */
function compileKernels(folder) {
  const sources = `${folder}assembly/`;
  const built = `${folder}built/`;
  const module = `${built}kernels.wasm`;
  const moduleStampFile = `${built}stamp`;
  const hash = createHash('sha256').update(readFileSync(stampFile)).update(kernelOptions.join(' '));
  for (const name of readdirSync(sources).sort()) hash.update(name).update(readFileSync(sources + name));
  const stamp = hash.digest('hex');
  if (existsSync(module) && existsSync(moduleStampFile) && readFileSync(moduleStampFile, 'utf8') === stamp) return;
  mkdirSync(built, {recursive: true});
  const output = `${module}.${process.pid}`;
  const compiler = `${root}node_modules/assemblyscript/bin/asc.js`;
  const asc = spawnSync(node24, [compiler, `${sources}module.ts`, '-o', output, ...kernelOptions], {
    cwd: root,
    stdio: ['ignore', 2, 2],
  });
  if (asc.status !== 0) fail(`the kernels do not compile: ${asc.error?.message ?? asc.signal ?? asc.status}`);
  renameSync(output, module);
  writeFileSync(moduleStampFile, stamp);
}

/** As for the kernels: built aside, and moved into place whole. */
function buildPage() {
  const sources = `${root}web/`;
  const built = `${sources}built`;
  const pageStampFile = `${built}/.stamp`;
  const hash = createHash('sha256').update(readFileSync(stampFile)).update(readFileSync(pageStyle));
  const names = readdirSync(sources, {recursive: true}).filter((name) => /\.(ts|css|html|svg|json)$/.test(name));
  for (const name of names.filter((name) => !name.startsWith('built')).sort()) {
    hash.update(name).update(readFileSync(sources + name));
  }
  const stamp = hash.digest('hex');
  if (existsSync(pageStampFile) && readFileSync(pageStampFile, 'utf8') === stamp) return;
  const output = `${built}.${process.pid}`;
  const old = `${output}.old`;
  const vite = spawnSync(node24, [`${root}node_modules/vite/bin/vite.js`, 'build', sources, '--outDir', output], {
    cwd: root,
    stdio: ['ignore', 2, 2],
  });
  if (vite.status !== 0) fail(`the page does not build: ${vite.error?.message ?? vite.signal ?? vite.status}`);
  writeFileSync(`${output}/.stamp`, stamp);
  try {
    if (existsSync(built)) renameSync(built, old);
    renameSync(output, built);
  } catch (error) {
    // Another process that builds the same was faster.
    if (!existsSync(pageStampFile)) throw error;
  }
  for (const folder of [old, output]) rmSync(folder, {recursive: true, force: true});
}

function fail(message) {
  process.stderr.write(`cloudrun: INSTALL_FAILED: ${message}\n`);
  process.exit(2);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) install();
