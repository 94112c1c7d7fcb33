-- What part of the city a database login reaches. Row policies, views and the triggers that write ask here.
--
-- Everything hangs on session_user, which SET ROLE does not change and only a superuser can.

COMMENT ON TABLE analyst_role IS 'Personal database logins of analysts, and what they reach. 分析员数据库账号';

-- Beginnings of unit codes; '' is the whole city. A login that is nobody's reaches nothing.
CREATE FUNCTION core.analyst_prefixes() RETURNS text[]
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  IF session_user IN ('geogrid_app', 'geogrid_owner', 'geogrid_tile_reader')
    OR (SELECT r.rolsuper FROM pg_roles AS r WHERE r.rolname = session_user)
  THEN
    RETURN ARRAY[''];
  END IF;
  RETURN coalesce(
    (
      SELECT a.prefixes::text[]
      FROM public.analyst_role AS a
      WHERE a.role_name = session_user AND a.revoked_at IS NULL AND a.valid_until > now()
    ),
    '{}');
END
$$;
COMMENT ON FUNCTION core.analyst_prefixes() IS 'Beginnings of the unit codes that this login reaches; empty text: all. 可见范围';

CREATE FUNCTION core.analyst_sees_all() RETURNS boolean
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  RETURN coalesce(core.county_code(), '') ^@ ANY (core.analyst_prefixes());
END
$$;
COMMENT ON FUNCTION core.analyst_sees_all() IS 'Whether this login reaches the whole city. 是否全市';

CREATE FUNCTION core.analyst_cells() RETURNS SETOF bigint
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  RETURN QUERY SELECT c.id FROM public.cell AS c WHERE c.code::text ^@ ANY (core.analyst_prefixes());
END
$$;
COMMENT ON FUNCTION core.analyst_cells() IS 'Ids of the cells that this login reaches. 可见网格';

-- What belongs to no cell (streets, depressions, waterlogging points) is judged by the ground it lies on.
CREATE FUNCTION core.analyst_ground() RETURNS public.geometry
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp
AS $$
DECLARE
  prefixes constant text[] := core.analyst_prefixes();
BEGIN
  RETURN (
    SELECT ST_Union(g.geom)
    FROM (
      SELECT u.geom FROM grid_unit AS u WHERE u.code = ANY (prefixes)
      UNION ALL
      SELECT c.geom FROM cell AS c WHERE c.code = ANY (prefixes)
    ) AS g
  );
END
$$;
COMMENT ON FUNCTION core.analyst_ground() IS 'The ground of the units that this login reaches. 可见范围';

-- Duties of this part of the city: patrols are shown by them, without the person.
CREATE FUNCTION core.analyst_duties() RETURNS SETOF bigint
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  RETURN QUERY
  SELECT DISTINCT a.duty_id
  FROM public.duty_area AS a
  WHERE a.unit_code::text ^@ ANY (core.analyst_prefixes());
END
$$;
COMMENT ON FUNCTION core.analyst_duties() IS 'Ids of the duties in the units that this login reaches. 可见值守';

CREATE FUNCTION core.duty_unit(of_duty bigint) RETURNS text
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
  SELECT min(a.unit_code)::text
  FROM public.duty_area AS a
  WHERE a.duty_id = of_duty AND a.unit_code::text ^@ ANY (core.analyst_prefixes())
$$;
COMMENT ON FUNCTION core.duty_unit(bigint) IS 'The first unit of a duty that this login reaches. 值守单元';

-- History names the person, not the login.
CREATE FUNCTION core.person_of_login() RETURNS text
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  RETURN coalesce(
    (
      SELECT u.username
      FROM public.analyst_role AS a
      JOIN public.user_account AS u ON u.id = a.user_id
      WHERE a.role_name = session_user
      ORDER BY a.id DESC
      LIMIT 1
    ),
    session_user::text);
END
$$;
COMMENT ON FUNCTION core.person_of_login() IS 'The person whose login this is, else the login itself. 登录人';

