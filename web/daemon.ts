// The daemon as the page asks it: JSON, problem documents as errors, a word against forgery on writes.

import type {Session} from './wire.ts';

const PATIENCE_MS = 5_000;

/** A problem document: the daemon was reached, and said no. */
export class Problem extends Error {
  readonly status: number;
  readonly title: string;
  constructor(status: number, title: string, sentence: string) {
    super(sentence);
    this.status = status;
    this.title = title;
  }
}

/** Nobody was reached, or something between the daemon and here answered. */
export class Unheard extends Error {}

let session: Session | undefined;

export const sessionNow = (): Session | undefined => session;
export const may = (...scopes: string[]): boolean => scopes.some((scope) => session?.scopes.includes(scope)) ?? false;

export async function whoAmI(): Promise<Session | undefined> {
  session = await get<Session>('/v1/session').catch(() => undefined);
  return session;
}

export const get = <T>(url: string, signal?: AbortSignal): Promise<T> => ask<T>('GET', url, undefined, signal);
export const send = <T>(method: 'POST' | 'PUT' | 'DELETE', url: string, body?: object): Promise<T> =>
  ask<T>(method, url, body);

/** `url` with what is not undefined as its query. */
export function withQuery(url: string, query: Record<string, string | undefined>): string {
  const told = Object.entries(query).filter((entry): entry is [string, string] => entry[1] !== undefined);
  return told.length === 0 ? url : `${url}?${new URLSearchParams(told)}`;
}

async function ask<T>(method: string, url: string, body?: object, signal?: AbortSignal, patienceMs = PATIENCE_MS) {
  const headers: Record<string, string> = {accept: 'application/json'};
  if (body) headers['content-type'] = 'application/json';
  if (method !== 'GET' && session?.csrfToken) headers['x-csrf-token'] = session.csrfToken;
  const patience = AbortSignal.timeout(patienceMs);
  let answer: Response;
  let told: {title?: string; detail?: string; message?: string};
  try {
    answer = await fetch(url, {
      method,
      headers,
      signal: signal ? AbortSignal.any([signal, patience]) : patience,
      ...(body && {body: JSON.stringify(body)}),
    });
    told = (await answer.json()) as typeof told;
  } catch (error) {
    if (signal?.aborted) throw error;
    throw new Unheard('The daemon does not answer.');
  }
  if (!answer.ok) {
    throw new Problem(answer.status, told.title ?? 'Refused', told.detail ?? told.message ?? 'It was refused.');
  }
  return told as T;
}

const ROAD_PATIENCE_MS = 20_000;
/** For searches of the roads and questions about ticks, which wait for one another. */
export const getSlowly = <T>(url: string, signal?: AbortSignal): Promise<T> =>
  ask<T>('GET', url, undefined, signal, ROAD_PATIENCE_MS);
export const sendSlowly = <T>(method: 'POST', url: string, body: object, signal: AbortSignal): Promise<T> =>
  ask<T>(method, url, body, signal, ROAD_PATIENCE_MS);
