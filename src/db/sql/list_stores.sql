-- Stores of a region by id, a page at a time.
-- Concurrency: locks nothing.
-- Parameters: region id; the last id of the page before, or null; rows at most.
-- Rows: Store of src/domain/store.ts, ascending by id.
select * from store_rows where "regionId" = $1 and ($2::uuid is null or id > $2) order by id limit $3
