-- Offers of a region by id, a page at a time. Ids begin with the time of their tick.
-- Concurrency: locks nothing.
-- Parameters: region id; states or null; driver id or null; task id or null; the last id of the page before, or null;
-- rows at most.
-- Rows: Offer of src/domain/offer.ts, ascending by id.
select * from offer_rows
where "regionId" = $1 and ($2::text[] is null or state = any ($2)) and ($3::uuid is null or "driverId" = $3)
  and ($4::uuid is null or id = any (array(
    select log.offer_id from offer_logs log where log.region_id = $1 and log.task_id = $4)))
  and ($5::uuid is null or id > $5)
order by id limit $6
