-- Takes drivers out of a region that they leave for another one.
-- Concurrency: see the function.
-- Parameters: region id; driver ids.
-- Rows: none when all left; else {refused_id} of those with open work.
select * from leave_region($1, $2)
