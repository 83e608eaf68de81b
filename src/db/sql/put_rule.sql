-- Puts a version of a rule, or ends the rule.
-- Concurrency: see the function.
-- Parameters: region id; code; sentence, source and predicate (JSON), nulls to end it; instant, null for now; who.
-- Rows: one {outcome}: 'done', or why nothing was done.
select * from put_rule($1, $2, $3, $4, $5, $6, $7) as outcome
