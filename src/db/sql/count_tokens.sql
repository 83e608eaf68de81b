-- Whether there are tokens.
-- Concurrency: one MVCC snapshot; locks nothing.
-- Parameters: none.
-- Rows: one {made, holding}: tokens that were ever made, and those of them that hold.
select count(*) as made, count(*) filter (where token_holds(token)) as holding from api_tokens token
