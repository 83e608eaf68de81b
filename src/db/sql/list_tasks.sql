-- Tasks of a region by id, a page at a time.
-- Concurrency: locks nothing.
-- Parameters: region id; states or null; driver id or null; the last id of the page before, or null; rows at most.
-- Rows: Task of src/domain/task.ts, ascending by id.
select * from task_rows
where "regionId" = $1 and ($2::text[] is null or state = any ($2)) and ($3::uuid is null or "driverId" = $3)
  and ($4::uuid is null or id > $4)
order by id limit $5
