-- A condition is never changed: incidents were filed under it, and their limits rest on what it said. It only
-- ends, once.
CREATE FUNCTION core.keep_filing_condition() RETURNS trigger
LANGUAGE plpgsql
AS $$
BEGIN
  IF tg_op = 'UPDATE' AND old.edition_to_id IS NULL AND new.edition_to_id IS NOT NULL
    AND to_jsonb(old) - 'edition_to_id' = to_jsonb(new) - 'edition_to_id' THEN
    RETURN new;
  END IF;
  RAISE EXCEPTION USING
    ERRCODE = '23514',
    CONSTRAINT = 'filing_condition_is_never_changed',
    MESSAGE = format('Filing condition %s stays as it is: incidents may have been filed under it', old.id),
    HINT = 'Put another in its place with a new edition of the duty list. 立案条件不可修改或删除，请在新版本中替换。';
END
$$;
CREATE TRIGGER filing_condition_is_never_changed BEFORE UPDATE OR DELETE ON filing_condition
FOR EACH ROW EXECUTE FUNCTION core.keep_filing_condition();

CREATE FUNCTION core.keep_duty_list_edition() RETURNS trigger
LANGUAGE plpgsql
AS $$
BEGIN
  RAISE EXCEPTION USING
    ERRCODE = '23514',
    CONSTRAINT = 'duty_list_edition_is_never_changed',
    MESSAGE = format('Edition %s of the duty list stays as it is', old.number),
    HINT = 'Make another edition. 清单版本不可修改或删除。';
END
$$;
CREATE TRIGGER duty_list_edition_is_never_changed BEFORE UPDATE OR DELETE ON duty_list_edition
FOR EACH ROW EXECUTE FUNCTION core.keep_duty_list_edition();

COMMENT ON TABLE duty_list_edition IS 'Changes of the duty list; the newest edition is in force. 立案标准版本';
COMMENT ON TABLE filing_condition IS
  'When a class is filed and what then holds: limit, closing condition, evidence, unit. In force while edition_to_id is NULL. 立案条件';
