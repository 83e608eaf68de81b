// Options that several commands have, and how the values of options are read.

import {InvalidArgumentError, Option} from 'commander';
import {DEFAULTS, ROUTERS} from '../config.ts';

export const routerOption = (): Option =>
  new Option('--router <name>', 'how times are searched; both give the same').choices(ROUTERS).default(DEFAULTS.router);

export const tokenOption = (): Option =>
  new Option('--token <token>', 'what the daemon wants to see (default: CLOUDRUN_TOKEN, which no process list shows)');

/** For options that may be given more than once. */
export const collect = (value: string, before: readonly string[]): string[] => [...before, value];

export function number(low: number, high: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (text.trim() === '' || !(value >= low && value <= high)) {
      throw new InvalidArgumentError(`Give a number from ${low} to ${high}.`);
    }
    return value;
  };
}

export function integer(low: number, high: number): (text: string) => number {
  const parse = number(low, high);
  return (text) => {
    const value = parse(text);
    if (!Number.isInteger(value)) throw new InvalidArgumentError(`Give a whole number from ${low} to ${high}.`);
    return value;
  };
}
