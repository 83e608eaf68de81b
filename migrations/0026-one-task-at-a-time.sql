-- A task that is created alone is looked up, whatever the number of tasks in its region. By the planner's own guess of
-- a thousand rows create_tasks read all of them, once for every task that came by itself; a batch of five hundred
-- takes as long as before.
alter function read_new_tasks(text, jsonb, timestamptz) rows 1;
