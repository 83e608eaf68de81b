// The daemon's configuration: the only reader of the environment. docs/OPERATIONS.md lists the variables.

import {availableParallelism} from 'node:os';
import {InputFailure} from './domain/failure.ts';
import {SEALING_KEY_BYTES} from './domain/sealing.ts';

/** How road times are searched: over a contraction hierarchy, or by Dijkstra, which every answer of it equals. */
export const ROUTERS = ['cch', 'dijkstra'] as const;
export type RouterKind = (typeof ROUTERS)[number];

const PLAIN_HTTP = ['refuse', 'allow'] as const;
type PlainHttp = (typeof PLAIN_HTTP)[number];

export type DaemonConfig = {
  readonly databaseUrl: string;
  readonly host: string;
  readonly port: number;
  /** Graph files by the name that regions refer to. */
  readonly graphs: readonly {readonly name: string; readonly path: string}[];
  readonly threads: number;
  readonly router: RouterKind;
  readonly tickEveryMs: number;
  readonly sweepEveryMs: number;
  /** Hours of dispatch time for which the payloads of ticks are kept; headers and hashes stay. */
  readonly keepTicksH: number;
  /** How often the outbox is looked at, for streams and for webhooks. */
  readonly eventsEveryMs: number;
  /** Secrets are sealed under the first and opened under any; empty: no webhooks and no providers. */
  readonly sealingKeys: readonly Uint8Array[];
  /** `host:port` of webhook targets that may be http and have any address. */
  readonly webhookAllow: readonly string[];
  /** Where positions come from besides HTTP; undefined: from nowhere. */
  readonly nats: {readonly servers: readonly string[]; readonly credentialsPath: string | undefined} | undefined;
  readonly logLevel: string;
  /** PEM files; without them HTTP is plain. */
  readonly tls: {readonly certPath: string; readonly keyPath: string} | undefined;
  /** Proxies in front, each of which adds to X-Forwarded-For. */
  readonly trustedHops: number;
  /** Host header values accepted besides loopback names and the address of the connection. */
  readonly allowedHosts: readonly string[];
  /** Whether tokens may cross a network in the clear. */
  readonly plainHttp: PlainHttp;
};

export const DEFAULTS = {
  host: '127.0.0.1',
  port: 8_787,
  tickEveryMs: 1_000,
  sweepEveryMs: 1_000,
  keepTicksH: 24,
  eventsEveryMs: 500,
  logLevel: 'info',
  router: 'cch',
  threads: Math.max(1, Math.min(8, availableParallelism())),
  nats: undefined,
  tls: undefined,
  trustedHops: 0,
  allowedHosts: [],
  plainHttp: 'refuse',
} as const;

/** There is a partition for each hour, and whoever reads one locks them all. */
export const KEEP_TICKS_LIMIT_H = 7 * 24;

const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'];

/** Throws InputFailure CONFIG_INVALID, naming the variable. */
export function readConfig(): DaemonConfig {
  const env = process.env;
  return {
    databaseUrl: required(env, 'DATABASE_URL'),
    host: env.CLOUDRUN_HOST || DEFAULTS.host,
    port: integer(env, 'CLOUDRUN_PORT', DEFAULTS.port, 0, 65_535),
    graphs: graphs(required(env, 'CLOUDRUN_GRAPHS')),
    threads: integer(env, 'CLOUDRUN_THREADS', DEFAULTS.threads, 1, 64),
    router: routerFromEnvironment(),
    tickEveryMs: integer(env, 'CLOUDRUN_TICK_EVERY_MS', DEFAULTS.tickEveryMs, 100, 60_000),
    sweepEveryMs: integer(env, 'CLOUDRUN_SWEEP_EVERY_MS', DEFAULTS.sweepEveryMs, 100, 60_000),
    keepTicksH: keepTicksFromEnvironment(),
    eventsEveryMs: integer(env, 'CLOUDRUN_EVENTS_EVERY_MS', DEFAULTS.eventsEveryMs, 50, 60_000),
    ...outwardFromEnvironment(),
    nats: natsFromEnvironment(env),
    logLevel: oneOf(env, 'CLOUDRUN_LOG_LEVEL', DEFAULTS.logLevel, LOG_LEVELS),
    tls: tlsFiles(env),
    trustedHops: integer(env, 'CLOUDRUN_TRUSTED_HOPS', DEFAULTS.trustedHops, 0, 10),
    allowedHosts: (env.CLOUDRUN_ALLOWED_HOSTS ?? '')
      .toLowerCase()
      .split(/[\s,]+/)
      .filter(Boolean),
    plainHttp: oneOf<PlainHttp>(env, 'CLOUDRUN_PLAIN_HTTP', DEFAULTS.plainHttp, PLAIN_HTTP),
  };
}

function tlsFiles(env: NodeJS.ProcessEnv): DaemonConfig['tls'] {
  const {CLOUDRUN_TLS_CERT: certPath, CLOUDRUN_TLS_KEY: keyPath} = env;
  if (!certPath && !keyPath) return undefined;
  return {certPath: required(env, 'CLOUDRUN_TLS_CERT'), keyPath: required(env, 'CLOUDRUN_TLS_KEY')};
}

