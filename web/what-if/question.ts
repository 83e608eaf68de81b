// What is asked: a tick and its changes, as the address of the page has them, as the daemon takes them, and as the
// command line does.

import {withQuery} from '../daemon.ts';

export type Question = {
  readonly regionId: string | undefined;
  readonly tick: string | undefined;
  readonly set: Readonly<Record<string, number>>;
  readonly addDrivers: readonly (readonly [lon: number, lat: number])[];
  readonly withoutDrivers: readonly string[];
  readonly withoutTasks: readonly string[];
  readonly withoutRules: readonly string[];
};

export const NO_CHANGES = {
  set: {},
  addDrivers: [],
  withoutDrivers: [],
  withoutTasks: [],
  withoutRules: [],
} as const satisfies Partial<Question>;

/** What is no number goes on as none, and the daemon says so. */
export function questionIn(search: string): Question {
  const query = new URLSearchParams(search);
  const set = query.getAll('set').map((text) => text.split(':'));
  return {
    regionId: query.get('region') ?? undefined,
    tick: query.get('tick') ?? undefined,
    set: Object.fromEntries(set.map(([name, value]) => [name, Number(value)])),
    addDrivers: query.getAll('add-driver').flatMap((text) => pointIn(text) ?? []),
    withoutDrivers: query.getAll('without-driver'),
    withoutTasks: query.getAll('without-task'),
    withoutRules: query.getAll('without-rule'),
  };
}

/** LON,LAT in degrees, in a list of its own; undefined where it is none. */
export function pointIn(text: string): [[lon: number, lat: number]] | undefined {
  const [lon, lat, ...rest] = text.split(',').map((part) => (part.trim() === '' ? Number.NaN : Number(part)));
  const isPoint = rest.length === 0 && Math.abs(lon ?? 999) <= 180 && Math.abs(lat ?? 999) <= 90;
  return isPoint ? [[lon!, lat!]] : undefined;
}

/** Names of the query, and of the command's options. */
function changesOf(question: Question): (readonly [name: string, value: string])[] {
  const {addDrivers, withoutDrivers, withoutTasks, withoutRules} = question;
  return [
    ...addDrivers.map((at) => ['add-driver', at.join()] as const),
    ...withoutDrivers.map((id) => ['without-driver', id] as const),
    ...withoutTasks.map((id) => ['without-task', id] as const),
    ...withoutRules.map((code) => ['without-rule', code] as const),
  ];
}

/** The address under which the page asks the same again. */
export function addressOf(question: Question): string {
  const {regionId, tick, set} = question;
  const values = Object.entries(set).map(([name, value]) => ['set', `${name}:${value}`] as const);
  const path = withQuery('/what-if', {tick, region: regionId});
  const query = new URLSearchParams([...values, ...changesOf(question)].map((pair) => [...pair]));
  // Colons and commas may stand in a query as they are, and people read it.
  const changes = `${query}`.replaceAll('%3A', ':').replaceAll('%2C', ',');
  return changes === '' ? path : `${path}${path.includes('?') ? '&' : '?'}${changes}`;
}

export function bodyOf({regionId, tick, ...changes}: Question): object {
  return {...(regionId !== undefined && {regionId}), tick, ...changes};
}

export function commandOf(question: Question): string {
  const values = Object.entries(question.set).map(([name, value]) => ['set', `${name}=${value}`] as const);
  const options = [...values, ...changesOf(question)].map(([name, value]) => ` --${name} ${value}`);
  return `npx cloudrun what-if ${question.tick}${options.join('')}`;
}

export const isChanged = (question: Question): boolean =>
  changesOf(question).length > 0 || Object.keys(question.set).length > 0;
