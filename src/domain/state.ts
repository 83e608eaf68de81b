// The states of a task and a driver, and the changes that are drawn (docs/ARCHITECTURE.md shows the diagram).
// The database refuses every other one; these tables say to a caller what is allowed from where it stands.

export const TASK_STATES = [
  'PENDING',
  'OFFERED',
  'EXPIRED',
  'ASSIGNED',
  'PICKED_UP',
  'DELIVERED',
  'RETURNING',
  'RETURNED',
  'CANCELLED',
  'FAILED',
] as const;
export type TaskState = (typeof TASK_STATES)[number];

/** Derived, in this order of precedence: the first that applies is the driver's status. */
export const DRIVER_STATUSES = ['RETURNING', 'CARRYING', 'EN_ROUTE', 'OFFERED', 'AVAILABLE', 'OFF'] as const;
export type DriverStatus = (typeof DRIVER_STATUSES)[number];

export const TASK_ACTIONS = [
  'offer',
  'accept',
  'reject',
  'time-out',
  'pickup',
  'deliver',
  'fail-verification',
  'return',
  'release',
  'cancel',
  'fail',
  're-open',
] as const;
export type TaskAction = (typeof TASK_ACTIONS)[number];

/** From a state, each action that is legal and the state it leads to. */
export const TASK_CHANGES: Readonly<Record<TaskState, Partial<Record<TaskAction, TaskState>>>> = {
  PENDING: {offer: 'OFFERED', cancel: 'CANCELLED', fail: 'FAILED'},
  EXPIRED: {offer: 'OFFERED', cancel: 'CANCELLED', fail: 'FAILED'},
  OFFERED: {accept: 'ASSIGNED', reject: 'PENDING', 'time-out': 'EXPIRED', cancel: 'CANCELLED'},
  ASSIGNED: {pickup: 'PICKED_UP', release: 'PENDING', cancel: 'CANCELLED'},
  PICKED_UP: {deliver: 'DELIVERED', 'fail-verification': 'RETURNING'},
  RETURNING: {return: 'RETURNED'},
  DELIVERED: {},
  RETURNED: {},
  CANCELLED: {'re-open': 'PENDING'},
  FAILED: {'re-open': 'PENDING'},
};

/** A reason of a conflict: the driver's time to answer is over, though nobody may have swept the offer yet. */
const OFFER_EXPIRED = 'OFFER_EXPIRED';

/** What may be asked of a task that stands so; after a conflict, `reason` says what cannot be asked any more. */
export const allowedActions = (state: TaskState, reason?: string): TaskAction[] =>
  (Object.keys(TASK_CHANGES[state]) as TaskAction[]).filter(
    (action) => !(reason === OFFER_EXPIRED && (action === 'accept' || action === 'reject')),
  );

export const OFFER_STATES = ['OPEN', 'ACCEPTED', 'REJECTED', 'TIMEOUT', 'CANCELLED'] as const;
export type OfferState = (typeof OFFER_STATES)[number];

/** What a driver may do to an offer. Whatever closes its task's offer otherwise is an action of the task. */
export const OFFER_ANSWERS = ['accept', 'reject'] as const;
export type OfferAnswer = (typeof OFFER_ANSWERS)[number];

export const allowedAnswers = (state: OfferState, reason?: string): OfferAnswer[] =>
  state === 'OPEN' && reason !== OFFER_EXPIRED ? [...OFFER_ANSWERS] : [];

/** A shift is off or on. */
export const SHIFT_ACTIONS = ['shift-on', 'shift-off'] as const;
export type ShiftAction = (typeof SHIFT_ACTIONS)[number];
