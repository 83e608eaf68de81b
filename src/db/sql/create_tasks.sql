-- Creates tasks of one region.
-- Concurrency: see the function.
-- Parameters: region id; JSON array of AskedTask.
-- Rows: by task {outcome: 'created' | 'repeated' | 'refused', code, task}.
select * from create_tasks($1, $2)
