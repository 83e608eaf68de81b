// How far the daemon may be reached, decided before it listens: beyond this machine only with tokens, and these never
// in the clear unless somebody said so.

import {createPrivateKey, X509Certificate} from 'node:crypto';
import {readFileSync} from 'node:fs';
import type {ServerOptions} from '../api/server.ts';
import type {DaemonConfig} from '../config.ts';
import {InputFailure} from '../domain/failure.ts';

const LOOPBACK = ['127.0.0.1', '::1', 'localhost'];

/**
 * What the server is told. InputFailure HOST_NOT_LOOPBACK, PROXY_WITHOUT_TOKENS, PLAIN_HTTP_REFUSED, TLS_UNREADABLE,
 * TLS_INVALID.
 */
export function exposure(config: DaemonConfig, hasTokens: boolean): ServerOptions {
  const {host, tls, trustedHops, allowedHosts, plainHttp} = config;
  const isLocal = LOOPBACK.includes(host);
  if (!isLocal && !hasTokens) {
    throw new InputFailure(
      'HOST_NOT_LOOPBACK',
      `without access tokens the daemon binds to loopback only, not ${host}: run npx cloudrun token create`,
    );
  }
  if (trustedHops > 0 && !hasTokens) {
    throw new InputFailure(
      'PROXY_WITHOUT_TOKENS',
      'behind a proxy access tokens are needed: npx cloudrun token create',
    );
  }
  if (!isLocal && !tls && trustedHops === 0 && plainHttp === 'refuse') {
    throw new InputFailure(
      'PLAIN_HTTP_REFUSED',
      `tokens would cross the network in the clear at ${host}: give TLS files, or the trusted hops of a proxy that has`,
    );
  }
  return {allowedHosts, trustedHops, tls: tls && readTls(tls)};
}

/** InputFailure TLS_UNREADABLE, TLS_INVALID. */
export function readTls({certPath, keyPath}: NonNullable<DaemonConfig['tls']>): {cert: string; key: string} {
  const [cert, key] = [certPath, keyPath].map((path) => {
    try {
      return readFileSync(path, 'utf8');
    } catch (error) {
      throw new InputFailure('TLS_UNREADABLE', `${path} cannot be read (${(error as NodeJS.ErrnoException).code})`);
    }
  }) as [string, string];
  try {
    // A secure context alone takes an empty key.
    if (new X509Certificate(cert).checkPrivateKey(createPrivateKey(key))) return {cert, key};
  } catch {
    // What OpenSSL says of a key is kept out of sight.
  }
  throw new InputFailure('TLS_INVALID', `${certPath} and ${keyPath} are not a certificate and its key in PEM`);
}
