-- Codes: every level's code begins with its parent's. A number that was ever used is never given again.

-- In PL/pgSQL, which keeps its plans: these are called for every report taken in.
CREATE FUNCTION core.code_segments() RETURNS integer[]
LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = core, public, pg_temp
AS $$
BEGIN
  RETURN coalesce((SELECT c.code_segments::integer[] FROM city AS c), ARRAY[6, 3, 3, 3]);
END
$$;

CREATE FUNCTION core.unit_prefixes(code text) RETURNS text[]
LANGUAGE plpgsql STABLE
AS $$
DECLARE
  prefixes text[] := '{}';
  digits integer := 0;
  segment integer;
BEGIN
  FOREACH segment IN ARRAY core.code_segments() LOOP
    digits := digits + segment;
    EXIT WHEN digits > length(code);
    prefixes := prefixes || left(code, digits);
  END LOOP;
  RETURN prefixes;
END
$$;

COMMENT ON FUNCTION core.code_segments() IS 'Digits of the four parts of a cell code: county, street, community, sequence.';
COMMENT ON FUNCTION core.unit_prefixes(text) IS 'Codes of district, street, community and cell that a unit''s code holds.';

-- The next free number of a community: one past the highest ever used; when those are exhausted, the
-- lowest never used.
CREATE FUNCTION core.next_cell_code(community_code text) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = core, public, pg_temp
AS $$
DECLARE
  digits constant integer := (core.code_segments())[4];
  first_code constant text := community_code || repeat('0', digits);
  last_code constant text := community_code || repeat('9', digits);
  highest integer;
  free integer;
BEGIN
  SELECT coalesce(max(right(used.code, digits)::integer), 0)
  INTO highest
  FROM (
    SELECT max(c.code) AS code
    FROM cell AS c
    WHERE c.code BETWEEN first_code AND last_code
    UNION ALL
    SELECT max(v.code)
    FROM cell_version AS v
    WHERE v.code BETWEEN first_code AND last_code
  ) AS used;
  IF highest < 10 ^ digits - 1 THEN
    RETURN community_code || lpad((highest + 1)::text, digits, '0');
  END IF;

  SELECT min(n)
  INTO free
  FROM generate_series(1, (10 ^ digits - 1)::integer) AS n
  CROSS JOIN LATERAL (SELECT community_code || lpad(n::text, digits, '0') AS code) AS candidate
  WHERE NOT EXISTS (SELECT FROM cell AS c WHERE c.code = candidate.code)
    AND NOT EXISTS (SELECT FROM cell_version AS v WHERE v.code = candidate.code);
  IF free IS NULL THEN
    PERFORM core.refuse_edit(
      format('Community %s has used all its cell numbers', community_code),
      'Divide the community, or renumber it with a new community code.');
  END IF;
  RETURN community_code || lpad(free::text, digits, '0');
END
$$;

-- The code that a new or changed cell shall have. A split in QGIS copies every attribute to the new half,
-- the code too; such a copy, and a cell without a code, gets the next number of its community.
CREATE FUNCTION core.cell_code(wanted text, former text, community bigint, former_community bigint)
RETURNS text
LANGUAGE plpgsql
AS $$
DECLARE
  community_code text;
  unit_level text;
  known core.grid_transaction;
BEGIN
  SELECT u.code, u.level
  INTO community_code, unit_level
  FROM grid_unit AS u
  WHERE u.id = community;
  IF unit_level IS DISTINCT FROM 'COMMUNITY' THEN
    PERFORM refuse_edit(
      format('Cell %s needs a community, and unit %s is none',
        coalesce(wanted, former, '(new)'), coalesce(community::text, '(none)')),
      'Name the community that the cell belongs to.');
  END IF;
  SELECT t.*
  INTO known
  FROM grid_transaction AS t
  WHERE t.xid = pg_current_xact_id();

  IF former IS NOT NULL AND wanted IS DISTINCT FROM former AND known.renumber_reason IS NULL THEN
    PERFORM refuse_edit(
      format('The code of cell %s cannot be changed to %s', former, coalesce(wanted, '(none)')),
      'Codes change only by the action "renumber", or when the cell moves to another community.');
  END IF;
  IF former IS NOT NULL AND wanted = former AND community <> former_community THEN
    RETURN next_cell_code(community_code);
  END IF;
  IF coalesce(wanted, '') = '' THEN
    RETURN next_cell_code(community_code);
  END IF;
  IF NOT starts_with(wanted, community_code) OR length(wanted) <> length(community_code) + (code_segments())[4] THEN
    PERFORM refuse_edit(
      format('Cell code %s does not fit its community %s', wanted, community_code),
      format('A code here is %s and %s digits; leave it empty to get the next one.', community_code, (code_segments())[4]));
  END IF;
  IF wanted = former OR known.load_reason IS NOT NULL THEN
    RETURN wanted;
  END IF;
  IF EXISTS (SELECT FROM cell AS c WHERE c.code = wanted)
    OR EXISTS (SELECT FROM cell_version AS v WHERE v.code = wanted)
  THEN
    IF former IS NOT NULL THEN
      PERFORM refuse_edit(
        format('Cell code %s was used before', wanted),
        'A number is never used again: take the next free one.');
    END IF;
    RETURN next_cell_code(community_code);
  END IF;
  RETURN wanted;
