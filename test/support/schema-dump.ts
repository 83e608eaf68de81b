// A schema as text in a fixed order, read from the catalogs: what a review of a migration should see change. It stands
// in for pg_dump, which the embedded Postgres does not bring.

import type {Database} from '../../src/db/connect.ts';

/** Rows {line}, grouped by owner: tables with what belongs to them, then functions, then types. */
const DUMP = `
WITH tables AS (
  SELECT c.oid, c.relname::text AS name, c.relkind, c.relacl, c.relispartition, c.relpartbound
  FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p', 'v', 'm', 'S')
), lines AS (
  SELECT 1 AS part, name AS owner, 0 AS section, 0 AS position,
    CASE relkind WHEN 'v' THEN 'VIEW ' WHEN 'm' THEN 'MATERIALIZED VIEW ' WHEN 'S' THEN 'SEQUENCE ' ELSE 'TABLE ' END
    || name
    || CASE WHEN relkind = 'p' THEN ' PARTITION BY ' || pg_get_partkeydef(oid) ELSE '' END
    || CASE WHEN relispartition THEN ' ' || pg_get_expr(relpartbound, oid) ELSE '' END AS line
  FROM tables
  UNION ALL
  SELECT 1, t.name, 1, a.attnum, '  ' || a.attname || ' ' || format_type(a.atttypid, a.atttypmod)
    || CASE WHEN a.attnotnull THEN ' NOT NULL' ELSE '' END
    || CASE WHEN d.oid IS NULL THEN ''
            WHEN a.attgenerated <> '' THEN ' GENERATED AS (' || pg_get_expr(d.adbin, d.adrelid) || ')'
            ELSE ' DEFAULT ' || pg_get_expr(d.adbin, d.adrelid) END
  FROM tables t JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum > 0 AND NOT a.attisdropped AND t.relkind <> 'S'
  LEFT JOIN pg_attrdef d ON d.adrelid = t.oid AND d.adnum = a.attnum
  UNION ALL
  SELECT 1, t.name, 2, 0, '  CONSTRAINT ' || k.conname || ' ' || pg_get_constraintdef(k.oid)
  FROM tables t JOIN pg_constraint k ON k.conrelid = t.oid WHERE k.contype <> 'n'
  UNION ALL
  SELECT 1, t.name, 3, 0, '  ' || pg_get_indexdef(i.indexrelid)
  FROM tables t JOIN pg_index i ON i.indrelid = t.oid
  WHERE NOT EXISTS (SELECT FROM pg_constraint k WHERE k.conindid = i.indexrelid AND k.contype IN ('p', 'u', 'x'))
  UNION ALL
  SELECT 1, t.name, 4, 0, '  ' || pg_get_triggerdef(g.oid)
  FROM tables t JOIN pg_trigger g ON g.tgrelid = t.oid WHERE NOT g.tgisinternal
  UNION ALL
  SELECT 1, t.name, 5, 0, '  GRANT ' || string_agg(a.privilege_type, ', ' ORDER BY a.privilege_type)
    || ' TO ' || coalesce(r.rolname, 'public')
  FROM tables t CROSS JOIN aclexplode(t.relacl) a LEFT JOIN pg_roles r ON r.oid = a.grantee
  WHERE a.grantee <> a.grantor GROUP BY t.name, r.rolname
  UNION ALL
  SELECT 1, t.name, 5, 0, '  GRANT ' || string_agg(a.privilege_type || ' (' || c.attname || ')', ', '
      ORDER BY a.privilege_type, c.attnum) || ' TO ' || coalesce(r.rolname, 'public')
  FROM tables t JOIN pg_attribute c ON c.attrelid = t.oid CROSS JOIN aclexplode(c.attacl) a
  LEFT JOIN pg_roles r ON r.oid = a.grantee GROUP BY t.name, r.rolname
  UNION ALL
  SELECT 2, p.proname::text, 0, 0, 'FUNCTION ' || p.proname || '(' || pg_get_function_arguments(p.oid) || ')'
    || ' RETURNS ' || pg_get_function_result(p.oid) || ' LANGUAGE ' || l.lanname
    || CASE p.provolatile WHEN 'i' THEN ' IMMUTABLE' WHEN 's' THEN ' STABLE' ELSE ' VOLATILE' END
    || CASE WHEN p.prosecdef THEN ' SECURITY DEFINER' ELSE '' END
  FROM pg_proc p JOIN pg_language l ON l.oid = p.prolang WHERE p.pronamespace = 'public'::regnamespace
  UNION ALL
  SELECT 3, t.typname::text, 0, 0, 'TYPE ' || t.typname || ' ENUM (' || string_agg(quote_literal(e.enumlabel), ', '
      ORDER BY e.enumsortorder) || ')'
  FROM pg_type t JOIN pg_enum e ON e.enumtypid = t.oid WHERE t.typnamespace = 'public'::regnamespace GROUP BY t.typname
  UNION ALL
  SELECT 3, t.typname::text, 1, 0, 'DOMAIN ' || t.typname || ' ' || format_type(t.typbasetype, t.typtypmod)
    || coalesce((SELECT string_agg(' ' || pg_get_constraintdef(k.oid), '' ORDER BY k.conname)
                 FROM pg_constraint k WHERE k.contypid = t.oid), '')
  FROM pg_type t WHERE t.typnamespace = 'public'::regnamespace AND t.typtype = 'd'
)
SELECT line FROM lines
ORDER BY part, owner COLLATE "C", section, position, line COLLATE "C"`;

export async function schemaDump(db: Database): Promise<string> {
  const rows = await db.query<{line: string}>({name: 'schema_dump', text: DUMP});
  return rows.map(({line}, index) => `${line.startsWith('TABLE') && index > 0 ? '\n' : ''}${line}\n`).join('');
}
