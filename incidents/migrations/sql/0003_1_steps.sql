-- No move without a step row. Steps and the log of contact reads are only ever added to.

CREATE TABLE incident_transition (
  move text NOT NULL,
  from_stage text NOT NULL,
  to_stage text NOT NULL,
  CONSTRAINT incident_transition_is_listed_once PRIMARY KEY (move, from_stage, to_stage)
);
COMMENT ON TABLE incident_transition IS 'The workflow: which move leads from which stage to which; first stage empty for the report. 流程';

INSERT INTO incident_transition (move, from_stage, to_stage)
VALUES
  ('report', '', 'REPORTED'),
  ('verify_report', 'REPORTED', 'REPORTED'),
  ('file', 'REPORTED', 'FILED'),
  ('reject', 'REPORTED', 'REJECTED'),
  ('handle_on_spot', 'REPORTED', 'HANDLED'),
  ('dispatch', 'FILED', 'DISPATCHED'),
  ('accept', 'DISPATCHED', 'HANDLING'),
  ('arrive', 'HANDLING', 'HANDLING'),
  ('return', 'DISPATCHED', 'FILED'),
  ('return', 'HANDLING', 'FILED'),
  ('hand_in', 'HANDLING', 'HANDLED'),
  ('pass_check', 'HANDLED', 'VERIFIED'),
  ('fail_check', 'HANDLED', 'HANDLING'),
  ('close', 'VERIFIED', 'CLOSED'),
  ('close_with_code', 'FILED', 'CLOSED'),
  ('void', 'FILED', 'VOID'),
  ('void', 'DISPATCHED', 'VOID'),
  ('void', 'HANDLING', 'VOID'),
  ('evaluate', 'CLOSED', 'EVALUATED'),
  ('reopen', 'CLOSED', 'FILED'),
  ('reopen', 'EVALUATED', 'FILED'),
  ('pass_up', 'FILED', 'FILED'),
  ('pass_up', 'DISPATCHED', 'FILED'),
  ('pass_down', 'FILED', 'FILED'),
  ('pass_down', 'DISPATCHED', 'FILED'),
  ('suspend', 'REPORTED', 'REPORTED'),
  ('suspend', 'FILED', 'FILED'),
  ('suspend', 'DISPATCHED', 'DISPATCHED'),
  ('suspend', 'HANDLING', 'HANDLING'),
  ('suspend', 'HANDLED', 'HANDLED'),
  ('suspend', 'VERIFIED', 'VERIFIED'),
  ('resume', 'REPORTED', 'REPORTED'),
  ('resume', 'FILED', 'FILED'),
  ('resume', 'DISPATCHED', 'DISPATCHED'),
  ('resume', 'HANDLING', 'HANDLING'),
  ('resume', 'HANDLED', 'HANDLED'),
  ('resume', 'VERIFIED', 'VERIFIED'),
  ('move_place', 'REPORTED', 'REPORTED'),
  ('move_place', 'FILED', 'FILED'),
  ('move_place', 'DISPATCHED', 'DISPATCHED'),
  ('move_place', 'HANDLING', 'HANDLING'),
  ('move_place', 'HANDLED', 'HANDLED'),
  ('move_place', 'VERIFIED', 'VERIFIED'),
  ('hand_over', 'REPORTED', 'REPORTED'),
  ('hand_over', 'FILED', 'FILED'),
  ('hand_over', 'DISPATCHED', 'DISPATCHED'),
  ('hand_over', 'HANDLING', 'HANDLING'),
  ('hand_over', 'HANDLED', 'HANDLED'),
  ('hand_over', 'VERIFIED', 'VERIFIED');

CREATE TABLE incident_move_axis (
  axis text NOT NULL,
  move text NOT NULL,
  CONSTRAINT incident_move_axis_is_listed_once PRIMARY KEY (axis, move)
);
COMMENT ON TABLE incident_move_axis IS 'What besides the stage a move may change: place, worker, waiting, level.';

INSERT INTO incident_move_axis (axis, move)
VALUES
  ('place', 'move_place'),
  ('worker', 'hand_over'),
  ('worker', 'move_place'),
  ('waiting', 'resume'),
  ('waiting', 'suspend'),
  ('level', 'pass_down'),
  ('level', 'pass_up');

REVOKE INSERT, UPDATE, DELETE, TRUNCATE ON incident_transition, incident_move_axis FROM geogrid_app;

-- Steps -----------------------------------------------------------------------------------------------
ALTER TABLE step_taken
  ADD COLUMN xid xid8 NOT NULL DEFAULT pg_current_xact_id(),
  ADD CONSTRAINT step_taken_is_in_the_workflow
    FOREIGN KEY (move, from_stage, to_stage) REFERENCES incident_transition (move, from_stage, to_stage);
COMMENT ON COLUMN step_taken.xid IS 'The writing transaction: a move of the incident must lie in the same one.';

-- Who and in which transaction is the database's to say, so that no step can be signed for somebody else.
CREATE FUNCTION core.sign_step() RETURNS trigger
LANGUAGE plpgsql
AS $$
BEGIN
  NEW.xid := pg_current_xact_id();
  NEW.actor := core.actor();
  RETURN NEW;
