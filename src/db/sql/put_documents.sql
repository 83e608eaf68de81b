-- Records documents of one region's drivers.
-- Concurrency: see the function.
-- Parameters: region id; JSON array of DriverDocument, distinct by driver, kind and validFromMs.
-- Rows: none when all were written; else {unknown_id} of drivers that do not exist.
select * from put_documents($1, $2)
