// What somebody wants of a task as it stands: drawn by seed, task and attempt, whenever and how often it is asked.

import type {AskedAction} from '../../src/db/tasks.ts';
import type {Random} from '../../src/domain/random.ts';
import type {Task} from '../../src/domain/task.ts';
import {HOUR_MS} from './market.ts';

const ACCEPT_SHARE = 0.8;
/** Of offers; the rest is let pass. */
const REJECT_SHARE = 0.12;
const RELEASE_SHARE = 0.05;
const FAILED_CHECK_SHARE = 0.07;
/** Of tasks; of these, those that are thought better of. */
const CANCEL_SHARE = 0.06;
const REOPEN_SHARE = 0.5;

/** The event of each change. */
export const EVENT_OF: Readonly<Record<AskedAction, string>> = {
  accept: 'accepted',
  reject: 'rejected',
  pickup: 'picked-up',
  deliver: 'delivered',
  'fail-verification': 'verification-failed',
  return: 'returned',
  release: 'released',
  cancel: 'cancelled',
  're-open': 're-opened',
};

/** The mark stands in what is said, and so in the event. */
export type Wish = {readonly action: AskedAction; readonly mark: string; readonly said: object};

export type People = {
  /** Of an open task. Calm people call nothing off, and accept and hand over at once. */
  wishOf(task: Task, calm: boolean): Wish | undefined;
  /** Of a task that was called off: each is thought over once. */
  secondThought(task: Task, nowMs: number): Wish | undefined;
};

export function openPeople(chance: (about: string) => Random, nextMark: () => string): People {
  const thoughtOver = new Set<string>();
  const isFirst = (thought: string) => thoughtOver.size < thoughtOver.add(thought).size;

  const wish = (action: AskedAction, saying: (mark: string) => object): Wish => {
    const mark = nextMark();
    return {action, mark, said: saying(mark)};
  };

  function answer({id, attempts, driverId, offerId}: Task, calm: boolean): Wish | undefined {
    const roll = calm ? 0 : chance(`${id} ${attempts}`)();
    if (roll < ACCEPT_SHARE) return wish('accept', () => ({driverId, offerId}));
    if (roll < ACCEPT_SHARE + REJECT_SHARE) return wish('reject', (reason) => ({driverId, offerId, reason}));
    return undefined;
  }

  function handOver({id, driverId}: Task): Wish {
    if (chance(id)() < FAILED_CHECK_SHARE) {
      return wish('fail-verification', (note) => ({driverId, reason: 'OTHER', note}));
    }
    const idScan = {method: 'barcode', result: 'passed', documentKind: 'driving_licence', over21: true};
    return wish('deliver', (scanId) => ({driverId, idScan: {...idScan, documentExpiresOn: '2099-12-31', scanId}}));
  }

  return {
    wishOf(task, calm) {
      const {id, driverId, units, state, attempts} = task;
      const mayCancel = state === 'PENDING' || state === 'OFFERED' || state === 'ASSIGNED';
      if (!calm && mayCancel && isFirst(id) && chance(`${id} cancel`)() < CANCEL_SHARE) {
        return wish('cancel', (reason) => ({reason}));
      }
      switch (state) {
        case 'OFFERED':
          return answer(task, calm);
        case 'ASSIGNED':
          if (!calm && chance(`${id} release ${attempts}`)() < RELEASE_SHARE) {
            return wish('release', (reason) => ({driverId, reason}));
          }
          return wish('pickup', (verifiedBy) => ({
            driverId,
            verification: {verifiedBy, units, driverIdentified: true},
          }));
        case 'PICKED_UP':
          return handOver(task);
        case 'RETURNING':
          return wish('return', (verifiedBy) => ({driverId, verification: {verifiedBy, units}}));
        default:
          return undefined;
      }
    },
    secondThought({id}, nowMs) {
      if (!isFirst(`${id} re-open`) || chance(`${id} re-open`)() >= REOPEN_SHARE) return undefined;
      const latestAt = new Date(nowMs + 10 * HOUR_MS).toISOString();
      return wish('re-open', (reason) => ({latestAt, dueAt: latestAt, reason}));
    },
  };
}
