-- The providers of checks of a region, or one.
-- Concurrency: locks nothing.
-- Parameters: region id; id or null.
-- Rows: {id, secret, mapping}, the secret sealed; by id.
select provider.id, provider.secret, provider.mapping from providers provider
where provider.region_id = $1 and ($2::text is null or provider.id = $2::text)
order by provider.id
