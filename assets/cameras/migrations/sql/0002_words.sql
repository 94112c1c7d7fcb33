-- Cameras are told to the change log and leave a history. Their addresses and log-ins do neither.
CREATE FUNCTION core.tell_cameras() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
BEGIN
    IF tg_op = 'DELETE' THEN
        PERFORM core.record_change(
            'camera', tg_op,
            ARRAY(SELECT id::text FROM old_rows LIMIT 201),
            ARRAY(SELECT DISTINCT c.code FROM old_rows o JOIN asset a ON a.id = o.asset_id JOIN cell c ON c.id = a.cell_id),
            '{}');
    ELSE
        PERFORM core.record_change(
            'camera', tg_op,
            ARRAY(SELECT id::text FROM new_rows LIMIT 201),
            '{}',
            ARRAY(SELECT DISTINCT c.code FROM new_rows n JOIN asset a ON a.id = n.asset_id JOIN cell c ON c.id = a.cell_id));
    END IF;
    RETURN NULL;
END
$$;
REVOKE EXECUTE ON FUNCTION core.tell_cameras() FROM PUBLIC;

CREATE TRIGGER b_camera_inserted
AFTER INSERT ON camera REFERENCING NEW TABLE AS new_rows
FOR EACH STATEMENT EXECUTE FUNCTION core.tell_cameras();
CREATE TRIGGER b_camera_updated
AFTER UPDATE ON camera REFERENCING NEW TABLE AS new_rows
FOR EACH STATEMENT EXECUTE FUNCTION core.tell_cameras();
CREATE TRIGGER b_camera_deleted
AFTER DELETE ON camera REFERENCING OLD TABLE AS old_rows
FOR EACH STATEMENT EXECUTE FUNCTION core.tell_cameras();
CREATE TRIGGER c_camera_update_kept
AFTER UPDATE ON camera REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
FOR EACH STATEMENT EXECUTE FUNCTION core.keep_history();
CREATE TRIGGER c_camera_delete_kept
AFTER DELETE ON camera REFERENCING OLD TABLE AS old_rows
FOR EACH STATEMENT EXECUTE FUNCTION core.keep_history();

-- A camera looks from a point.
CREATE FUNCTION core.camera_row() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM asset WHERE id = NEW.asset_id AND ST_GeometryType(geom) = 'ST_Point') THEN
        RAISE EXCEPTION USING errcode = 'check_violation', message = 'A camera stands at a point',
            hint = 'Choose an asset that is drawn as a point.';
    END IF;
    RETURN NEW;
END
$$;
REVOKE EXECUTE ON FUNCTION core.camera_row() FROM PUBLIC;
CREATE TRIGGER a_camera_row
BEFORE INSERT OR UPDATE OF asset_id ON camera
FOR EACH ROW EXECUTE FUNCTION core.camera_row();

-- What was kept as evidence stays with its picture as it is.
REVOKE UPDATE ON kept_snapshot FROM geogrid_app;
COMMENT ON TABLE camera IS 'Assets that look somewhere, and where. 摄像机';
COMMENT ON TABLE camera_source IS 'Where the server fetches the pictures of cameras, and as whom: for the application only. 抓拍地址';
COMMENT ON TABLE kept_snapshot IS 'Pictures of cameras that were kept as evidence. 留证截图';
