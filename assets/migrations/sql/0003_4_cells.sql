-- When cells change, what lies on the changed ground gets its cell anew.

-- The statement triggers of cell fire by name: this one after those of the grid, so it sees what the guard decided.
-- The guard's own writing fires it too, with the neighbours it touched.
CREATE FUNCTION core.recell() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp SET jit = off
-- Planning these queries anew for every edit of the grid would cost more than running them.
SET plan_cache_mode = force_generic_plan
AS $$
DECLARE
    boxes geometry[];   -- of ground that changed hands, in Web Mercator as the index is
    gone bigint[];
    moved bigint[];
BEGIN
    IF NOT EXISTS (SELECT FROM asset) AND NOT EXISTS (SELECT FROM building) THEN
        RETURN NULL;
    END IF;
    IF tg_op = 'DELETE' THEN
        SELECT array_agg(id) INTO gone FROM old_rows;
        UPDATE asset SET cell_id = core.cell_at(core.anchor_of(geom)) WHERE cell_id = ANY (gone);
        UPDATE building SET cell_id = core.cell_at(ST_PointOnSurface(geom)) WHERE cell_id = ANY (gone);
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
    IF boxes IS NULL THEN
        RETURN NULL;
    END IF;
    -- Most edits move no asset: an UPDATE that finds no row would still fire the triggers of its table.
    SELECT array_agg(f.id)
    INTO moved
    FROM (
        SELECT DISTINCT a.id, a.cell_id, core.anchor_of(a.geom) AS place
        FROM unnest(boxes) AS b (box)
        JOIN asset a ON a.geom_3857 && b.box
    ) f
    WHERE core.cell_at(f.place) IS DISTINCT FROM f.cell_id;
    IF moved IS NOT NULL THEN
        UPDATE asset SET cell_id = core.cell_at(core.anchor_of(geom)) WHERE id = ANY (moved);
    END IF;
    SELECT array_agg(f.id)
    INTO moved
    FROM (
        SELECT DISTINCT a.id, a.cell_id, ST_PointOnSurface(a.geom) AS place
        FROM unnest(boxes) AS b (box)
        JOIN building a ON a.geom_3857 && b.box
    ) f
    WHERE core.cell_at(f.place) IS DISTINCT FROM f.cell_id;
    IF moved IS NOT NULL THEN
        UPDATE building SET cell_id = core.cell_at(ST_PointOnSurface(geom)) WHERE id = ANY (moved);
    END IF;
    RETURN NULL;
END
$$;

CREATE TRIGGER m_recell_inserted
AFTER INSERT ON cell REFERENCING NEW TABLE AS new_rows
FOR EACH STATEMENT EXECUTE FUNCTION core.recell();
CREATE TRIGGER m_recell_updated
AFTER UPDATE ON cell REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
FOR EACH STATEMENT EXECUTE FUNCTION core.recell();
CREATE TRIGGER m_recell_deleted
AFTER DELETE ON cell REFERENCING OLD TABLE AS old_rows
FOR EACH STATEMENT EXECUTE FUNCTION core.recell();
