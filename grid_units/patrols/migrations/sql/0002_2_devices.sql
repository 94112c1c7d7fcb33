-- A device belongs to one person at a time.
ALTER TABLE device_pairing
  ADD CONSTRAINT device_pairing_is_of_one_person
  EXCLUDE USING gist (device_id WITH =, tstzrange(valid_from, valid_to) WITH &&);

-- Every device has a row that says where it is; so there is always one to lock.
CREATE FUNCTION core.device_row() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
BEGIN
  INSERT INTO last_position (device_id) VALUES (NEW.id);
  RETURN NULL;
END
$$;
CREATE TRIGGER device_has_a_last_position AFTER INSERT ON device
FOR EACH ROW EXECUTE FUNCTION core.device_row();

CREATE FUNCTION core.refuse_device_deletion() RETURNS trigger
LANGUAGE plpgsql
AS $$
BEGIN
  RAISE EXCEPTION USING
    errcode = '23514',
    message = 'A device is never deleted: its positions name it',
    hint = 'Revoke it: set revoked_at.';
END
$$;
CREATE TRIGGER devices_are_revoked BEFORE DELETE OR TRUNCATE ON device
FOR EACH STATEMENT EXECUTE FUNCTION core.refuse_device_deletion();

-- Device time decides, not the order of receipt.
CREATE FUNCTION core.refuse_going_back() RETURNS trigger
LANGUAGE plpgsql
AS $$
BEGIN
  RAISE EXCEPTION USING
    errcode = '23514',
    message = format('The last position of device %s is of %s; %s is before that', OLD.device_id, OLD.at, NEW.at),
    hint = 'A late fix belongs into fix only.';
END
$$;
CREATE TRIGGER last_position_never_goes_back BEFORE UPDATE ON last_position
FOR EACH ROW WHEN (NEW.at < OLD.at OR (NEW.at IS NULL AND OLD.at IS NOT NULL))
EXECUTE FUNCTION core.refuse_going_back();

-- A few thousand rows, each written every few seconds: room in each page, so that no index is touched.
ALTER TABLE last_position SET (fillfactor = 40, autovacuum_vacuum_scale_factor = 0.5, autovacuum_vacuum_threshold = 1000);
ALTER TABLE patrol_watch SET (fillfactor = 40);

DO $do$
DECLARE
  kept text;
BEGIN
  FOREACH kept IN ARRAY ARRAY['device', 'device_pairing'] LOOP
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

COMMENT ON TABLE device IS 'What says where somebody is; only a digest of its token is kept. 设备';
COMMENT ON TABLE device_pairing IS 'Who carries a device, from-to. 设备配对';
COMMENT ON TABLE last_position IS 'Where each device was last, by its own clock. 最新位置';
