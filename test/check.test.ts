// The code is typed, formatted and without leftovers. A test like others, so that it runs beside them.
import {execFile} from 'node:child_process';
import {fileURLToPath} from 'node:url';
import {expect, test} from 'vitest';

const ROOT = fileURLToPath(new URL('..', import.meta.url));

test('npm run check finds nothing', async () => {
  const {promise, resolve} = Promise.withResolvers<string>();
  execFile('npm', ['run', '--silent', 'check'], {cwd: ROOT}, (error, stdout, stderr) => {
    resolve(error ? `${stdout}${stderr}` : '');
  });
  expect(await promise).toBe('');
});
