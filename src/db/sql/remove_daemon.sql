-- Takes a daemon from the living: it ends, and the others share its regions.
-- Concurrency: writes its own row only.
-- Parameters: owner.
-- Rows: none.
delete from daemons where owner = $1
