-- Makes a provider of checks known in a region, or changes it.
-- Concurrency: locks its row.
-- Parameters: region id; id; sealed secret, or null to keep the one that stands; mapping as JSON.
-- Rows: {id}; none where there is no secret to keep.
insert into providers as provider (region_id, id, secret, mapping, changed_at)
select $1::text, $2::text, coalesce($3::bytea, standing.secret), $4::jsonb, dispatch_now()
from (select 1) one
left join providers standing on standing.region_id = $1 and standing.id = $2
where coalesce($3::bytea, standing.secret) is not null
on conflict (region_id, id) do update
set secret = excluded.secret, mapping = excluded.mapping, changed_at = excluded.changed_at
returning provider.id
