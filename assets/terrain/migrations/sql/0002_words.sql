-- A terrain that comes, becomes usable, or goes is told to the change log; progress is not.
CREATE FUNCTION core.tell_terrain() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
DECLARE
    told terrain := CASE WHEN tg_op = 'DELETE' THEN OLD ELSE NEW END;
BEGIN
    PERFORM core.record_change(
        'terrain', tg_op, ARRAY[told.id::text], '{}', '{}', ST_Transform(told.outline, 3857));
    RETURN NULL;
END
$$;
REVOKE EXECUTE ON FUNCTION core.tell_terrain() FROM PUBLIC;

CREATE TRIGGER b_terrain_inserted
AFTER INSERT ON terrain
FOR EACH ROW EXECUTE FUNCTION core.tell_terrain();
CREATE TRIGGER b_terrain_updated
AFTER UPDATE ON terrain
FOR EACH ROW WHEN (OLD.state IS DISTINCT FROM NEW.state) EXECUTE FUNCTION core.tell_terrain();
CREATE TRIGGER b_terrain_deleted
AFTER DELETE ON terrain
FOR EACH ROW EXECUTE FUNCTION core.tell_terrain();
CREATE TRIGGER c_terrain_delete_kept
AFTER DELETE ON terrain REFERENCING OLD TABLE AS old_rows
FOR EACH STATEMENT EXECUTE FUNCTION core.keep_history();

-- What is drawn on the map must be a shape.
CREATE FUNCTION core.depression_row() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
BEGIN
    PERFORM core.refuse_shape(format('A depression of terrain %s', NEW.terrain_id), NEW.geom);
    RETURN NEW;
END
$$;
REVOKE EXECUTE ON FUNCTION core.depression_row() FROM PUBLIC;
CREATE TRIGGER a_depression_row
BEFORE INSERT OR UPDATE ON depression
FOR EACH ROW EXECUTE FUNCTION core.depression_row();

COMMENT ON TABLE terrain IS 'Terrain models: heights of the ground on a grid, kept as files. 地形模型';
COMMENT ON TABLE depression IS 'Depressions: where water stands until it spills. 洼地';
