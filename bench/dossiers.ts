import {verifyDossiers} from '../src/db/dossier-check.ts';
import type {Statement} from '../src/db/statement.ts';
import type {Place} from '../src/sim/city.ts';
import type {Suite} from './harness.ts';
import {REGION, withMarket} from './market.ts';

const place: Place = () => ({latE7: 577_000_000, lonE7: 119_700_000});
const EVENTS_PER_TASK = 10;

/** One more event on every task, as long as those that dispatch writes, which leaves the task as it stands. */
const APPEND: Statement = {
  name: 'append_to_all',
  text: `with tasks as materialized (
      select array_agg(id order by id) as ids from delivery_tasks where region_id = $1
    ), details as materialized (
      select array_agg('{"attempt":1,"driver":"' || id || '","from":"PENDING","offer":"' || id || '"}' order by id)
        as texts
      from delivery_tasks where region_id = $1
    ), appended as materialized (
      select ids, events.seqs, events.heads
      from tasks, details, append_events($1, ids, 'released', 'operator', texts, dispatch_now()) events
    )
    update delivery_tasks task set dossier_seq = event.seq, dossier_head = event.head
    from appended, unnest(appended.ids, appended.seqs, appended.heads) as event (id, seq, head)
    where task.region_id = $1 and task.id = event.id`,
};

/** Every chain of a region recomputed: read, hashed, compared with its columns and its task. */
export const dossierCheck: Suite = (size, measure) => {
  const taskCount = size === 'smoke' ? 20 : 5_000;
  return withMarket({drivers: 1, connections: 10}, 'none', place, async ({db, order}) => {
    await order(0, taskCount);
    for (let i = 1; i < EVENTS_PER_TASK; i++) await db.query(APPEND, [REGION]);
    const events = taskCount * EVENTS_PER_TASK;
    await measure({
      name: 'dossier verify',
      input: `${events} events of ${taskCount} tasks`,
      things: {count: events, of: 'events/s'},
      async run() {
        const {badTasks, firstBad, events: found} = await verifyDossiers(db, {regionIds: [REGION]});
        if (badTasks > 0) throw new Error(`bad: ${JSON.stringify(firstBad)}`);
        return found;
      },
    });
  });
};
