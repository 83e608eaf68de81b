// TLS by files, with a certificate made for the test.
import {execFileSync} from 'node:child_process';
import {mkdtempSync, rmSync, writeFileSync} from 'node:fs';
import {request} from 'node:https';
import type {AddressInfo} from 'node:net';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {text} from 'node:stream/consumers';
import {afterAll, expect, test} from 'vitest';
import {readTls} from '../../../src/cli/exposure.ts';
import {installedProgram} from '../../support/program.ts';
import {databaseGone, fakeServer} from '../world.ts';

const openssl = installedProgram('openssl', 'TLS by files');
const folder = mkdtempSync(join(tmpdir(), 'cloudrun-tls-'));
afterAll(() => rmSync(folder, {recursive: true, force: true}));

function certificate(name: string) {
  const [certPath, keyPath] = [join(folder, `${name}.pem`), join(folder, `${name}.key`)];
  const made = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-keyout', keyPath, '-out', certPath];
  const about = ['-days', '2', '-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost'];
  execFileSync(openssl!, ['req', '-x509', ...made, ...about], {stdio: 'pipe'});
  return {certPath, keyPath};
}

test.skipIf(openssl === undefined)(
  'a daemon with a certificate answers over TLS, by its name, for a year to come',
  async () => {
    const tls = readTls(certificate('own'));
    const app = fakeServer(databaseGone, {}, {tls});
    await app.listen({host: '127.0.0.1', port: 0});
    const {port} = app.server.address() as AddressInfo;
    const asked = request({
      host: 'localhost',
      port,
      path: '/healthz',
      ca: tls.cert,
      lookup: (_name, options, found) => {
        if (options.all) found(null, [{address: '127.0.0.1', family: 4}]);
        else found(null, '127.0.0.1', 4);
      },
    });
    const answered = Promise.withResolvers<{status: number | undefined; hsts: unknown; body: string}>();
    asked.on('error', answered.reject);
    asked.on('response', async (answer) => {
      const {statusCode: status, headers} = answer;
      answered.resolve({status, hsts: headers['strict-transport-security'], body: await text(answer)});
    });
    asked.end();
    expect(await answered.promise).toEqual({
      status: 200,
      hsts: 'max-age=31536000',
      body: '{"status":"ok"}',
    });
    await app.close();
  },
);

test.skipIf(openssl === undefined)('a key of another certificate is refused, and nothing of it is told', () => {
  const [own, other] = [certificate('one'), certificate('two')];
  expect(() => readTls({certPath: own.certPath, keyPath: other.keyPath})).toThrow(
    expect.objectContaining({code: 'TLS_INVALID', message: expect.not.stringMatching(/PRIVATE|OSSL|mismatch/i)}),
  );
  writeFileSync(own.keyPath, '');
  expect(() => readTls(own)).toThrow(expect.objectContaining({code: 'TLS_INVALID'}));
});
