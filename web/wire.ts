// What the daemon answers, as far as the page reads it. The OpenAPI document at /docs/json says it in full.

export type LiveMap = {
  readonly at: string;
  readonly limit: number;
  readonly statuses: readonly string[];
  readonly states: readonly string[];
  /** Id, lon, lat, index into statuses. */
  readonly drivers: readonly (readonly [string, number, number, number])[];
  /** Name, lon, lat. */
  readonly stores: readonly (readonly [string, number, number])[];
  /**
   * Id, lon, lat, indices into states, stores and drivers, seconds since ready, seconds left and in all of an open
   * offer; -1: not told.
   */
  readonly tasks: readonly (readonly [string, number, number, number, number, number, number, number, number])[];
};

export type Tick = {
  readonly id: string;
  readonly at: string;
  readonly trigger: string;
  readonly counts: Readonly<
    Record<
      'drivers' | 'eligibleDrivers' | 'tasks' | 'eligibleTasks' | 'pairs' | 'proposed' | 'landed' | 'refused',
      number
    >
  >;
  readonly stageMs: Readonly<Record<string, number>>;
  readonly solve: {
    readonly kind: string;
    readonly certified: boolean;
    readonly totalMs: number;
    readonly boundMs: number;
  };
};

export type Status = {
  readonly regionId: string;
  readonly regions: readonly string[];
  readonly leases: readonly {
    readonly regionId: string;
    readonly owner: string | null;
    readonly fence: number;
    /** It is the daemon that answers. */
    readonly here: boolean;
  }[];
  readonly attribution: string | null;
  readonly codeVersion: string;
  readonly at: string;
  readonly timeScale: number;
  readonly paused: boolean;
  readonly failing: readonly {readonly name: string; readonly detail: string}[];
  readonly tasks: Readonly<Record<string, number>>;
  readonly drivers: Readonly<Record<string, number>>;
  readonly openOffers: number;
  readonly overdueOffers: number;
  readonly offers: Readonly<Record<string, number>>;
  /** Newest first. */
  readonly ticks: readonly Tick[];
};

export type TaskEvent = {
  readonly taskId: string;
  readonly kind: string;
  readonly at: string;
  readonly actor: string;
  readonly detail: Readonly<Record<string, unknown>> | null;
};

export type Task = {
  readonly id: string;
  readonly state: string;
  readonly category: string;
  readonly units: number;
  readonly valueCents: number;
  readonly payCents: number;
  readonly readyAt: string;
  readonly dueAt: string;
  readonly latestAt: string;
  readonly driverId: string | null;
  readonly offerExpiresAt: string | null;
  readonly attempts: number;
};

export type Driver = {
  readonly id: string;
  readonly name: string;
  readonly status: string;
  readonly capacity: number;
  readonly openOffers: number;
  readonly activeTasks: number;
  readonly position: {readonly recordedAt: string} | null;
};

export type Eligibility = {
  readonly eligible: boolean;
  readonly reasons: readonly {readonly code: string; readonly sentence: string; readonly since?: string}[];
};

export type TickList = {readonly ticks: readonly {readonly id: string}[]};

export type Explanation = {
  readonly sentences: readonly string[];
  readonly alternatives?: readonly {
    readonly driverId: string;
    readonly pair: {readonly pickupMs: number};
    readonly regretMs: number | null;
  }[];
};

export type Dossier = {
  readonly events: readonly {
    readonly seq: number;
    readonly kind: string;
    readonly actor: string;
    readonly at: string;
  }[];
  readonly verification: {readonly ok: boolean; readonly firstBad: {readonly seq: number} | null};
};

export type KillSwitches = {
  readonly killSwitches: readonly {
    readonly category: string;
    readonly since: string;
    readonly until: string | null;
    readonly reason: string;
    readonly setBy: string | null;
  }[];
};

export type Session = {
  readonly caller: string;
  readonly scopes: readonly string[];
  readonly csrfToken: string | null;
};
