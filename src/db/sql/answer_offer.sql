-- Accepts or rejects an offer.
-- Concurrency: races are settled by its task's row lock; see the function.
-- Parameters: region id; offer id; 'accept' or 'reject'; driver id; detail as a JSON object.
-- Rows: one {outcome: 'done' | 'conflict' | 'not-found', state, reason, repeated, task_id, task_state}.
select * from answer_offer($1, $2, $3, $4, $5)
