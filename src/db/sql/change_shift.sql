-- Begins or ends a driver's shift.
-- Concurrency: locks the tasks offered to the driver, then the driver; see the function.
-- Parameters: region id; driver id; on; whether tasks in hand may be finished first; detail as a JSON object.
-- Rows: one {outcome: 'done' | 'conflict' | 'not-found', status, repeated, rejected_ids, tasks}.
select * from change_shift($1, $2, $3, $4, $5)