CREATE OR REPLACE FUNCTION core.actor() RETURNS text
LANGUAGE sql STABLE
AS $$
  SELECT CASE
    WHEN session_user = 'geogrid_app' THEN coalesce(nullif(current_setting('geogrid.actor', true), ''), 'geogrid_app')
    WHEN session_user = 'geogrid_owner' THEN 'geogrid_owner'
    ELSE core.person_of_login()
  END
$$;

-- Refusals ----------------------------------------------------------------------------------------------
-- They name what the analyst has in hand and nothing that lies elsewhere.
CREATE FUNCTION core.refuse_outside(what text) RETURNS void
LANGUAGE plpgsql
AS $$
BEGIN
  RAISE EXCEPTION USING
    ERRCODE = 'insufficient_privilege',
    MESSAGE = format('%s is outside of your area', what),
    HINT = format(
      'Your area is: %s. Stay inside, or ask an administrator for more.',
      coalesce(nullif(array_to_string(core.analyst_prefixes(), ', '), ''), 'nothing'));
END
$$;

-- A place is reached when the cell that holds it is.
CREATE FUNCTION core.require_in_area(what text, place public.geometry) RETURNS void
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp
AS $$
BEGIN
  IF NOT core.analyst_sees_all() AND NOT EXISTS (
    SELECT
    FROM cell AS c
    WHERE c.id = core.cell_at(core.anchor_of(place)) AND c.code::text ^@ ANY (core.analyst_prefixes())
  ) THEN
    PERFORM core.refuse_outside(what);
  END IF;
END
$$;

CREATE FUNCTION core.refuse_edit_of(what text, why text, hint text) RETURNS void
LANGUAGE plpgsql
AS $$
BEGIN
  RAISE EXCEPTION USING ERRCODE = 'check_violation', MESSAGE = format('%s: %s', what, why), HINT = hint;
END
$$;

-- Columns that a layer only shows. QGIS sends the columns that somebody has changed.
CREATE FUNCTION core.require_only_changed(what text, old_row jsonb, new_row jsonb, editable text[]) RETURNS void
LANGUAGE plpgsql
AS $$
DECLARE
  changed text;
BEGIN
  SELECT n.key
  INTO changed
  FROM jsonb_each(new_row) AS n
  WHERE n.value IS DISTINCT FROM old_row -> n.key AND n.key <> ALL (editable)
  ORDER BY n.key
  LIMIT 1;
  IF changed IS NOT NULL THEN
    PERFORM core.refuse_edit_of(
      what, format('the column "%s" cannot be changed', changed),
      format('It is derived by GeoGrid. These can be changed: %s.', array_to_string(editable, ', ')));
  END IF;
END
$$;

-- Foreign keys are checked at commit, where QGIS hides what is said: so units are looked up at once.
CREATE FUNCTION core.require_organisations(what text, ids bigint[]) RETURNS void
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp
AS $$
DECLARE
  unknown bigint;
BEGIN
  SELECT i.id
  INTO unknown
  FROM unnest(ids) AS i (id)
  WHERE i.id IS NOT NULL AND NOT EXISTS (SELECT FROM organisation AS o WHERE o.id = i.id)
  LIMIT 1;
  IF unknown IS NOT NULL THEN
    PERFORM core.refuse_edit_of(what, format('there is no unit %s', unknown), 'Choose one from the list of units.');
  END IF;
END
$$;

-- Cells follow the guard, which may touch the neighbours: none of them may lie in somebody else's area.
CREATE FUNCTION core.cell_in_area() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  prefixes constant text[] := core.analyst_prefixes();
BEGIN
  IF TG_OP <> 'INSERT' AND NOT OLD.code::text ^@ ANY (prefixes)
    OR TG_OP <> 'DELETE' AND NOT NEW.code::text ^@ ANY (prefixes)
  THEN
    PERFORM core.refuse_outside('A cell that this edit would change');
  END IF;
  RETURN CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END;
END
$$;

-- By name after the trigger that gives the code.
CREATE TRIGGER a_grid_2_row_in_area
BEFORE INSERT OR UPDATE OR DELETE ON cell
FOR EACH ROW
WHEN (session_user NOT IN ('geogrid_app', 'geogrid_owner'))
EXECUTE FUNCTION core.cell_in_area();
