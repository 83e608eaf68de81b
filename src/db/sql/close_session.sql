-- Ends a session; one that is gone already stays so.
-- Concurrency: one delete.
-- Parameters: id.
-- Rows: none.
delete from api_sessions where id = $1
