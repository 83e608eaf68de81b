-- One offer.
-- Concurrency: locks nothing.
-- Parameters: region id; offer id.
-- Rows: at most one, an Offer of src/domain/offer.ts.
select * from offer_rows where "regionId" = $1 and id = $2
