-- A line has filed incidents: it is never changed, it only ends.
COMMENT ON TABLE automatic_filing IS 'Class by channel that is filed without a person. In force from valid_from until valid_to. 自动立案规则';
COMMENT ON TABLE automatic_filing_mark IS 'Up to when reports were looked at for automatic filing.';

CREATE FUNCTION core.keep_automatic_filing() RETURNS trigger
LANGUAGE plpgsql
AS $$
BEGIN
  IF TG_OP = 'UPDATE' AND OLD.valid_to IS NULL AND NEW.valid_to IS NOT NULL
    AND to_jsonb(OLD) - 'valid_to' = to_jsonb(NEW) - 'valid_to' THEN
    RETURN NEW;
  END IF;
  RAISE EXCEPTION USING
    ERRCODE = 'check_violation',
    CONSTRAINT = 'automatic_filing_is_never_changed',
    MESSAGE = 'A line of automatic filing stays as it is: incidents rest on it',
    HINT = 'End it and put another in its place. 自动立案规则不可修改，请停用后另建。';
END
$$;
CREATE TRIGGER automatic_filing_is_never_changed
BEFORE UPDATE OR DELETE ON automatic_filing
FOR EACH ROW EXECUTE FUNCTION core.keep_automatic_filing();

INSERT INTO automatic_filing_mark (id, reported_to)
VALUES (1, now());
REVOKE DELETE, TRUNCATE ON automatic_filing_mark FROM geogrid_app;
