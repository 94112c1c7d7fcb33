-- One change row per statement on the grid, however it was edited.
CREATE FUNCTION core.cell_changed() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
BEGIN
    IF tg_op = 'INSERT' THEN
        PERFORM core.record_change(
            'cell', tg_op, array_agg(n.code::text), '{}', array_agg(n.code::text),
            ST_SetSRID(ST_Extent(n.geom_3857)::geometry, 3857))
        FROM new_rows n;
    ELSIF tg_op = 'DELETE' THEN
        PERFORM core.record_change(
            'cell', tg_op, array_agg(o.code::text), array_agg(o.code::text), '{}',
            ST_SetSRID(ST_Extent(o.geom_3857)::geometry, 3857))
        FROM old_rows o;
    ELSE
        PERFORM core.record_change(
            'cell', tg_op, array_agg(n.code::text), array_agg(o.code::text), array_agg(n.code::text),
            ST_SetSRID(ST_Extent(ST_Collect(ARRAY[o.geom_3857, n.geom_3857]))::geometry, 3857))
        FROM old_rows o
        JOIN new_rows n ON n.id = o.id
        WHERE (o.code, o.community_id, o.name, o.name_en, o.kind, o.use, o.owner_id, o.maintainer_id, o.households)
            IS DISTINCT FROM
            (n.code, n.community_id, n.name, n.name_en, n.kind, n.use, n.owner_id, n.maintainer_id, n.households)
            OR NOT ST_OrderingEquals(o.geom, n.geom);
    END IF;
    RETURN NULL;
END
$$;

CREATE FUNCTION core.grid_unit_changed() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
BEGIN
    IF tg_op = 'INSERT' THEN
        PERFORM core.record_change('unit', tg_op, array_agg(n.code::text), '{}', array_agg(n.code::text), NULL)
        FROM new_rows n;
    ELSIF tg_op = 'DELETE' THEN
        PERFORM core.record_change('unit', tg_op, array_agg(o.code::text), array_agg(o.code::text), '{}', NULL)
        FROM old_rows o;
    ELSE
        -- Outlines follow the cells, whose own change row speaks of them.
        PERFORM core.record_change('unit', tg_op, array_agg(n.code::text), array_agg(o.code::text), array_agg(n.code::text), NULL)
        FROM old_rows o
        JOIN new_rows n ON n.id = o.id
        WHERE (o.code, o.level, o.name, o.name_en, o.parent_id) IS DISTINCT FROM (n.code, n.level, n.name, n.name_en, n.parent_id);
    END IF;
    RETURN NULL;
END
$$;

CREATE TRIGGER z_cell_inserted AFTER INSERT ON cell
REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION core.cell_changed();
CREATE TRIGGER z_cell_updated AFTER UPDATE ON cell
REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION core.cell_changed();
CREATE TRIGGER z_cell_deleted AFTER DELETE ON cell
REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION core.cell_changed();

CREATE TRIGGER z_grid_unit_inserted AFTER INSERT ON grid_unit
REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION core.grid_unit_changed();
CREATE TRIGGER z_grid_unit_updated AFTER UPDATE ON grid_unit
REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION core.grid_unit_changed();
CREATE TRIGGER z_grid_unit_deleted AFTER DELETE ON grid_unit
REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION core.grid_unit_changed();
