-- Assets that only get another cell are written quicker: publishing an edition moves thousands of them at once.

-- An asset as it would be in another cell.
CREATE FUNCTION core.in_cell(was asset, cell_id bigint, updated_at timestamptz) RETURNS asset
LANGUAGE plpgsql IMMUTABLE
AS $$
BEGIN
    was.cell_id := in_cell.cell_id;
    was.updated_at := in_cell.updated_at;
    RETURN was;
END
$$;
REVOKE EXECUTE ON FUNCTION core.in_cell(asset, bigint, timestamptz) FROM PUBLIC;

-- As core.keep_history, without turning a row into JSON of which nothing but the cell has changed: that took a
-- third of publishing an edition.
CREATE FUNCTION core.keep_asset_history() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp SET jit = off
AS $$
BEGIN
    INSERT INTO row_history (table_name, row_id, op, before, after)
    SELECT
        'asset', o.id, 'update', jsonb_build_object('cell_id', o.cell_id), jsonb_build_object('cell_id', n.cell_id)
    FROM old_rows o
    JOIN new_rows n ON n.id = o.id
    WHERE n.cell_id IS DISTINCT FROM o.cell_id AND core.in_cell(o, n.cell_id, n.updated_at) *= n;

    INSERT INTO row_history (table_name, row_id, op, before, after)
    SELECT 'asset', o.id, 'update', differs.before, differs.after
    FROM (
        SELECT w.id, to_jsonb(w) AS before, to_jsonb(i) AS after
        FROM old_rows w
        JOIN new_rows i ON i.id = w.id
        WHERE NOT core.in_cell(w, i.cell_id, i.updated_at) *= i
        OFFSET 0
    ) o
    CROSS JOIN LATERAL (
        SELECT jsonb_object_agg(key, value) AS before, jsonb_object_agg(key, o.after -> key) AS after
        FROM jsonb_each(o.before)
        WHERE value IS DISTINCT FROM o.after -> key AND key NOT IN ('geom_3857', 'updated_at')
    ) differs
    WHERE differs.before IS NOT NULL;
    RETURN NULL;
END
$$;
DROP TRIGGER c_asset_update_kept ON asset;
CREATE TRIGGER c_asset_update_kept
AFTER UPDATE ON asset
REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
FOR EACH STATEMENT EXECUTE FUNCTION core.keep_asset_history();

CREATE OR REPLACE FUNCTION core.regrid_these(what text, ids bigint[], gone bigint[], gone_codes text[], of_edition bigint DEFAULT NULL)
RETURNS integer
LANGUAGE plpgsql SET search_path = public, pg_temp SET jit = off
AS $$
DECLARE
    before bigint[];
BEGIN
    IF ids IS NULL THEN
        RETURN 0;
    END IF;
    -- An UPDATE derives the cell anew (core.asset_row, core.building_row) whatever it is told, so it is told nothing
    -- that has to be looked for.
    IF what = 'asset' THEN
        SELECT array_agg(a.id ORDER BY a.id), array_agg(a.cell_id ORDER BY a.id) INTO ids, before FROM asset a WHERE a.id = ANY (ids);
        UPDATE asset SET cell_id = CASE WHEN cell_id IS NULL THEN 0 END WHERE id = ANY (ids);
    ELSE
        SELECT array_agg(a.id ORDER BY a.id), array_agg(a.cell_id ORDER BY a.id) INTO ids, before FROM building a WHERE a.id = ANY (ids);
        UPDATE building SET cell_id = CASE WHEN cell_id IS NULL THEN 0 END WHERE id = ANY (ids);
    END IF;
    INSERT INTO regridded (edition_id, kind, ref, code_before, code_after, at)
    SELECT
        e.id, what, t.id,
        coalesce(
            (SELECT g.code FROM unnest(gone, gone_codes) g (id, code) WHERE g.id = t.before),
            -- A cell handed to another community has another code now.
            (
                SELECT v.code
                FROM cell_version v
                WHERE v.cell_id = t.before AND lower(v.valid) < e.opened_at AND (upper_inf(v.valid) OR upper(v.valid) >= e.opened_at)
            ),
            was.code, ''),
        coalesce(c.code, ''), now()
    FROM unnest(ids, before) t (id, before)
    JOIN edition e ON e.id = coalesce(of_edition, core.edition_of_transaction())
    LEFT JOIN cell was ON was.id = t.before
    LEFT JOIN asset a ON what = 'asset' AND a.id = t.id
    LEFT JOIN building b ON what = 'building' AND b.id = t.id
    LEFT JOIN cell c ON c.id = coalesce(a.cell_id, b.cell_id)
    WHERE t.before IS DISTINCT FROM coalesce(a.cell_id, b.cell_id);
    RETURN cardinality(ids);
END
$$;
