-- What analysts write. The views of schema gis hand every row to one of these functions: they check the area, keep
-- derived columns as they are, and turn what a constraint says into a sentence at once. QGIS hides whatever is said
-- at commit, so deferred checks are made here too. Rights to the tables themselves are not needed, and not given.

-- A constraint's refusal in words. Details name rows that the analyst may not see, so they are left out.
CREATE FUNCTION core.say_refusal(what text, message text, broken text) RETURNS void
LANGUAGE plpgsql
AS $$
BEGIN
  PERFORM core.refuse_edit_of(
    what,
    CASE WHEN broken <> '' THEN replace(broken, '_', ' ') ELSE message END,
    'This rule holds for everybody. Look at the values again.');
END
$$;

CREATE FUNCTION core.check_now() RETURNS void
LANGUAGE plpgsql
AS $$
BEGIN
  SET CONSTRAINTS ALL IMMEDIATE;
  SET CONSTRAINTS ALL DEFERRED;
END
$$;

CREATE FUNCTION core.edit_cell() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
DECLARE
  what constant text := CASE WHEN TG_OP = 'INSERT' THEN 'The new cell' ELSE 'Cell ' || OLD.code END;
  message text;
  hint text;
  broken text;
BEGIN
  IF TG_OP = 'DELETE' THEN
    DELETE FROM cell WHERE id = OLD.id;
    PERFORM core.check_now();
    RETURN OLD;
  END IF;
  PERFORM core.require_organisations(what, ARRAY[NEW.owner_id, NEW.maintainer_id]);
  IF NEW.geom IS NOT NULL AND NOT ST_IsEmpty(NEW.geom) THEN
    PERFORM core.require_in_area(what, NEW.geom);
  END IF;
  IF TG_OP = 'INSERT' THEN
    -- A split in QGIS copies the community of the cell that was cut; without one the ground decides.
    INSERT INTO cell (community_id, name, name_en, kind, use, owner_id, maintainer_id, households, source, geom)
    VALUES (
      (SELECT u.id FROM grid_unit AS u WHERE u.id = NEW.community_id AND u.level = 'COMMUNITY'),
      coalesce(NEW.name, ''), coalesce(NEW.name_en, ''), coalesce(NEW.kind, 'GENERAL'), coalesce(NEW.use, ''),
      NEW.owner_id, NEW.maintainer_id, NEW.households, 'QGIS', NEW.geom
    )
    RETURNING id, code
    INTO NEW.id, NEW.code;
  ELSE
    PERFORM core.require_only_changed(
      what, to_jsonb(OLD), to_jsonb(NEW),
      ARRAY['name', 'name_en', 'kind', 'use', 'owner_id', 'maintainer_id', 'households', 'geom']);
    UPDATE cell
    SET name = coalesce(NEW.name, ''), name_en = coalesce(NEW.name_en, ''), kind = NEW.kind, use = coalesce(NEW.use, ''),
      owner_id = NEW.owner_id, maintainer_id = NEW.maintainer_id, households = NEW.households, geom = NEW.geom
    WHERE id = OLD.id;
    IF NOT FOUND THEN
      PERFORM core.refuse_edit_of(what, 'it is gone', 'Somebody has merged it meanwhile. Load the layer again.');
    END IF;
  END IF;
  PERFORM core.check_now();
  RETURN NEW;
EXCEPTION WHEN integrity_constraint_violation OR data_exception THEN
  GET STACKED DIAGNOSTICS message = MESSAGE_TEXT, hint = PG_EXCEPTION_HINT, broken = CONSTRAINT_NAME;
  IF hint <> '' THEN
    RAISE;
  END IF;
  PERFORM core.say_refusal(what, message, broken);
  RETURN NULL;
END
$$;