END
$$;

CREATE TRIGGER step_taken_is_signed
BEFORE INSERT ON step_taken
FOR EACH ROW EXECUTE FUNCTION core.sign_step();

CREATE TRIGGER step_taken_is_kept
BEFORE UPDATE OR DELETE OR TRUNCATE ON step_taken
FOR EACH STATEMENT EXECUTE FUNCTION core.refuse_change();

CREATE TRIGGER contact_read_is_kept
BEFORE UPDATE OR DELETE OR TRUNCATE ON contact_read
FOR EACH STATEMENT EXECUTE FUNCTION core.refuse_change();

REVOKE UPDATE, DELETE, TRUNCATE ON step_taken, contact_read FROM geogrid_app;
REVOKE DELETE, TRUNCATE ON incident FROM geogrid_app;

-- The last step says where the incident stands: no step without its move either.
CREATE FUNCTION core.step_matches_incident() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = public, pg_temp
AS $$
DECLARE
  stands record;
  last_stage text;
BEGIN
  SELECT i.number, i.stage
  INTO stands
  FROM incident AS i
  WHERE i.id = NEW.incident_id;
  SELECT s.to_stage
  INTO last_stage
  FROM step_taken AS s
  WHERE s.incident_id = NEW.incident_id
  ORDER BY s.id DESC
  LIMIT 1;
  IF last_stage <> stands.stage THEN
    RAISE EXCEPTION USING
      ERRCODE = 'check_violation',
      MESSAGE = format('The last step of incident %s leads to %s, but the incident is %s', stands.number, last_stage, stands.stage),
      HINT = 'Write the step and change the stage in the same transaction.';
  END IF;
  RETURN NULL;
END
$$;

CREATE CONSTRAINT TRIGGER step_taken_matches_incident
AFTER INSERT ON step_taken
DEFERRABLE INITIALLY DEFERRED
FOR EACH ROW EXECUTE FUNCTION core.step_matches_incident();

-- Incidents -------------------------------------------------------------------------------------------
CREATE FUNCTION core.require_step() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = public, pg_temp
AS $$
DECLARE
  was incident%ROWTYPE;
  missing text;
BEGIN
  IF TG_OP = 'UPDATE' THEN
    was := OLD;
  END IF;
  IF NOT EXISTS (
    SELECT
    FROM step_taken AS s
    WHERE s.incident_id = NEW.id
      AND s.xid = pg_current_xact_id()
      AND s.from_stage = coalesce(was.stage, '')
      AND s.to_stage = NEW.stage
  ) THEN
    missing := CASE
      WHEN TG_OP = 'INSERT' THEN format('Incident %s was entered without the step that reports it', NEW.number)
      WHEN was.stage <> NEW.stage THEN format('Incident %s was moved from %s to %s without a step', NEW.number, was.stage, NEW.stage)
      ELSE format('Incident %s was changed without a step', NEW.number)
    END;
  ELSIF TG_OP = 'UPDATE' THEN
    SELECT format('The %s of incident %s was changed without a step that does so', changed.axis, NEW.number)
    INTO missing
    FROM (
      VALUES
        ('place', NOT (was.point IS NOT DISTINCT FROM NEW.point) OR was.unit_code <> NEW.unit_code),
        ('worker', was.cell_worker_id <> NEW.cell_worker_id),
        ('waiting', was.waiting <> NEW.waiting),
        ('level', was.level <> NEW.level)
    ) AS changed (axis, is_changed)
    WHERE changed.is_changed
      AND NOT EXISTS (
        SELECT
        FROM step_taken AS s
        JOIN incident_move_axis AS a ON a.move = s.move AND a.axis = changed.axis
        WHERE s.incident_id = NEW.id
          AND s.xid = pg_current_xact_id()
          AND s.from_stage = was.stage
          AND s.to_stage = NEW.stage
      )
    LIMIT 1;
  END IF;
  IF missing IS NOT NULL THEN
    RAISE EXCEPTION USING
      ERRCODE = 'check_violation',
      MESSAGE = missing,
      HINT = 'No move without a step row: add one to step_taken in the same transaction.';
  END IF;
  RETURN NULL;
END
$$;

CREATE CONSTRAINT TRIGGER incident_is_entered_with_a_step
AFTER INSERT ON incident
DEFERRABLE INITIALLY DEFERRED
FOR EACH ROW EXECUTE FUNCTION core.require_step();

CREATE CONSTRAINT TRIGGER incident_is_moved_with_a_step
AFTER UPDATE ON incident
DEFERRABLE INITIALLY DEFERRED
FOR EACH ROW
WHEN (
  OLD.stage IS DISTINCT FROM NEW.stage
  OR OLD.waiting IS DISTINCT FROM NEW.waiting
  OR OLD.level IS DISTINCT FROM NEW.level
  OR OLD.cell_worker_id IS DISTINCT FROM NEW.cell_worker_id
  OR OLD.unit_code IS DISTINCT FROM NEW.unit_code
  OR OLD.point IS DISTINCT FROM NEW.point
)
EXECUTE FUNCTION core.require_step();
