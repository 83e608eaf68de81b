// How far a daemon may be reached, by its settings and whether there are tokens.
import {expect, test} from 'vitest';
import {exposure} from '../../src/cli/exposure.ts';
import {type DaemonConfig, DEFAULTS} from '../../src/config.ts';
import {readScope} from '../../src/domain/access.ts';

/** The code of the refusal, or 'served'. */
function outcome(given: Partial<DaemonConfig>, hasTokens: boolean): string {
  try {
    exposure({...DEFAULTS, databaseUrl: '', graphs: [], sealingKeys: [], webhookAllow: [], ...given}, hasTokens);
    return 'served';
  } catch (error) {
    return (error as {code: string}).code;
  }
}

const ANYWHERE = {host: '0.0.0.0'};
const FILES = {certPath: '/nowhere/cert.pem', keyPath: '/nowhere/key.pem'};

test('on loopback a daemon is served with tokens or without', () => {
  for (const host of ['127.0.0.1', '::1', 'localhost']) {
    expect([outcome({host}, false), outcome({host}, true)]).toEqual(['served', 'served']);
  }
});

test('beyond loopback nothing is served without tokens, whatever else is set', () => {
  expect(outcome(ANYWHERE, false)).toBe('HOST_NOT_LOOPBACK');
  expect(outcome({...ANYWHERE, plainHttp: 'allow', trustedHops: 1}, false)).toBe('HOST_NOT_LOOPBACK');
  expect(outcome({host: '10.0.0.7'}, false)).toBe('HOST_NOT_LOOPBACK');
  expect(outcome({trustedHops: 1}, false)).toBe('PROXY_WITHOUT_TOKENS');
  expect(outcome({trustedHops: 1}, true)).toBe('served');
});

test('nor with tokens in the clear, unless a proxy is stated or somebody says so', () => {
  expect(outcome(ANYWHERE, true)).toBe('PLAIN_HTTP_REFUSED');
  expect(outcome({...ANYWHERE, trustedHops: 1}, true)).toBe('served');
  expect(outcome({...ANYWHERE, plainHttp: 'allow'}, true)).toBe('served');
  expect(outcome({...ANYWHERE, tls: FILES}, true)).toBe('TLS_UNREADABLE');
});

test('scopes are read strictly', () => {
  const id = '019a8f6e-7c1a-7b52-9f3e-3d0f5c2b8a10';
  expect([readScope('ops'), readScope(`driver:${id.toUpperCase()}`)]).toEqual(['ops', `driver:${id}`]);
  for (const text of ['', 'everything', 'driver', 'driver:', 'driver:*', `driver:${id} ops`, `driver:${id}\n`]) {
    expect(() => readScope(text)).toThrow(expect.objectContaining({code: 'SCOPE_UNKNOWN'}));
  }
});
