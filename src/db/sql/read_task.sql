-- One task.
-- Concurrency: locks nothing.
-- Parameters: region id; task id.
-- Rows: at most one, a Task of src/domain/task.ts.
select * from task_rows where "regionId" = $1 and id = $2
