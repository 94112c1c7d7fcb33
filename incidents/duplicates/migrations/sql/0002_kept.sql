-- Followers are only added; a merge only ends; a duplicate has none of its own to point at.

COMMENT ON TABLE duplicate_reach IS 'Metres and hours within which reports of a class are taken for the same problem. 查重范围';
COMMENT ON TABLE incident_follower IS 'Who else told of an incident and follows it. 跟进人';
COMMENT ON TABLE incident_follower_contact IS 'How to reach a follower; every reading is logged in contact_read. 跟进人联系方式';
COMMENT ON TABLE incident_merge IS 'Which incident is a duplicate of which; ended when split again. 并案';

CREATE TRIGGER incident_follower_is_kept
BEFORE UPDATE OR DELETE OR TRUNCATE ON incident_follower
FOR EACH STATEMENT EXECUTE FUNCTION core.refuse_change();
REVOKE UPDATE, DELETE, TRUNCATE ON incident_follower FROM geogrid_app;
REVOKE DELETE, TRUNCATE ON incident_merge FROM geogrid_app;

-- A step says who added the follower, in the same transaction.
CREATE FUNCTION core.follower_needs_step() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = public, pg_temp
AS $$
BEGIN
  IF NOT EXISTS (
    SELECT
    FROM step_taken AS s
    WHERE s.incident_id = NEW.incident_id
      AND s.xid = pg_current_xact_id()
      AND s.move = 'follow'
  ) THEN
    RAISE EXCEPTION USING
      ERRCODE = 'check_violation',
      MESSAGE = 'A follower was added without a step of the incident',
      HINT = 'Add a step with the move "follow" in the same transaction.';
  END IF;
  RETURN NULL;
END
$$;
CREATE CONSTRAINT TRIGGER incident_follower_comes_with_a_step
AFTER INSERT ON incident_follower
DEFERRABLE INITIALLY DEFERRED
FOR EACH ROW EXECUTE FUNCTION core.follower_needs_step();

-- Both incidents are held, the older row first, so that of two merges at once the second sees the first.
CREATE FUNCTION core.guard_merge() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = public, pg_temp
AS $$
DECLARE
  onward text;
BEGIN
  PERFORM FROM incident AS i WHERE i.id IN (NEW.duplicate_id, NEW.into_id) ORDER BY i.id FOR NO KEY UPDATE;
  SELECT i.number
  INTO onward
  FROM incident_merge AS m
  JOIN incident AS i ON i.id = m.into_id
  WHERE m.duplicate_id = NEW.into_id
    AND m.ended_at IS NULL;
  IF onward IS NOT NULL THEN
    RAISE EXCEPTION USING
      ERRCODE = 'check_violation',
      MESSAGE = format('That incident is itself a duplicate of %s', onward),
      HINT = format('Merge into %s instead. 该案件已并入 %s，请直接并入后者。', onward, onward);
  END IF;
  RETURN NEW;
END
$$;
CREATE TRIGGER incident_merge_points_at_no_duplicate
BEFORE INSERT ON incident_merge
FOR EACH ROW EXECUTE FUNCTION core.guard_merge();

CREATE FUNCTION core.keep_merge() RETURNS trigger
LANGUAGE plpgsql
AS $$
BEGIN
  IF OLD.ended_at IS NULL AND NEW.ended_at IS NOT NULL
    AND to_jsonb(OLD) - '{ended_at,ended_by_id,why_ended}'::text[]
      = to_jsonb(NEW) - '{ended_at,ended_by_id,why_ended}'::text[] THEN
    RETURN NEW;
  END IF;
  RAISE EXCEPTION USING
    ERRCODE = 'check_violation',
    MESSAGE = 'A merge stays as it is; it only ends, once',
    HINT = 'Split the two incidents, and merge anew. 并案记录不可修改，只能拆分。';
END
$$;
CREATE TRIGGER incident_merge_only_ends
BEFORE UPDATE ON incident_merge
FOR EACH ROW EXECUTE FUNCTION core.keep_merge();

-- A merge stands only while the duplicate is over, and the steps of the same transaction tell of both changes.
CREATE FUNCTION core.merge_needs_step() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = public, pg_temp
AS $$
DECLARE
  wanted text[] := CASE
    WHEN NEW.ended_at IS NULL THEN ARRAY['reject', 'close_with_code']
    ELSE ARRAY['split', 'split_report']
  END;
BEGIN
  IF NOT EXISTS (
    SELECT
    FROM step_taken AS s
    WHERE s.incident_id = NEW.duplicate_id
      AND s.xid = pg_current_xact_id()
      AND s.move = ANY (wanted)
  ) OR NOT EXISTS (
    SELECT
    FROM step_taken AS s
    WHERE s.incident_id = NEW.into_id
      AND s.xid = pg_current_xact_id()
      AND s.move = CASE WHEN NEW.ended_at IS NULL THEN 'merge' ELSE 'split_off' END
  ) THEN
    RAISE EXCEPTION USING
      ERRCODE = 'check_violation',
      MESSAGE = 'Two incidents were merged or split without a step in each',
      HINT = 'Write both steps in the same transaction.';
  END IF;
  RETURN NULL;
END
$$;
CREATE CONSTRAINT TRIGGER incident_merge_comes_with_steps
AFTER INSERT OR UPDATE ON incident_merge
DEFERRABLE INITIALLY DEFERRED
FOR EACH ROW EXECUTE FUNCTION core.merge_needs_step();

-- Ours, until a city says better: what moves or passes is looked for near and short, what stays broken longer.
INSERT INTO duplicate_reach (kind, code, radius_m, within_h, recurs_within_days, is_ours)
VALUES
  ('asset', '', 20, 720, 90, true),
  ('event', '', 50, 72, 30, true),
  ('event', '01', 40, 48, 30, true),
  ('event', '0506', 100, 24, 365, true);
