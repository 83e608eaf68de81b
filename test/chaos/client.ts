// What customers and drivers send to whichever daemon answers: a request under an Idempotency-Key, sent again under the
// same key until it is answered or given up. Some answers are lost on purpose, and some requests come again long after
// they were answered. Whatever was answered stands in the ledger, to be held against the database.

import {setTimeout as delay} from 'node:timers/promises';
import type {Random} from '../../src/domain/random.ts';

const TIMEOUT_MS = 2_500;
const TRIES = 5;
/** A daemon that did not answer is not asked again for so long. */
const AVOID_MS = 1_000;
const LOST_SHARE = 0.08;
const AGAIN_SHARE = 0.05;
/** What may be done, undone and done again: there a second effect would not be refused for the task's state. */
const UNDONE = new Set(['cancelled', 'released']);
const UNDONE_AGAIN_SHARE = 0.5;
const IN_FLIGHT_LIMIT = 16;

/** What was sent under one key. */
export type Request = {
  /** Stands in the one event that this request may cause. */
  readonly mark: string;
  /** The event that it causes. */
  readonly event: string;
  readonly path: string;
  readonly body: object;
  /** The task that it is about; of a creation, by its answer. */
  taskId: string | undefined;
  /** Answers of success, and whether they said that another request had done it. */
  readonly answers: {readonly repeated: boolean; readonly replayed: boolean}[];
};

export type Client = {
  /** Resolves with whether it was answered with success; every request is in the ledger. */
  ask(given: Pick<Request, 'mark' | 'event' | 'path' | 'body'> & {taskId?: string}): Promise<boolean>;
  /** Whether another request may be sent now; one that waited would be about what no longer stands. */
  hasRoom(): boolean;
  /** Resolves when nothing is under way or still to be sent again. */
  settled(): Promise<void>;
  readonly ledger: readonly Request[];
  /** Answers by HTTP status, lost ones, requests given up. */
  readonly counts: Readonly<Record<string, number>>;
};

type Answer = {readonly kind: 'answered' | 'refused' | 'again'};

export function openClient(addresses: () => readonly string[], random: Random, now: () => number): Client {
  const ledger: Request[] = [];
  const counts: Record<string, number> = {};
  const avoidedUntil = new Map<string, number>();
  const underWay = new Set<Promise<unknown>>();
  let inFlight = 0;

  const count = (what: string) => {
    counts[what] = (counts[what] ?? 0) + 1;
  };

  function pick(): string | undefined {
    const all = addresses();
    const trusted = all.filter((address) => (avoidedUntil.get(address) ?? 0) <= now());
    const from = trusted.length > 0 ? trusted : all;
    return from[Math.floor(random() * from.length)];
  }

  async function send(request: Request, loses: boolean): Promise<Answer> {
    const address = pick();
    if (address === undefined) return {kind: 'again'};
    const signal = AbortSignal.timeout(loses ? Math.ceil(random() * 15) : TIMEOUT_MS);
    try {
      const reply = await fetch(`${address}${request.path}`, {
        method: 'POST',
        body: JSON.stringify(request.body),
        headers: {'content-type': 'application/json', 'idempotency-key': request.mark},
        signal,
      });
      const body = (await reply.json()) as {id?: string; repeated?: boolean};
      count(`${reply.status}`);
      if (reply.ok) {
        const replayed = reply.headers.has('idempotency-replayed');
        request.answers.push({repeated: body.repeated ?? reply.status === 200, replayed});
        request.taskId ??= body.id;
        return {kind: 'answered'};
      }
      return {kind: reply.status >= 500 || reply.headers.has('retry-after') ? 'again' : 'refused'};
    } catch {
      count('unanswered');
      if (!loses) avoidedUntil.set(address, now() + AVOID_MS);
      return {kind: 'again'};
    }
  }

  async function persist(request: Request): Promise<boolean> {
    for (let tries = 0; tries < TRIES; tries++) {
      const {kind} = await send(request, random() < LOST_SHARE);
      if (kind !== 'again') return kind === 'answered';
      await delay(50 + random() * 150);
    }
    count('given up');
    return false;
  }

  const tracked = <T>(work: Promise<T>): Promise<T> => {
    underWay.add(work);
    void work.finally(() => underWay.delete(work)).catch(() => {});
    return work;
  };

  async function later(request: Request): Promise<void> {
    await delay(200 + random() * 1_000);
    count('sent again');
    await send(request, false);
  }

  return {
    ledger,
    counts,
    async ask({mark, event, path, body, taskId}) {
      const request: Request = {mark, event, path, body, taskId, answers: []};
      ledger.push(request);
      inFlight++;
      const answered = await tracked(persist(request));
      inFlight--;
      if (random() < (UNDONE.has(event) ? UNDONE_AGAIN_SHARE : AGAIN_SHARE)) void tracked(later(request));
      return answered;
    },
    hasRoom: () => inFlight < IN_FLIGHT_LIMIT,
    async settled() {
      while (underWay.size > 0) await Promise.all(underWay);
    },
  };
}
