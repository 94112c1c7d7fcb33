-- A rule that has fired is frozen into incidents: rules are never changed, they only end, once.
CREATE FUNCTION core.keep_responsibility_rule() RETURNS trigger
LANGUAGE plpgsql
AS $$
BEGIN
  IF tg_op = 'UPDATE' AND old.edition_to_id IS NULL AND new.edition_to_id IS NOT NULL
    AND to_jsonb(old) - 'edition_to_id' = to_jsonb(new) - 'edition_to_id' THEN
    RETURN new;
  END IF;
  RAISE EXCEPTION USING
    ERRCODE = '23514',
    CONSTRAINT = 'responsibility_rule_is_never_changed',
    MESSAGE = format('Rule "%s" of the responsibility table stays as it is: incidents may rest on it', old.name),
    HINT = 'End it and put another in its place. 判定规则不可修改或删除，请停用后另建。';
END
$$;
CREATE TRIGGER responsibility_rule_is_never_changed BEFORE UPDATE OR DELETE ON responsibility_rule
FOR EACH ROW EXECUTE FUNCTION core.keep_responsibility_rule();

CREATE FUNCTION core.keep_responsibility_parts() RETURNS trigger
LANGUAGE plpgsql
AS $$
BEGIN
  RAISE EXCEPTION USING
    ERRCODE = '23514',
    CONSTRAINT = 'responsibility_table_is_never_changed',
    MESSAGE = 'Editions and co-handlers of the responsibility table stay as they are',
    HINT = 'End the rule and put another in its place. 请停用规则后另建。';
END
$$;
CREATE TRIGGER responsibility_edition_is_never_changed BEFORE UPDATE OR DELETE ON responsibility_edition
FOR EACH ROW EXECUTE FUNCTION core.keep_responsibility_parts();
CREATE TRIGGER responsibility_co_handler_is_never_changed BEFORE UPDATE OR DELETE ON responsibility_co_handler
FOR EACH ROW EXECUTE FUNCTION core.keep_responsibility_parts();

ALTER TABLE managed_area ADD CONSTRAINT managed_area_outline_is_valid
CHECK (ST_IsValid(geom) AND NOT ST_IsEmpty(geom));
ALTER TABLE managed_area ADD CONSTRAINT managed_area_is_at_most_100_km2
CHECK (ST_Area(geom::geography) <= 100000000);

COMMENT ON TABLE responsibility_rule IS
  'Decision table: class, level, place, asset''s unit and hours to lead and co-handlers. In force while edition_to_id is NULL. 责任判定表';
COMMENT ON TABLE managed_area IS 'Places where something is permitted, known, or handled by another unit. 管理区域';
