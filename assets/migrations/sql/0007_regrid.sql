-- A published edition gives assets and buildings their cells in batches, after its transaction.
--
-- Only what stood on a vanished cell is moved at once: it cannot point to a cell that is gone. Edits outside
-- the workshop move few things and move them at once, as before. All of them are put on the list.

CREATE OR REPLACE FUNCTION core.recell() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp SET jit = off
SET plan_cache_mode = force_generic_plan
AS $$
DECLARE
    boxes geometry[];   -- of ground that changed hands, in Web Mercator as the index is
    gone bigint[];
    gone_codes text[];
    moved bigint[];
BEGIN
    IF tg_op <> 'DELETE' AND core.regrid_is_deferred() THEN
        RETURN NULL;
    END IF;
    IF NOT EXISTS (SELECT FROM asset) AND NOT EXISTS (SELECT FROM building) THEN
        RETURN NULL;
    END IF;
    IF tg_op = 'DELETE' THEN
        SELECT array_agg(id), array_agg(code::text) INTO gone, gone_codes FROM old_rows;
        SELECT array_agg(id) INTO moved FROM asset WHERE cell_id = ANY (gone);
        PERFORM core.regrid_these('asset', moved, gone, gone_codes);
        SELECT array_agg(id) INTO moved FROM building WHERE cell_id = ANY (gone);
        PERFORM core.regrid_these('building', moved, gone, gone_codes);
        RETURN NULL;
    END IF;
    IF tg_op = 'INSERT' THEN
        SELECT array_agg(ST_Envelope(ST_Transform(geom, 3857))) INTO boxes FROM new_rows;
    ELSE
        SELECT array_agg(ST_Envelope(ST_Transform(d.geom, 3857)))
        INTO boxes
        FROM (
            SELECT ST_SymDifference(o.geom, n.geom) AS ground
            FROM old_rows o
            JOIN new_rows n ON n.id = o.id AND NOT ST_OrderingEquals(n.geom, o.geom)
        ) u
        CROSS JOIN LATERAL ST_Dump(u.ground) d
        WHERE ST_Dimension(d.geom) = 2;
    END IF;
    IF boxes IS NOT NULL THEN
        PERFORM core.regrid_these('asset', core.misplaced('asset', boxes), '{}', '{}');
        PERFORM core.regrid_these('building', core.misplaced('building', boxes), '{}', '{}');
    END IF;
    RETURN NULL;
END
$$;

-- Those inside some boxes (3857) whose cell is not the one that holds them.
CREATE FUNCTION core.misplaced(what text, boxes geometry[]) RETURNS bigint[]
LANGUAGE plpgsql STABLE SET search_path = public, pg_temp SET jit = off
AS $$
DECLARE
    found bigint[];
BEGIN
    IF what = 'asset' THEN
        SELECT array_agg(f.id)
        INTO found
        FROM (
            SELECT DISTINCT a.id, a.cell_id, core.anchor_of(a.geom) AS place
            FROM unnest(boxes) AS b (box)
            JOIN asset a ON a.geom_3857 && b.box
        ) f
        WHERE core.cell_at(f.place) IS DISTINCT FROM f.cell_id;
    ELSE
        SELECT array_agg(f.id)
        INTO found
        FROM (
            SELECT DISTINCT a.id, a.cell_id, ST_PointOnSurface(a.geom) AS place
            FROM unnest(boxes) AS b (box)
            JOIN building a ON a.geom_3857 && b.box
        ) f
        WHERE core.cell_at(f.place) IS DISTINCT FROM f.cell_id;
    END IF;
    RETURN found;
END
$$;

-- Gives them their cells and lists each with its code before and after. gone: cells that vanish in this very
-- statement, whose codes are found nowhere else any more.
CREATE FUNCTION core.regrid_these(what text, ids bigint[], gone bigint[], gone_codes text[], of_edition bigint DEFAULT NULL)
RETURNS integer
LANGUAGE plpgsql SET search_path = public, pg_temp SET jit = off
AS $$
DECLARE
    before bigint[];
BEGIN
    IF ids IS NULL THEN
        RETURN 0;
    END IF;
    -- An UPDATE derives the cell anew (a_asset_row, a_building_row) whatever it is told.
    IF what = 'asset' THEN
        SELECT array_agg(a.id ORDER BY a.id), array_agg(a.cell_id ORDER BY a.id) INTO ids, before FROM asset a WHERE a.id = ANY (ids);
        UPDATE asset SET cell_id = core.cell_at(core.anchor_of(geom)) WHERE id = ANY (ids);
    ELSE
        SELECT array_agg(a.id ORDER BY a.id), array_agg(a.cell_id ORDER BY a.id) INTO ids, before FROM building a WHERE a.id = ANY (ids);
        UPDATE building SET cell_id = core.cell_at(ST_PointOnSurface(geom)) WHERE id = ANY (ids);
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

-- Some of the ground that editions left behind. Called by the clock until nothing is left; what a kill undoes
-- is done again. Returns how many pieces of ground were looked at.
CREATE FUNCTION core.regrid_assets(most integer) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp SET jit = off
AS $$
DECLARE
    ground_ids bigint[];
    boxes geometry[];
    of_edition bigint;
BEGIN
    -- One edition at a time, the oldest first, so that the list says whose doing it was.
    SELECT min(g.edition_id) INTO of_edition FROM regrid_ground g WHERE g.assets_done_at IS NULL;
    IF of_edition IS NULL THEN
        RETURN 0;
    END IF;
    SELECT array_agg(d.id), array_agg(d.box)
    INTO ground_ids, boxes
    FROM (
        SELECT g.id, g.box
        FROM regrid_ground g
        WHERE g.assets_done_at IS NULL AND g.edition_id = of_edition
        ORDER BY g.id
        LIMIT most
        FOR UPDATE SKIP LOCKED
    ) d;
    IF ground_ids IS NULL THEN
        RETURN 0;
    END IF;
    PERFORM core.regrid_these('asset', core.misplaced('asset', boxes), '{}', '{}', of_edition);
    PERFORM core.regrid_these('building', core.misplaced('building', boxes), '{}', '{}', of_edition);
    UPDATE regrid_ground SET assets_done_at = clock_timestamp() WHERE id = ANY (ground_ids);
    RETURN cardinality(ground_ids);
END
$$;
COMMENT ON FUNCTION core.regrid_assets(integer) IS 'Give what stands on changed ground its cell, some of it; 0: nothing is left. 部件重新归格';

REVOKE EXECUTE ON FUNCTION core.regrid_these(text, bigint[], bigint[], text[], bigint), core.misplaced(text, geometry[]), core.regrid_assets(integer) FROM PUBLIC;
REVOKE EXECUTE ON FUNCTION core.regrid_these(text, bigint[], bigint[], text[], bigint) FROM geogrid_app;
GRANT EXECUTE ON FUNCTION core.regrid_assets(integer) TO geogrid_app;
