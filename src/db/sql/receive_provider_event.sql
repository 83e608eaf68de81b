-- Records an event of a provider and the document that it means.
-- Concurrency: see the function.
-- Parameters: region id; provider; the event's id; hash of its payload; a DriverDocument as JSON, or null; the reason
-- why it means nothing, or null.
-- Rows: one, {outcome, reason}.
select outcome, reason from receive_provider_event($1, $2, $3, $4, $5, $6)
