-- Another class after the filing: a step says so, and what was frozen at filing is frozen anew with it.

INSERT INTO incident_transition (move, from_stage, to_stage)
SELECT 'reclassify', s.stage, s.stage
FROM unnest(ARRAY['REPORTED', 'FILED', 'DISPATCHED', 'HANDLING']) AS s (stage);

CREATE FUNCTION core.reclassify_needs_step() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = public, pg_temp
AS $$
DECLARE
  which bigint := CASE WHEN tg_table_name = 'incident' THEN (to_jsonb(NEW) ->> 'id')::bigint
    ELSE (to_jsonb(NEW) ->> 'incident_id')::bigint END;
BEGIN
  IF NOT EXISTS (
    SELECT
    FROM step_taken AS s
    WHERE s.incident_id = which
      AND s.xid = pg_current_xact_id()
      AND s.move = 'reclassify'
  ) THEN
    RAISE EXCEPTION USING
      ERRCODE = 'check_violation',
      MESSAGE = format('The class of filed incident %s was changed without a step that does so', which),
      HINT = 'What is frozen at filing stays. Add a step with the move reclassify in the same transaction. 立案时冻结的内容只能随“改类”环节变更。';
  END IF;
  RETURN NULL;
END
$$;

CREATE CONSTRAINT TRIGGER incident_is_reclassified_with_a_step
AFTER UPDATE ON incident
DEFERRABLE INITIALLY DEFERRED
FOR EACH ROW
WHEN (
  OLD.filed_at IS NOT NULL
  AND (
    OLD.asset_class_id IS DISTINCT FROM NEW.asset_class_id
    OR OLD.event_class_id IS DISTINCT FROM NEW.event_class_id
  )
)
EXECUTE FUNCTION core.reclassify_needs_step();

-- The filing stays as it is, but for a step that re-classifies; its moment and its incident stay even then.
DROP TRIGGER incident_filing_is_kept ON incident_filing;
CREATE TRIGGER incident_filing_is_kept
BEFORE DELETE OR TRUNCATE ON incident_filing
FOR EACH STATEMENT EXECUTE FUNCTION core.refuse_change();
CREATE TRIGGER incident_filing_keeps_its_moment
BEFORE UPDATE ON incident_filing
FOR EACH ROW
WHEN (OLD.incident_id <> NEW.incident_id OR OLD.filed_at <> NEW.filed_at)
EXECUTE FUNCTION core.refuse_change();
CREATE TRIGGER incident_filing_is_frozen_anew_with_a_step
AFTER UPDATE ON incident_filing
FOR EACH ROW EXECUTE FUNCTION core.reclassify_needs_step();
GRANT UPDATE ON incident_filing TO geogrid_app;
