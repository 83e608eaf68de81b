-- A change of rules that is refused leaves the region as it was, its compliance version included: a version that grows
-- turns away the commits of ticks that have read the rules.

-- Puts a version of a rule, in force from p_from (null: now), or ends the rule then (p_predicate null). What stood is
-- never changed but for its end; a version that was planned for later is replaced. Returns 'done', or why nothing was
-- done: REGION_UNKNOWN, RULE_UNKNOWN, PREDICATE_INVALID, VALID_FROM_PAST, RULES_LIMIT.
-- Concurrency: the region's row is locked first, so that a commit that read the rules ends before.
create or replace function put_rule(
  p_region_id text, p_code text, p_sentence text, p_source text, p_predicate jsonb, p_from timestamptz, p_by text,
  p_now timestamptz default dispatch_now()
)
returns text
language plpgsql as $$
declare
  v_from timestamptz := coalesce(p_from, p_now);
begin
  perform from regions region where region.region_id = p_region_id for no key update;
  if not found then
    return 'REGION_UNKNOWN';
  elsif v_from < p_now then
    return 'VALID_FROM_PAST';
  elsif p_predicate is not null and not is_rule_predicate(p_predicate) then
    return 'PREDICATE_INVALID';
  elsif p_predicate is not null and (
    select count(distinct rule.code) from rules rule
    where rule.region_id = p_region_id and rule.code <> p_code and coalesce(rule.valid_until, 'infinity') > p_now) >= 58
  then
    return 'RULES_LIMIT';
  end if;
  -- Two versions do not start at one instant: the later one starts a millisecond after.
  select greatest(v_from, max(rule.valid_from) + interval '1 millisecond') into v_from
  from rules rule
  where rule.region_id = p_region_id and rule.code = p_code and p_predicate is not null
    and rule.valid_from >= v_from and rule.valid_from < v_from + interval '1 second';
  update rules rule set valid_until = greatest(rule.valid_from, v_from), ended_by = p_by
  where rule.region_id = p_region_id and rule.code = p_code and coalesce(rule.valid_until, 'infinity') > v_from;
  if p_predicate is null and not found then
    return 'RULE_UNKNOWN';
  elsif p_predicate is not null then
    insert into rules (region_id, code, valid_from, scope, sentence, predicate, source, put_by)
    values (p_region_id, p_code, v_from, rule_scope(p_predicate ->> 'kind'), p_sentence, p_predicate, p_source, p_by);
  end if;
  update regions region set compliance_version = region.compliance_version + 1
  where region.region_id = p_region_id;
  return 'done';
end $$;
