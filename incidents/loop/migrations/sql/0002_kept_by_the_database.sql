-- What is frozen at filing stays; a work order changes with a step; what needs two persons has two.

CREATE TRIGGER incident_filing_is_kept
BEFORE UPDATE OR DELETE OR TRUNCATE ON incident_filing
FOR EACH STATEMENT EXECUTE FUNCTION core.refuse_change();

REVOKE UPDATE, DELETE, TRUNCATE ON incident_filing, sent_move FROM geogrid_app;
REVOKE DELETE, TRUNCATE ON work_order, incident_clock, incident_application, verification, file_clock_mark FROM geogrid_app;

COMMENT ON TABLE incident_filing IS 'What was in force when an incident was filed. 立案时冻结的内容';
COMMENT ON TABLE work_order IS 'A unit''s piece of work in an incident. 工单';
COMMENT ON TABLE incident_clock IS 'Clocks of incidents with their deadlines and what made them. 计时';
COMMENT ON TABLE incident_application IS 'Moves that one person asks for and another approves. 申请审批';
COMMENT ON TABLE verification IS 'Who was drawn to verify a result. 核查';

-- From now on; older reports have no filing clock.
INSERT INTO file_clock_mark (id, reported_to)
VALUES (1, now());

CREATE FUNCTION core.work_order_needs_step() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = public, pg_temp
AS $$
BEGIN
  IF NOT EXISTS (
    SELECT
    FROM step_taken AS s
    WHERE s.incident_id = NEW.incident_id
      AND s.xid = pg_current_xact_id()
  ) THEN
    RAISE EXCEPTION USING
      ERRCODE = 'check_violation',
      MESSAGE = format('Work order %s was changed without a step of its incident', NEW.nth),
      HINT = 'Add a step to step_taken in the same transaction.';
  END IF;
  RETURN NULL;
END
$$;

CREATE CONSTRAINT TRIGGER work_order_changes_with_a_step
AFTER INSERT OR UPDATE ON work_order
DEFERRABLE INITIALLY DEFERRED
FOR EACH ROW EXECUTE FUNCTION core.work_order_needs_step();

-- Whoever works on an incident sees it, and the unit that was asked first does so to the end.
CREATE FUNCTION core.keep_handling_units() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = public, pg_temp
AS $$
BEGIN
  UPDATE incident AS i
  SET handling_unit_ids = i.handling_unit_ids || NEW.unit_id
  WHERE i.id = NEW.incident_id
    AND NOT NEW.unit_id = ANY (i.handling_unit_ids);
  RETURN NULL;
END
$$;

CREATE TRIGGER work_order_names_its_unit
AFTER INSERT OR UPDATE OF unit_id ON work_order
FOR EACH ROW EXECUTE FUNCTION core.keep_handling_units();

-- A decision stands.
CREATE FUNCTION core.keep_decision() RETURNS trigger
LANGUAGE plpgsql
AS $$
BEGIN
  RAISE EXCEPTION USING
    ERRCODE = 'check_violation',
    MESSAGE = 'This application was decided already',
    HINT = 'Apply anew.';
END
$$;

CREATE TRIGGER application_is_decided_once
BEFORE UPDATE ON incident_application
FOR EACH ROW
WHEN (OLD.verdict <> 'pending')
EXECUTE FUNCTION core.keep_decision();

-- Made-up histories of a demonstration aside, these moves take two persons.
CREATE FUNCTION core.move_needs_two() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = public, pg_temp
AS $$
BEGIN
  IF NOT EXISTS (
    SELECT
    FROM incident_application AS a
    WHERE a.incident_id = NEW.incident_id
      AND a.move = NEW.move
      AND a.verdict = 'approved'
      AND a.id::text = NEW.details ->> 'application'
  ) AND NOT EXISTS (SELECT FROM incident AS i WHERE i.id = NEW.incident_id AND i.is_simulated) THEN
    RAISE EXCEPTION USING
      ERRCODE = 'check_violation',
      MESSAGE = format('The move %s needs a second person who approves it', NEW.move),
      HINT = 'Apply for it; somebody else approves.';
  END IF;
  -- An application is used up by its move.
  IF EXISTS (
    SELECT
    FROM step_taken AS s
    WHERE s.incident_id = NEW.incident_id
      AND s.id < NEW.id
      AND s.move = NEW.move
      AND s.details ->> 'application' = NEW.details ->> 'application'
  ) THEN
    RAISE EXCEPTION USING
      ERRCODE = 'check_violation',
      MESSAGE = format('The approval of this move (%s) was used already', NEW.move),
      HINT = 'Apply anew.';
  END IF;
  RETURN NULL;
END
$$;

CREATE CONSTRAINT TRIGGER step_taken_has_its_second_person
AFTER INSERT ON step_taken
DEFERRABLE INITIALLY DEFERRED
FOR EACH ROW
WHEN (NEW.move IN ('suspend', 'extend', 'exempt', 'close_with_code', 'void'))
EXECUTE FUNCTION core.move_needs_two();
