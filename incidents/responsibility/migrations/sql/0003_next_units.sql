-- Whom a rule asks next exists, and is not the lead itself. Rules never change, so that looking once is enough.
CREATE FUNCTION core.know_next_units() RETURNS trigger
LANGUAGE plpgsql
AS $$
BEGIN
  IF new.lead_id = ANY (new.next_unit_ids) OR EXISTS (
    SELECT
    FROM unnest(new.next_unit_ids) AS asked (id)
    LEFT JOIN organisation AS o ON o.id = asked.id
    WHERE o.id IS NULL
  ) OR (SELECT count(*) <> count(DISTINCT asked.id) FROM unnest(new.next_unit_ids) AS asked (id)) THEN
    RAISE EXCEPTION USING
      ERRCODE = '23514',
      CONSTRAINT = 'responsibility_rule_asks_known_units_next',
      MESSAGE = format('The units that rule "%s" asks next must exist, each once, and not be its lead', new.name),
      HINT = '二次派遣单位须存在、不重复，且不是主办单位。';
  END IF;
  RETURN new;
END
$$;
CREATE TRIGGER responsibility_rule_asks_known_units_next BEFORE INSERT ON responsibility_rule
FOR EACH ROW WHEN (new.next_unit_ids <> '{}') EXECUTE FUNCTION core.know_next_units();
