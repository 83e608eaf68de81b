-- Times out due offers and fails tasks that can no longer be served.
-- Concurrency: any number at once; see the function.
-- Parameters: region id; the most offers and the most tasks of this call.
-- Rows: one {expired, failed, slot}; slot is null when every slot is taken.
select * from expire_offers($1, $2)
