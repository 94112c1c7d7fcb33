-- A draw is never changed, and a finding stands: what was drawn can be repeated, what was found cannot be bent.
CREATE TRIGGER spot_draw_is_kept
BEFORE UPDATE OR DELETE OR TRUNCATE ON spot_draw
FOR EACH STATEMENT EXECUTE FUNCTION core.refuse_change();

CREATE TRIGGER spot_check_is_kept
BEFORE DELETE OR TRUNCATE ON spot_check
FOR EACH STATEMENT EXECUTE FUNCTION core.refuse_change();
CREATE TRIGGER spot_check_finding_stands
BEFORE UPDATE ON spot_check
FOR EACH ROW
WHEN (
  OLD.verdict <> ''
  OR OLD.draw_id <> NEW.draw_id
  OR OLD.nth <> NEW.nth
  OR OLD.incident_id <> NEW.incident_id
)
EXECUTE FUNCTION core.refuse_change();

-- Each check is of a number that its draw drew, in its place.
CREATE FUNCTION core.spot_check_was_drawn() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = public, pg_temp
AS $$
BEGIN
  IF NOT EXISTS (
    SELECT
    FROM spot_draw AS d
    JOIN incident AS i ON i.id = NEW.incident_id
    WHERE d.id = NEW.draw_id
      AND d.numbers[NEW.nth] = i.number
  ) THEN
    RAISE EXCEPTION USING
      ERRCODE = 'check_violation',
      MESSAGE = format('Draw %s did not draw this incident at place %s', NEW.draw_id, NEW.nth),
      HINT = 'Spot checks follow from their draw. 抽查对象须与抽签结果一致。';
  END IF;
  RETURN NEW;
END
$$;
CREATE TRIGGER spot_check_was_drawn
BEFORE INSERT ON spot_check
FOR EACH ROW EXECUTE FUNCTION core.spot_check_was_drawn();

REVOKE UPDATE, DELETE, TRUNCATE ON spot_draw FROM geogrid_app;
REVOKE DELETE, TRUNCATE ON spot_check FROM geogrid_app;
COMMENT ON TABLE spot_draw IS 'Draws of spot checks: seed, list, what came out. 督察抽签';
COMMENT ON TABLE spot_check IS 'Closed incidents looked at again, and what was found. 督察抽查';
