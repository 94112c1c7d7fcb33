-- Every change of staffing is kept. Changes of duties are told to the live feed with the units they are about;
-- memberships are nobody else's business, and their loss is told by the permission epoch.
DO $do$
DECLARE
    kept text;
BEGIN
    FOREACH kept IN ARRAY ARRAY['membership', 'duty', 'duty_area', 'duty_shift', 'substitution'] LOOP
        EXECUTE format(
            'CREATE TRIGGER history_of_update AFTER UPDATE ON %I
             REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
             FOR EACH STATEMENT EXECUTE FUNCTION core.keep_history()', kept);
        EXECUTE format(
            'CREATE TRIGGER history_of_delete AFTER DELETE ON %I
             REFERENCING OLD TABLE AS old_rows
             FOR EACH STATEMENT EXECUTE FUNCTION core.keep_history()', kept);
    END LOOP;
END
$do$;

-- The units of the duties whose rows changed. Rows of duty_area say their own, which also holds for those
-- that are gone; of a deleted duty the areas are deleted, and told, by their own statement.
CREATE FUNCTION core.tell_staffing() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
DECLARE
    said jsonb;
    duty_ids bigint[];
    units text[];
BEGIN
    IF tg_op = 'DELETE' THEN
        SELECT jsonb_agg(to_jsonb(o)) INTO said FROM old_rows o;
    ELSIF tg_op = 'INSERT' THEN
        SELECT jsonb_agg(to_jsonb(n)) INTO said FROM new_rows n;
    ELSE
        SELECT jsonb_agg(both_sides.row) INTO said
        FROM (SELECT to_jsonb(o) AS row FROM old_rows o UNION ALL SELECT to_jsonb(n) FROM new_rows n) both_sides;
    END IF;
    IF said IS NULL THEN
        RETURN NULL;
    END IF;
    duty_ids := ARRAY(
        SELECT DISTINCT (row ->> CASE tg_table_name WHEN 'duty' THEN 'id' ELSE 'duty_id' END)::bigint
        FROM jsonb_array_elements(said) row
    );
    units := ARRAY(
        SELECT row ->> 'unit_code' FROM jsonb_array_elements(said) row WHERE row ? 'unit_code'
        UNION
        SELECT area.unit_code FROM duty_area area WHERE area.duty_id = ANY (duty_ids)
    );
    PERFORM core.record_change('duty', CASE tg_table_name WHEN 'duty' THEN tg_op ELSE 'update' END, duty_ids::text[], '{}', units);
    RETURN NULL;
END
$$;

DO $do$
DECLARE
    told text;
BEGIN
    FOREACH told IN ARRAY ARRAY['duty', 'duty_area', 'duty_shift', 'substitution'] LOOP
        EXECUTE format(
            'CREATE TRIGGER tell_of_insert AFTER INSERT ON %I
             REFERENCING NEW TABLE AS new_rows
             FOR EACH STATEMENT EXECUTE FUNCTION core.tell_staffing()', told);
        EXECUTE format(
            'CREATE TRIGGER tell_of_update AFTER UPDATE ON %I
             REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
             FOR EACH STATEMENT EXECUTE FUNCTION core.tell_staffing()', told);
        EXECUTE format(
            'CREATE TRIGGER tell_of_delete AFTER DELETE ON %I
             REFERENCING OLD TABLE AS old_rows
             FOR EACH STATEMENT EXECUTE FUNCTION core.tell_staffing()', told);
    END LOOP;
END
$do$;