END
$$;

-- Units above the cells: code under the parent's, parent one level up, outline not editable.
CREATE FUNCTION core.grid_unit_row() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = core, public, pg_temp
AS $$
DECLARE
  levels constant text[] := ARRAY['DISTRICT', 'STREET', 'COMMUNITY'];
  above record;
  digits integer;
BEGIN
  IF core.grid_is_writing() THEN
    RETURN NEW;
  END IF;
  IF TG_OP = 'INSERT' THEN
    IF NEW.geom IS NOT NULL OR NEW.geom_3857 IS NOT NULL THEN
      PERFORM refuse_edit(
        format('The outline of unit %s cannot be drawn', NEW.code),
        'It is the union of its cells: edit the cells.');
    END IF;
  ELSE
    IF NEW.id <> OLD.id THEN
      PERFORM refuse_edit(
        format('The id of unit %s cannot be changed', OLD.code),
        'Change its code or name instead.');
    END IF;
    IF NOT (NEW.geom IS NOT DISTINCT FROM OLD.geom AND NEW.geom_3857 IS NOT DISTINCT FROM OLD.geom_3857) THEN
      PERFORM refuse_edit(
        format('The outline of unit %s cannot be drawn', OLD.code),
        'It is the union of its cells: edit the cells.');
    END IF;
    IF NEW.level <> OLD.level THEN
      PERFORM refuse_edit(
        format('The level of unit %s cannot be changed', OLD.code),
        'Make a new unit and move the cells to it.');
    END IF;
    IF NEW.code = OLD.code AND NEW.parent_id IS NOT DISTINCT FROM OLD.parent_id THEN
      RETURN NEW;
    END IF;
    IF EXISTS (SELECT FROM cell AS c WHERE c.community_id = OLD.id)
      OR EXISTS (SELECT FROM grid_unit AS u WHERE u.parent_id = OLD.id)
    THEN
      -- Their codes begin with this one: another code, or a parent with another code, would break them all.
      PERFORM refuse_edit(
        format('Unit %s has units or cells under it: its code and parent stay', OLD.code),
        'Make a new unit and move the cells to it; they get new codes and a concordance.');
    END IF;
  END IF;

  SELECT sum(length)
  INTO digits
  FROM unnest(code_segments()) WITH ORDINALITY AS u (length, level)
  WHERE u.level <= array_position(levels, NEW.level::text);
  IF length(NEW.code) <> digits THEN
    PERFORM refuse_edit(
      format('The code of %s %s must have %s digits', lower(NEW.level), NEW.code, digits),
      'The parts of a code are set for the city (code_segments).');
  END IF;
  IF NEW.parent_id IS NOT NULL THEN
    SELECT u.code, u.level
    INTO above
    FROM grid_unit AS u
    WHERE u.id = NEW.parent_id;
    IF array_position(levels, above.level::text) IS DISTINCT FROM array_position(levels, NEW.level::text) - 1
      OR NOT starts_with(NEW.code, above.code)
    THEN
      PERFORM refuse_edit(
        format('Unit %s cannot stand under unit %s', NEW.code, coalesce(above.code, '(none)')),
        'A community stands under a street and a street under a district, and its code begins with theirs.');
    END IF;
  END IF;
  RETURN NEW;
END
$$;

CREATE FUNCTION core.grid_unit_lock() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = core, public, pg_temp
AS $$
BEGIN
  PERFORM core.lock_grid();
  RETURN NULL;
END
$$;

-- Names begin with a_grid: triggers fire by name, and those of other rooms shall see what the grid decided.
CREATE TRIGGER a_grid_1_lock
BEFORE INSERT OR UPDATE OR DELETE ON public.grid_unit
FOR EACH STATEMENT EXECUTE FUNCTION core.grid_unit_lock();

CREATE TRIGGER a_grid_2_row
BEFORE INSERT OR UPDATE ON public.grid_unit
FOR EACH ROW EXECUTE FUNCTION core.grid_unit_row();
