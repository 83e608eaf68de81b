// Structured logs, on standard error so that standard output stays a command's own. No line of ours carries a secret;
// should one ever be handed to the log inside a request or a reply, it is cut out.

import {destination, type LoggerOptions, pino} from 'pino';
import {DEFAULTS} from '../config.ts';

const SECRETS = ['authorization', 'cookie', '"set-cookie"', '"x-csrf-token"'];

export const LOG_OPTIONS: LoggerOptions = {
  base: {},
  redact: {
    paths: [
      ...['headers', '*.headers', '*.*.headers'].flatMap((at) => SECRETS.map((name) => bracketed(at, name))),
      'token',
      '*.token',
      '*.*.token',
      '*.databaseUrl',
      'databaseUrl',
    ],
    censor: '[redacted]',
  },
};

function bracketed(at: string, name: string): string {
  return name.startsWith('"') ? `${at}[${name}]` : `${at}.${name}`;
}

export const log = pino({...LOG_OPTIONS, level: DEFAULTS.logLevel}, destination(2));
