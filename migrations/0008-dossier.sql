-- The dossier: canonical JSON, and the one function that extends chains.

-- An instant as the dossier writes it: ISO 8601 in UTC, milliseconds.
create function dossier_instant(p_at timestamptz) returns text
language plpgsql stable strict parallel safe as $$
begin
  return to_char(p_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"');
end $$;

-- Canonical JSON: keys in code-point order, no white space, numbers and strings as Postgres prints them.
create function canonical_json(p_value jsonb) returns text
language plpgsql immutable strict parallel safe as $$
begin
  case jsonb_typeof(p_value)
    when 'object' then
      return '{' || coalesce((
        select string_agg(to_json(key)::text || ':' || canonical_json(value), ',' order by key collate "C")
        from jsonb_each(p_value)
      ), '') || '}';
    when 'array' then
      return '[' || coalesce((
        select string_agg(canonical_json(value), ',' order by ordinal)
        from jsonb_array_elements(p_value) with ordinality as element (value, ordinal)
      ), '') || ']';
    else
      return p_value::text;
  end case;
end $$;

-- Appends one event to each task's chain and returns the new sequence numbers and heads, by task, for the caller to
-- write into the tasks it has locked (with the columns it changes anyway: a row is updated once).
-- Concurrency: the caller holds the tasks' row locks; tasks are distinct. p_details: canonical JSON objects, by task.
create function append_events(
  p_region_id text, p_task_ids uuid[], p_kind text, p_actor text, p_details text[], p_now timestamptz,
  out seqs int[], out heads bytea[]
)
language plpgsql as $$
declare
  v_before text := '{"actor":' || to_json(p_actor) || ',"at":"' || dossier_instant(p_now) || '","detail":';
  v_between text := ',"kind":"' || p_kind || '","seq":';
  v_bodies text[];
  v_prev_hashes bytea[];
begin
  select array_agg(seq), array_agg(sha256(prev_hash || convert_to(body, 'UTF8'))), array_agg(body),
    array_agg(prev_hash)
  into seqs, heads, v_bodies, v_prev_hashes
  from (
    select task.dossier_seq + 1 as seq, task.dossier_head as prev_hash,
      v_before || event.detail || v_between || task.dossier_seq + 1 || ',"task":"' || task.id || '"}' as body
    from unnest(p_task_ids, p_details) with ordinality as event (task_id, detail, ordinal)
    join delivery_tasks task on task.region_id = p_region_id and task.id = event.task_id
    order by event.ordinal
  ) events;
  insert into dossier_events (region_id, task_id, seq, kind, actor, at, body, prev_hash, hash)
  select p_region_id, event.task_id, event.seq, p_kind, p_actor, p_now, event.body, event.prev_hash, event.hash
  from unnest(p_task_ids, seqs, v_bodies, v_prev_hashes, heads) as event (task_id, seq, body, prev_hash, hash);
end $$;
