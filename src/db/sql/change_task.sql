-- Changes the state of a task.
-- Concurrency: races are settled by the task's row lock; see the function.
-- Parameters: region id; task id; action; driver id or null; detail as a JSON object.
-- Rows: one {outcome: 'done' | 'conflict' | 'not-found', state, reason, repeated, offer_id, units_missing}.
select * from change_task($1, $2, $3, $4, $5)
