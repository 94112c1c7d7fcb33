-- A claim that begins, is taken over or ends is told live to whoever sees the incident. Renewals are no news.
CREATE FUNCTION core.tell_claim() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = public, pg_temp
AS $$
DECLARE
  touched bigint := CASE WHEN tg_op = 'DELETE' THEN OLD.incident_id ELSE NEW.incident_id END;
  named text[];
  places text[];
BEGIN
  SELECT ARRAY[i.number::text], ARRAY[i.unit_code::text]
  INTO named, places
  FROM incident AS i
  WHERE i.id = touched;
  -- Always an update: the incident, of which it is told, is there before and after.
  PERFORM core.record_change('claim', 'update', coalesce(named, '{}'), places, places, NULL);
  RETURN NULL;
END
$$;
CREATE TRIGGER claim_is_told AFTER INSERT OR DELETE ON desk_claim
FOR EACH ROW EXECUTE FUNCTION core.tell_claim();
CREATE TRIGGER claim_taken_over_is_told AFTER UPDATE ON desk_claim
FOR EACH ROW WHEN (OLD.user_id <> NEW.user_id OR OLD.taken_at <> NEW.taken_at)
EXECUTE FUNCTION core.tell_claim();
COMMENT ON TABLE desk_claim IS 'Who has which case open for work at the desk; renewed every half minute. 在办声明';
COMMENT ON TABLE desk_saved_filter IS 'Lists of the desk that people keep for themselves. 常用筛选';
