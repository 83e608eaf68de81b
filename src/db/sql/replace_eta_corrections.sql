-- Replaces what a region has learned of promises: replace_eta_corrections of migrations/0042-eta-corrections.sql.
-- Parameters: region id; an array of EtaCorrection of src/domain/eta-correction.ts, as JSON.
-- Rows: one {rows}: how many stand then.
select replace_eta_corrections($1, $2::jsonb) as rows