function natsFromEnvironment(env: NodeJS.ProcessEnv): DaemonConfig['nats'] {
  const {CLOUDRUN_NATS_URL: urls, CLOUDRUN_NATS_CREDENTIALS: credentialsPath} = env;
  if (!urls) return undefined;
  const servers = urls.split(',').map((entry) => {
    const server = entry.trim();
    if (/^(nats|tls):\/\/(\[[0-9a-fA-F:.]+\]|[A-Za-z0-9.-]+):\d{1,5}$/.test(server)) return server;
    // The value may hold a password: it is not repeated.
    const form = 'nats://host:port or tls://host:port, by commas; credentials come in CLOUDRUN_NATS_CREDENTIALS';
    throw new InputFailure('CONFIG_INVALID', `CLOUDRUN_NATS_URL is not ${form}`);
  });
  return {servers, credentialsPath: credentialsPath || undefined};
}

/** CLOUDRUN_TOKEN, for commands that ask a daemon. */
export const tokenFromEnvironment = (): string | undefined => process.env.CLOUDRUN_TOKEN || undefined;

/** DATABASE_URL, for commands that need nothing else; undefined when it is not set. */
export const databaseUrlFromEnvironment = (): string | undefined => process.env.DATABASE_URL || undefined;

/** CLOUDRUN_GRAPHS, for commands that can do without; empty when it is not set. */
export const graphsFromEnvironment = (): DaemonConfig['graphs'] =>
  process.env.CLOUDRUN_GRAPHS ? graphs(process.env.CLOUDRUN_GRAPHS) : [];

/** CLOUDRUN_ROUTER, for commands that search in their own process. */
export const routerFromEnvironment = (): RouterKind =>
  oneOf<RouterKind>(process.env, 'CLOUDRUN_ROUTER', DEFAULTS.router, ROUTERS);

/** CLOUDRUN_KEEP_TICKS_H, of a demo too. */
export const keepTicksFromEnvironment = (): number =>
  integer(process.env, 'CLOUDRUN_KEEP_TICKS_H', DEFAULTS.keepTicksH, 1, KEEP_TICKS_LIMIT_H);

/** What webhooks and providers need: CLOUDRUN_SEALING_KEY and CLOUDRUN_WEBHOOK_ALLOW, of a demo too. */
export const outwardFromEnvironment = (): Pick<DaemonConfig, 'sealingKeys' | 'webhookAllow'> => ({
  sealingKeys: sealingKeysFromEnvironment(),
  webhookAllow: hosts('CLOUDRUN_WEBHOOK_ALLOW', process.env.CLOUDRUN_WEBHOOK_ALLOW),
});

/** CLOUDRUN_SEALING_KEY, for commands that seal a secret; empty when it is not set. */
export function sealingKeysFromEnvironment(): Uint8Array[] {
  const text = process.env.CLOUDRUN_SEALING_KEY;
  if (!text) return [];
  return text.split(',').map((coded) => {
    const key = Buffer.from(coded.trim(), 'base64');
    // The value is a secret: it is not repeated.
    if (key.length === SEALING_KEY_BYTES) return key;
    throw new InputFailure('CONFIG_INVALID', 'CLOUDRUN_SEALING_KEY is not base64 of 32 bytes, or several by commas');
  });
}

/** `host:port,host:port`. */
function hosts(name: string, text: string | undefined): string[] {
  if (!text) return [];
  return text.split(',').map((entry) => {
    const host = entry.trim().toLowerCase();
    return /^(\[[0-9a-f:.]+\]|[a-z0-9.-]+):\d{1,5}$/.test(host) ? host : invalid(name, entry, 'host:port, by commas');
  });
}

/** `name=path,name=path`. */
function graphs(text: string): DaemonConfig['graphs'] {
  const named = text.split(',').map((entry) => {
    const [, name, path] = /^([a-z0-9-]{1,40})=(.+)$/.exec(entry.trim()) ?? invalid('CLOUDRUN_GRAPHS', entry);
    return {name, path};
  });
  if (new Set(named.map(({name}) => name)).size < named.length) invalid('CLOUDRUN_GRAPHS', text);
  return named;
}

function required(env: NodeJS.ProcessEnv, name: string): string {
  return env[name] || invalid(name, env[name]);
}

function integer(env: NodeJS.ProcessEnv, name: string, fallback: number, low: number, high: number): number {
  const text = env[name];
  if (text === undefined || text === '') return fallback;
  const value = Number(text);
  return Number.isInteger(value) && value >= low && value <= high ? value : invalid(name, text, `${low} to ${high}`);
}

function oneOf<T extends string>(env: NodeJS.ProcessEnv, name: string, fallback: T, allowed: readonly T[]): T {
  const text = env[name] || fallback;
  return allowed.find((value) => value === text) ?? invalid(name, text, allowed.join(', '));
}

function invalid(name: string, text: string | undefined, allowed?: string): never {
  const found = text === undefined || text === '' ? 'is not set' : `is '${text}'`;
  throw new InputFailure('CONFIG_INVALID', `${name} ${found}${allowed ? `; allowed: ${allowed}` : ''}`);
}
