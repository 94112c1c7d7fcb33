-- The whole loop: every move of the table, and the holder and the round kept by the database as well.

INSERT INTO incident_transition (move, from_stage, to_stage)
VALUES
  ('ask_check', 'REPORTED', 'REPORTED'),
  ('whistle', 'FILED', 'DISPATCHED'),
  ('whistle', 'DISPATCHED', 'DISPATCHED'),
  ('whistle', 'HANDLING', 'DISPATCHED'),
  ('add_unit', 'DISPATCHED', 'DISPATCHED'),
  ('add_unit', 'HANDLING', 'HANDLING'),
  ('sign_in', 'DISPATCHED', 'DISPATCHED'),
  ('sign_in', 'HANDLING', 'HANDLING'),
  ('co_accept', 'DISPATCHED', 'DISPATCHED'),
  ('co_accept', 'HANDLING', 'HANDLING'),
  ('co_return', 'DISPATCHED', 'DISPATCHED'),
  ('co_return', 'HANDLING', 'HANDLING'),
  ('co_hand_in', 'DISPATCHED', 'DISPATCHED'),
  ('co_hand_in', 'HANDLING', 'HANDLING'),
  ('draw', 'HANDLED', 'HANDLED'),
  ('rate', 'CLOSED', 'CLOSED'),
  ('second_dispatch', 'DISPATCHED', 'DISPATCHED'),
  ('second_dispatch', 'HANDLING', 'DISPATCHED'),
  ('escalate', 'FILED', 'FILED'),
  ('escalate', 'DISPATCHED', 'FILED'),
  ('escalate', 'HANDLING', 'FILED');

INSERT INTO incident_transition (move, from_stage, to_stage)
SELECT m.move, s.stage, s.stage
FROM unnest(ARRAY['extend', 'warn', 'overdue', 'exempt', 'apply', 'refuse']) AS m (move)
CROSS JOIN unnest(ARRAY['REPORTED', 'FILED', 'DISPATCHED', 'HANDLING', 'HANDLED', 'VERIFIED']) AS s (stage);

INSERT INTO incident_transition (move, from_stage, to_stage)
SELECT m.move, s.stage, s.stage
FROM unnest(ARRAY['exempt', 'apply', 'refuse']) AS m (move)
CROSS JOIN unnest(ARRAY['CLOSED', 'EVALUATED']) AS s (stage);

INSERT INTO incident_move_axis (axis, move)
VALUES
  ('level', 'escalate'),
  ('round', 'reopen');

-- The clock moves on with the stage, so whoever moves the stage may name whose clock runs then.
INSERT INTO incident_move_axis (axis, move)
SELECT 'holder', move
FROM unnest(ARRAY[
  'file', 'reject', 'handle_on_spot', 'dispatch', 'whistle', 'accept', 'return', 'hand_in', 'pass_check', 'fail_check',
  'close', 'close_with_code', 'void', 'evaluate', 'reopen', 'pass_up', 'pass_down', 'second_dispatch', 'escalate',
  'draw', 'resume', 'move_place', 'hand_over'
]) AS move;

-- Exactly one holder at every time. The rows that are there are looked at in the next migration, without a lock
-- that stops the city.
UPDATE incident
SET holder_id = cell_worker_id
WHERE holder_id IS NULL;
ALTER TABLE incident
  ADD CONSTRAINT incident_always_has_a_holder CHECK (holder_id IS NOT NULL) NOT VALID;

-- As before, and: whoever names a worker and no holder means that the worker has it.
CREATE OR REPLACE FUNCTION core.derive_place() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = public, pg_temp
AS $$
BEGIN
  IF TG_OP = 'UPDATE' AND OLD.point IS NOT DISTINCT FROM NEW.point THEN
    NEW.geom_3857 := OLD.geom_3857;
    NEW.unit_code := OLD.unit_code;
    NEW.cell_version_id := OLD.cell_version_id;
    NEW.border_unit_codes := OLD.border_unit_codes;
    RETURN NEW;
  END IF;
  NEW.unit_code := '';
  NEW.cell_version_id := NULL;
  NEW.border_unit_codes := '{}';
  NEW.geom_3857 := ST_Transform(NEW.point, 3857);
  IF NEW.point IS NOT NULL THEN
    SELECT coalesce(p.unit_code, ''), p.cell_version_id, p.border_unit_codes
    INTO NEW.unit_code, NEW.cell_version_id, NEW.border_unit_codes
    FROM core.place_of(NEW.point) AS p;
  END IF;
  IF TG_OP = 'INSERT' THEN
    IF NEW.cell_worker_id IS NULL THEN
      SELECT w.user_id, w.level, w.is_substitute, w.user_id
      INTO NEW.cell_worker_id, NEW.worker_level, NEW.worker_is_substitute, NEW.rostered_id
      FROM core.cell_worker(NEW.unit_code, NEW.reported_at) AS w;
    END IF;
    NEW.holder_id := coalesce(NEW.holder_id, NEW.cell_worker_id);
  END IF;
  RETURN NEW;
END
$$;

CREATE OR REPLACE FUNCTION core.require_step() RETURNS trigger
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
        ('level', was.level <> NEW.level),
        ('holder', was.holder_id IS DISTINCT FROM NEW.holder_id),
        ('round', was.round <> NEW.round)
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

DROP TRIGGER incident_is_moved_with_a_step ON incident;
CREATE CONSTRAINT TRIGGER incident_is_moved_with_a_step
AFTER UPDATE ON incident
DEFERRABLE INITIALLY DEFERRED
FOR EACH ROW
WHEN (
  OLD.stage IS DISTINCT FROM NEW.stage
  OR OLD.waiting IS DISTINCT FROM NEW.waiting
  OR OLD.level IS DISTINCT FROM NEW.level
  OR OLD.cell_worker_id IS DISTINCT FROM NEW.cell_worker_id
  OR OLD.holder_id IS DISTINCT FROM NEW.holder_id
  OR OLD.round IS DISTINCT FROM NEW.round
  OR OLD.unit_code IS DISTINCT FROM NEW.unit_code
  OR OLD.point IS DISTINCT FROM NEW.point
)
EXECUTE FUNCTION core.require_step();
