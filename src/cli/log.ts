// Structured logs, on standard error so that standard output stays a command's own.

import {destination, pino} from 'pino';
import {DEFAULTS} from '../config.ts';

export const log = pino({level: DEFAULTS.logLevel, base: {}}, destination(2));
