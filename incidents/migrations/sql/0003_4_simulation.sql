-- Moves of many simulated incidents at once, at most one of each: one UPDATE for all, and a step for each, signed
-- with the name of who plays it. The triggers hold for them as for any other. Real incidents are refused.
CREATE FUNCTION core.simulate_moves(moves jsonb) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = public, pg_temp
AS $$
DECLARE
  playing constant text := current_setting('geogrid.actor', true);
  moved integer;
  step record;
BEGIN
  UPDATE incident AS i
  SET
    stage = m.to_stage,
    responsible_unit_id = coalesce(m.responsible_unit_id, i.responsible_unit_id),
    deadline_at = coalesce(m.deadline_at, i.deadline_at),
    filed_at = CASE WHEN m.to_stage = 'FILED' THEN m.at ELSE i.filed_at END,
    handled_at = CASE WHEN m.to_stage = 'HANDLED' THEN m.at ELSE i.handled_at END,
    closed_at = CASE WHEN m.to_stage = 'CLOSED' THEN m.at ELSE i.closed_at END
  FROM jsonb_to_recordset(moves) AS m (
    incident_id bigint, from_stage text, to_stage text, at timestamptz, responsible_unit_id bigint, deadline_at timestamptz
  )
  WHERE i.id = m.incident_id AND i.stage = m.from_stage AND i.is_simulated;
  GET DIAGNOSTICS moved = ROW_COUNT;
  IF moved <> jsonb_array_length(moves) THEN
    RAISE EXCEPTION USING
      ERRCODE = 'check_violation',
      MESSAGE = format('%s of %s moves cannot be simulated', jsonb_array_length(moves) - moved, jsonb_array_length(moves)),
      HINT = 'Only simulated incidents are moved so, each from the stage in which it is.';
  END IF;
  FOR step IN
    SELECT m.*, i.level
    FROM jsonb_to_recordset(moves) AS m (
      incident_id bigint, move text, from_stage text, to_stage text, at timestamptz, actor text, actor_user_id bigint,
      note text, details jsonb
    )
    JOIN incident AS i ON i.id = m.incident_id
  LOOP
    PERFORM set_config('geogrid.actor', step.actor, true);
    INSERT INTO step_taken (incident_id, move, from_stage, to_stage, level, actor, actor_user_id, taken_at, note, details)
    VALUES (
      step.incident_id, step.move, step.from_stage, step.to_stage, step.level, step.actor, step.actor_user_id, step.at,
      step.note, step.details
    );
  END LOOP;
  PERFORM set_config('geogrid.actor', coalesce(playing, ''), true);
END
$$;
COMMENT ON FUNCTION core.simulate_moves(jsonb) IS 'Move many simulated incidents of a demonstration at once, each with its step.';
