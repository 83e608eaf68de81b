-- One customer's address.
-- Concurrency: locks nothing.
-- Parameters: region id; address id.
-- Rows: at most one, a CustomerAddress of src/domain/address.ts.
select * from address_rows where "regionId" = $1 and id = $2
