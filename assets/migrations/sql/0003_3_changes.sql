-- What was written is told to the change log once per statement, and kept in the history.

CREATE FUNCTION core.box_of(shapes box2d) RETURNS geometry
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN ST_SetSRID(shapes::geometry, 3857);

CREATE FUNCTION core.asset_changed() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
BEGIN
    IF tg_op = 'INSERT' THEN
        PERFORM core.record_change(
            'asset', tg_op,
            ARRAY(SELECT code FROM new_rows LIMIT 201),
            '{}',
            ARRAY(SELECT DISTINCT c.code FROM new_rows n JOIN cell c ON c.id = n.cell_id),
            (SELECT core.box_of(ST_Extent(geom_3857)) FROM new_rows));
    ELSIF tg_op = 'DELETE' THEN
        PERFORM core.record_change(
            'asset', tg_op,
            ARRAY(SELECT code FROM old_rows LIMIT 201),
            ARRAY(SELECT DISTINCT c.code FROM old_rows o JOIN cell c ON c.id = o.cell_id),
            '{}',
            (SELECT core.box_of(ST_Extent(geom_3857)) FROM old_rows));
    ELSE
        PERFORM core.record_change(
            'asset', tg_op,
            ARRAY(SELECT code FROM new_rows LIMIT 201),
            ARRAY(SELECT DISTINCT c.code FROM old_rows o JOIN cell c ON c.id = o.cell_id),
            ARRAY(SELECT DISTINCT c.code FROM new_rows n JOIN cell c ON c.id = n.cell_id),
            (SELECT core.box_of(ST_Extent(g)) FROM (SELECT geom_3857 FROM old_rows UNION ALL SELECT geom_3857 FROM new_rows) u (g)));
    END IF;
    RETURN NULL;
END
$$;

CREATE FUNCTION core.building_changed() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
BEGIN
    IF tg_op = 'INSERT' THEN
        PERFORM core.record_change(
            'building', tg_op,
            ARRAY(SELECT id::text FROM new_rows LIMIT 201),
            '{}',
            ARRAY(SELECT DISTINCT c.code FROM new_rows n JOIN cell c ON c.id = n.cell_id),
            (SELECT core.box_of(ST_Extent(geom_3857)) FROM new_rows));
    ELSIF tg_op = 'DELETE' THEN
        PERFORM core.record_change(
            'building', tg_op,
            ARRAY(SELECT id::text FROM old_rows LIMIT 201),
            ARRAY(SELECT DISTINCT c.code FROM old_rows o JOIN cell c ON c.id = o.cell_id),
            '{}',
            (SELECT core.box_of(ST_Extent(geom_3857)) FROM old_rows));
    ELSE
        PERFORM core.record_change(
            'building', tg_op,
            ARRAY(SELECT id::text FROM new_rows LIMIT 201),
            ARRAY(SELECT DISTINCT c.code FROM old_rows o JOIN cell c ON c.id = o.cell_id),
            ARRAY(SELECT DISTINCT c.code FROM new_rows n JOIN cell c ON c.id = n.cell_id),
            (SELECT core.box_of(ST_Extent(g)) FROM (SELECT geom_3857 FROM old_rows UNION ALL SELECT geom_3857 FROM new_rows) u (g)));
    END IF;
    RETURN NULL;
END
$$;

-- A road belongs to no cell: it concerns whoever sees its streets, so no unit is named.
CREATE FUNCTION core.road_changed() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
BEGIN
    IF tg_op = 'INSERT' THEN
        PERFORM core.record_change(
            'road', tg_op, ARRAY(SELECT id::text FROM new_rows LIMIT 201), '{}', '{}',
            (SELECT core.box_of(ST_Extent(geom_3857)) FROM new_rows));
    ELSIF tg_op = 'DELETE' THEN
        PERFORM core.record_change(
            'road', tg_op, ARRAY(SELECT id::text FROM old_rows LIMIT 201), '{}', '{}',
            (SELECT core.box_of(ST_Extent(geom_3857)) FROM old_rows));
    ELSE
        PERFORM core.record_change(
            'road', tg_op, ARRAY(SELECT id::text FROM new_rows LIMIT 201), '{}', '{}',
            (SELECT core.box_of(ST_Extent(g)) FROM (SELECT geom_3857 FROM old_rows UNION ALL SELECT geom_3857 FROM new_rows) u (g)));
    END IF;
    RETURN NULL;
END
$$;

CREATE TRIGGER b_asset_inserted
AFTER INSERT ON asset REFERENCING NEW TABLE AS new_rows
FOR EACH STATEMENT EXECUTE FUNCTION core.asset_changed();
CREATE TRIGGER b_asset_updated
AFTER UPDATE ON asset REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
FOR EACH STATEMENT EXECUTE FUNCTION core.asset_changed();
CREATE TRIGGER b_asset_deleted
AFTER DELETE ON asset REFERENCING OLD TABLE AS old_rows
FOR EACH STATEMENT EXECUTE FUNCTION core.asset_changed();
CREATE TRIGGER c_asset_update_kept
AFTER UPDATE ON asset REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
FOR EACH STATEMENT EXECUTE FUNCTION core.keep_history();
CREATE TRIGGER c_asset_delete_kept
AFTER DELETE ON asset REFERENCING OLD TABLE AS old_rows
FOR EACH STATEMENT EXECUTE FUNCTION core.keep_history();

CREATE TRIGGER b_building_inserted
AFTER INSERT ON building REFERENCING NEW TABLE AS new_rows
FOR EACH STATEMENT EXECUTE FUNCTION core.building_changed();
CREATE TRIGGER b_building_updated
AFTER UPDATE ON building REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
FOR EACH STATEMENT EXECUTE FUNCTION core.building_changed();
CREATE TRIGGER b_building_deleted
AFTER DELETE ON building REFERENCING OLD TABLE AS old_rows
FOR EACH STATEMENT EXECUTE FUNCTION core.building_changed();
CREATE TRIGGER c_building_update_kept
AFTER UPDATE ON building REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
FOR EACH STATEMENT EXECUTE FUNCTION core.keep_history();
CREATE TRIGGER c_building_delete_kept
AFTER DELETE ON building REFERENCING OLD TABLE AS old_rows
FOR EACH STATEMENT EXECUTE FUNCTION core.keep_history();

CREATE TRIGGER b_road_inserted
AFTER INSERT ON road REFERENCING NEW TABLE AS new_rows
FOR EACH STATEMENT EXECUTE FUNCTION core.road_changed();
CREATE TRIGGER b_road_updated
AFTER UPDATE ON road REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
FOR EACH STATEMENT EXECUTE FUNCTION core.road_changed();
CREATE TRIGGER b_road_deleted
AFTER DELETE ON road REFERENCING OLD TABLE AS old_rows
FOR EACH STATEMENT EXECUTE FUNCTION core.road_changed();
CREATE TRIGGER c_road_update_kept
AFTER UPDATE ON road REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
FOR EACH STATEMENT EXECUTE FUNCTION core.keep_history();
CREATE TRIGGER c_road_delete_kept
AFTER DELETE ON road REFERENCING OLD TABLE AS old_rows
FOR EACH STATEMENT EXECUTE FUNCTION core.keep_history();
