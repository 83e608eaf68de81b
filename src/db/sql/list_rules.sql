-- Versions of a region's rules, by code, then by start; those that were replaced before they started are left out.
-- Concurrency: locks nothing.
-- Parameters: region id; whether past versions are wanted, too.
-- Rows: RuleVersion of src/domain/rule.ts.
select code, sentence, source, scope, predicate, epoch_ms(valid_from) as "validFromMs",
  epoch_ms(valid_until) as "validUntilMs", put_by as "putBy", ended_by as "endedBy"
from rules
where region_id = $1 and coalesce(valid_until, 'infinity') > valid_from
  and ($2::boolean or coalesce(valid_until, 'infinity') > dispatch_now())
order by code collate "C", valid_from