CREATE FUNCTION core.asset_layer(class_code text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE left(class_code, 2)
  WHEN '01' THEN 'asset_public_facility'
  WHEN '02' THEN 'asset_road_traffic'
  WHEN '03' THEN 'asset_environment'
  WHEN '04' THEN 'asset_landscaping'
  ELSE 'asset_other'
END;
COMMENT ON FUNCTION core.asset_layer(text) IS 'The analysts'' layer of a class of assets, by its major class. 部件图层';

CREATE FUNCTION core.edit_asset() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
DECLARE
  what constant text := CASE WHEN TG_OP = 'INSERT' THEN 'The new asset' ELSE 'Asset ' || OLD.code END;
  class_ record;
  message text;
  hint text;
  broken text;
BEGIN
  IF TG_OP = 'DELETE' THEN
    BEGIN
      DELETE FROM asset WHERE id = OLD.id;
      PERFORM core.check_now();
    EXCEPTION WHEN foreign_key_violation THEN
      PERFORM core.refuse_edit_of(
        what, 'it cannot be deleted: incidents, photos, labels or measurements belong to it',
        'Set its state to removed instead.');
    END;
    RETURN OLD;
  END IF;
  PERFORM core.require_organisations(what, ARRAY[NEW.competent_authority_id, NEW.owner_id, NEW.maintainer_id]);
  SELECT k.code, k.name, k.name_en, k.is_active
  INTO class_
  FROM asset_class AS k
  WHERE k.id = NEW.asset_class_id;
  IF class_.code IS NULL THEN
    PERFORM core.refuse_edit_of(what, 'it has no class that we know', 'Choose one from the list of classes.');
  END IF;
  IF NEW.geom IS NULL OR ST_IsEmpty(NEW.geom) THEN
    PERFORM core.refuse_edit_of(what, 'it has no place', 'Draw it on the map.');
  END IF;
  PERFORM core.require_in_area(what, NEW.geom);
  IF coalesce(NEW.state, '') NOT IN ('intact', 'damaged', 'missing', 'abandoned', 'removed') THEN
    PERFORM core.refuse_edit_of(
      what, format('its state cannot be "%s"', NEW.state), 'It is intact, damaged, missing, abandoned or removed.');
  END IF;
  IF TG_OP = 'INSERT' THEN
    IF core.asset_layer(class_.code) <> TG_TABLE_NAME THEN
      PERFORM core.refuse_edit_of(
        what, format('class %s %s (%s) belongs to the layer %s', class_.code, class_.name, class_.name_en,
          core.asset_layer(class_.code)),
        'Draw it there, or choose a class of this layer.');
    END IF;
    -- The code is given by the database: one typed in could tell of codes that lie elsewhere.
    INSERT INTO asset (
      code, asset_class_id, name, geom, competent_authority_id, owner_id, maintainer_id, state, placement, first_date,
      change_date, source, location_text, note, shape, material
    )
    VALUES (
      '', NEW.asset_class_id, coalesce(NEW.name, ''), NEW.geom, NEW.competent_authority_id, NEW.owner_id,
      NEW.maintainer_id, NEW.state, coalesce(NEW.placement, ''), NEW.first_date, NEW.change_date, 'QGIS',
      coalesce(NEW.location_text, ''), coalesce(NEW.note, ''), coalesce(NEW.shape, ''), coalesce(NEW.material, '')
    )
    RETURNING id, code, cell_id, source, updated_at
    INTO NEW.id, NEW.code, NEW.cell_id, NEW.source, NEW.updated_at;
  ELSE
    PERFORM core.require_only_changed(
      what, to_jsonb(OLD), to_jsonb(NEW),
      ARRAY[
        'asset_class_id', 'name', 'state', 'competent_authority_id', 'owner_id', 'maintainer_id', 'placement', 'shape',
        'material', 'first_date', 'change_date', 'location_text', 'note', 'geom'
      ]);
    UPDATE asset
    SET asset_class_id = NEW.asset_class_id, name = coalesce(NEW.name, ''), state = NEW.state, geom = NEW.geom,
      competent_authority_id = NEW.competent_authority_id, owner_id = NEW.owner_id, maintainer_id = NEW.maintainer_id,
      placement = coalesce(NEW.placement, ''), shape = coalesce(NEW.shape, ''), material = coalesce(NEW.material, ''),
      first_date = NEW.first_date, change_date = NEW.change_date, location_text = coalesce(NEW.location_text, ''),
      note = coalesce(NEW.note, '')
    WHERE id = OLD.id
    RETURNING cell_id, updated_at
    INTO NEW.cell_id, NEW.updated_at;
    IF NOT FOUND THEN
      PERFORM core.refuse_edit_of(what, 'it is gone', 'Somebody has deleted it meanwhile. Load the layer again.');
    END IF;
  END IF;
  PERFORM core.check_now();
  RETURN NEW;
EXCEPTION WHEN integrity_constraint_violation OR data_exception THEN
  GET STACKED DIAGNOSTICS message = MESSAGE_TEXT, hint = PG_EXCEPTION_HINT, broken = CONSTRAINT_NAME;
  IF hint <> '' THEN
    RAISE;
  END IF;
  PERFORM core.say_refusal(what, message, broken);
  RETURN NULL;
END
$$;

CREATE FUNCTION core.edit_building() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
DECLARE
  what constant text :=
    CASE WHEN TG_OP = 'INSERT' THEN 'The new building' ELSE 'Building ' || coalesce(nullif(OLD.name, ''), OLD.id::text) END;
  message text;
  hint text;
  broken text;
BEGIN
  IF TG_OP = 'DELETE' THEN
    BEGIN
      DELETE FROM building WHERE id = OLD.id;
      PERFORM core.check_now();
    EXCEPTION WHEN foreign_key_violation THEN
      PERFORM core.refuse_edit_of(what, 'it cannot be deleted: something belongs to it', 'Ask an administrator.');
    END;
    RETURN OLD;
  END IF;
  IF NEW.geom IS NULL OR ST_IsEmpty(NEW.geom) THEN
    PERFORM core.refuse_edit_of(what, 'it has no outline', 'Draw it on the map, or delete it.');
  END IF;
  PERFORM core.require_in_area(what, ST_PointOnSurface(NEW.geom));
  IF TG_OP = 'INSERT' THEN
    INSERT INTO building (source, source_id, name, address, kind, geom, levels, height_m, dwellings, households)
    VALUES (
      'QGIS', gen_random_uuid()::text, coalesce(NEW.name, ''), coalesce(NEW.address, ''), coalesce(NEW.kind, ''), NEW.geom,
      NEW.levels, NEW.height_m, NEW.dwellings, NEW.households
    )
    RETURNING id, cell_id, source, updated_at
    INTO NEW.id, NEW.cell_id, NEW.source, NEW.updated_at;
  ELSE
    PERFORM core.require_only_changed(
      what, to_jsonb(OLD), to_jsonb(NEW),
      ARRAY['name', 'address', 'kind', 'levels', 'height_m', 'dwellings', 'households', 'geom']);
    UPDATE building
    SET name = coalesce(NEW.name, ''), address = coalesce(NEW.address, ''), kind = coalesce(NEW.kind, ''),
      geom = NEW.geom, levels = NEW.levels, height_m = NEW.height_m, dwellings = NEW.dwellings,
      households = NEW.households,
      households_derived = CASE WHEN NEW.households IS DISTINCT FROM OLD.households THEN false ELSE households_derived END
    WHERE id = OLD.id
    RETURNING cell_id, updated_at
    INTO NEW.cell_id, NEW.updated_at;
    IF NOT FOUND THEN
      PERFORM core.refuse_edit_of(what, 'it is gone', 'Somebody has deleted it meanwhile. Load the layer again.');
    END IF;
  END IF;
  PERFORM core.check_now();
  RETURN NEW;
EXCEPTION WHEN integrity_constraint_violation OR data_exception THEN
  GET STACKED DIAGNOSTICS message = MESSAGE_TEXT, hint = PG_EXCEPTION_HINT, broken = CONSTRAINT_NAME;
  IF hint <> '' THEN
    RAISE;
  END IF;
  PERFORM core.say_refusal(what, message, broken);
  RETURN NULL;
END
$$;

CREATE FUNCTION core.edit_waterlogging_point() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
DECLARE
  what constant text := 'Waterlogging point ' || OLD.code;
  message text;
  hint text;
  broken text;
BEGIN
  PERFORM core.require_only_changed(
    what, to_jsonb(OLD), to_jsonb(NEW), ARRAY['name', 'name_en', 'note', 'is_active', 'geom']);
  IF NEW.geom IS NULL OR ST_IsEmpty(NEW.geom) THEN
    PERFORM core.refuse_edit_of(what, 'it has no place', 'Draw it on the map.');
  END IF;
  PERFORM core.require_in_area(what, NEW.geom);
  IF coalesce(NEW.name, '') = '' THEN
    PERFORM core.refuse_edit_of(what, 'it has no name', 'Say how people call the place.');
  END IF;
  UPDATE waterlogging_point
  SET name = NEW.name, name_en = coalesce(NEW.name_en, ''), note = coalesce(NEW.note, ''),
    is_active = coalesce(NEW.is_active, true), place = NEW.geom
  WHERE id = OLD.id;
  PERFORM core.check_now();
  RETURN NEW;
EXCEPTION WHEN integrity_constraint_violation OR data_exception THEN
  GET STACKED DIAGNOSTICS message = MESSAGE_TEXT, hint = PG_EXCEPTION_HINT, broken = CONSTRAINT_NAME;
  IF hint <> '' THEN
    RAISE;
  END IF;
  PERFORM core.say_refusal(what, message, broken);
  RETURN NULL;
END
$$;

-- Place and class. A new place is a step of the closed loop, as it is in the API: the worker follows, and the
-- timeline says old and new.
CREATE FUNCTION core.edit_incident() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
DECLARE
  what constant text := 'Incident ' || OLD.number;
  was incident%ROWTYPE;
  worker record;
  message text;
  hint text;
  broken text;
BEGIN
  PERFORM core.require_only_changed(
    what, to_jsonb(OLD), to_jsonb(NEW), ARRAY['asset_class_id', 'event_class_id', 'geom']);
  SELECT * INTO was FROM incident WHERE id = OLD.id FOR UPDATE;
  IF was.stage IN ('CLOSED', 'EVALUATED', 'REJECTED', 'VOID') THEN
    PERFORM core.refuse_edit_of(
      what, 'it has ended, and stays as it was', 'Have it reopened first, if that is still allowed.');
  END IF;
  IF was.stage <> OLD.stage OR NOT (was.point IS NOT DISTINCT FROM OLD.geom) THEN
    PERFORM core.refuse_edit_of(what, 'somebody else has just changed it', 'Load the layer again and look.');
  END IF;

  IF (NEW.asset_class_id, NEW.event_class_id) IS DISTINCT FROM (OLD.asset_class_id, OLD.event_class_id) THEN
    -- QGIS changes one field at a time: the class that was set last replaces the other.
    IF NEW.asset_class_id IS NOT NULL AND NEW.event_class_id IS NOT NULL THEN
      IF NEW.asset_class_id IS DISTINCT FROM OLD.asset_class_id AND NEW.event_class_id IS DISTINCT FROM OLD.event_class_id THEN
        PERFORM core.refuse_edit_of(
          what, 'it cannot have a class of asset and a class of event', 'Choose one of them and empty the other.');
      ELSIF NEW.asset_class_id IS DISTINCT FROM OLD.asset_class_id THEN
        NEW.event_class_id := NULL;
      ELSE
        NEW.asset_class_id := NULL;
      END IF;
    END IF;
    IF NEW.asset_class_id IS NULL AND NEW.event_class_id IS NULL THEN
      PERFORM core.refuse_edit_of(what, 'it has no class any more', 'Choose another class in place of the old one.');
    END IF;
    IF NEW.asset_class_id IS NOT NULL AND NOT EXISTS (SELECT FROM asset_class AS k WHERE k.id = NEW.asset_class_id)
      OR NEW.event_class_id IS NOT NULL AND NOT EXISTS (SELECT FROM event_class AS k WHERE k.id = NEW.event_class_id)
    THEN
      PERFORM core.refuse_edit_of(what, 'there is no such class', 'Choose one from the list of classes.');
    END IF;
    IF was.asset_id IS NOT NULL THEN
      PERFORM core.refuse_edit_of(
        what, 'it is about one asset, whose class it has', 'Change the class of the asset, if that is wrong.');
    END IF;
    UPDATE incident
    SET asset_class_id = NEW.asset_class_id, event_class_id = NEW.event_class_id
    WHERE id = OLD.id;
  END IF;

  IF NOT (NEW.geom IS NOT DISTINCT FROM OLD.geom) THEN
    IF NEW.geom IS NULL OR ST_IsEmpty(NEW.geom) THEN
      PERFORM core.refuse_edit_of(what, 'its place cannot be taken away', 'Move it to where the problem is.');
    END IF;
    PERFORM core.refuse_shape(what, NEW.geom);
    PERFORM core.require_in_area(what, NEW.geom);
    SELECT p.unit_code, w.user_id, w.level, w.is_substitute
    INTO worker
    FROM core.place_of(NEW.geom) AS p
    CROSS JOIN LATERAL core.cell_worker(coalesce(p.unit_code, ''), now()) AS w;
    -- Within the same cell the worker stays, so a hand-over by hand is kept.
    IF coalesce(worker.unit_code, '') = was.unit_code AND was.point IS NOT NULL THEN
      worker.user_id := was.cell_worker_id;
      worker.level := was.worker_level;
      UPDATE incident SET point = NEW.geom WHERE id = OLD.id;
    ELSE
      UPDATE incident
      SET point = NEW.geom, cell_worker_id = worker.user_id, rostered_id = worker.user_id, worker_level = worker.level,
        worker_is_substitute = worker.is_substitute,
        holder_id = CASE WHEN holder_id = cell_worker_id THEN worker.user_id ELSE holder_id END
      WHERE id = OLD.id;
    END IF;
    INSERT INTO step_taken (incident_id, move, from_stage, to_stage, level, actor, actor_user_id, taken_at, note, details)
    VALUES (
      OLD.id, 'move_place', was.stage, was.stage, was.level, core.actor(),
      (SELECT u.id FROM user_account AS u WHERE u.username = core.actor()),
      now(), 'QGIS',
      jsonb_build_object(
        'from', CASE WHEN was.point IS NOT NULL THEN
          jsonb_build_object('lng', ST_X(was.point), 'lat', ST_Y(was.point), 'cell', was.unit_code)
        END,
        'to', jsonb_build_object('lng', ST_X(NEW.geom), 'lat', ST_Y(NEW.geom), 'cell', coalesce(worker.unit_code, '')),
        'from_worker', jsonb_build_object('id', was.cell_worker_id, 'level', was.worker_level),
        'to_worker', jsonb_build_object('id', worker.user_id, 'level', worker.level))
    );
    NEW.unit_code := coalesce(worker.unit_code, '');
  END IF;
  PERFORM core.check_now();
  RETURN NEW;
EXCEPTION WHEN integrity_constraint_violation OR data_exception THEN
  GET STACKED DIAGNOSTICS message = MESSAGE_TEXT, hint = PG_EXCEPTION_HINT, broken = CONSTRAINT_NAME;
  IF hint <> '' THEN
    RAISE;
  END IF;
  PERFORM core.say_refusal(what, message, broken);
  RETURN NULL;
END
$$;

-- Nobody calls these but the functions above, which run as the owner.
DO $$
DECLARE
  inner_one regprocedure;
BEGIN
  FOREACH inner_one IN ARRAY ARRAY[
    'core.edit_cell()', 'core.edit_asset()', 'core.edit_building()', 'core.edit_waterlogging_point()',
    'core.edit_incident()', 'core.check_now()', 'core.cell_in_area()', 'core.say_refusal(text, text, text)',
    'core.refuse_outside(text)', 'core.refuse_edit_of(text, text, text)'
  ]::regprocedure[] LOOP
    EXECUTE format('REVOKE ALL ON FUNCTION %s FROM PUBLIC, geogrid_app', inner_one);
  END LOOP;
END
$$;
