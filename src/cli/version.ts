// Which code decided: the package's version, and the commit where the checkout knows it.

import {readFileSync} from 'node:fs';
import {fileURLToPath} from 'node:url';

export const projectRoot = fileURLToPath(new URL('../..', import.meta.url));

export const codeVersion: string = (() => {
  const {version} = JSON.parse(readFileSync(`${projectRoot}package.json`, 'utf8')) as {version: string};
  const commit = headCommit();
  return commit ? `${version}+${commit.slice(0, 12)}` : version;
})();

/** Read from .git without running git, which a production image may lack. */
function headCommit(): string | undefined {
  try {
    const head = readFileSync(`${projectRoot}.git/HEAD`, 'utf8').trim();
    const branch = /^ref: (.+)$/.exec(head)?.[1];
    return branch ? readFileSync(`${projectRoot}.git/${branch}`, 'utf8').trim() : head;
  } catch {
    return undefined; // no checkout, or a branch that is packed away: the version alone must do
  }
}
