-- What the database derives for each asset, building and road, whoever writes it: the API, QGIS or plain SQL.

-- The importer derives the same for a whole batch in one statement, inside core.load_assets and its like. They
-- mark their transaction here, and unmark it before they return, so the mark is never seen by anyone else and
-- cannot be set by anyone but the owner's functions.
CREATE UNLOGGED TABLE core.bulk_load (xid xid8 PRIMARY KEY);
REVOKE ALL ON core.bulk_load FROM PUBLIC;

-- Called IMMUTABLE, which it is within one statement: so the WHEN clause of the triggers asks it once when a
-- statement starts, not once for every row.
CREATE FUNCTION core.is_loading() RETURNS boolean
LANGUAGE plpgsql IMMUTABLE SECURITY DEFINER
AS $$
BEGIN
    RETURN EXISTS (SELECT FROM core.bulk_load WHERE xid OPERATOR(pg_catalog.=) pg_catalog.pg_current_xact_id());
END
$$;

-- The point that decides the cell of a line or an area.
CREATE FUNCTION core.anchor_of(shape geometry) RETURNS geometry
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE WHEN ST_Dimension(shape) = 0 AND ST_NumGeometries(shape) = 1 THEN shape ELSE ST_PointOnSurface(shape) END;
COMMENT ON FUNCTION core.anchor_of(geometry) IS 'The point that says in which cell a line or an area lies.';

-- An area may be a point where only its place is known, not how far it reaches.
CREATE FUNCTION core.fits_kind(shape geometry, kind text) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE kind
    WHEN 'point' THEN ST_GeometryType(shape) = 'ST_Point'
    WHEN 'line' THEN ST_Dimension(shape) = 1
    ELSE ST_Dimension(shape) = 2 OR ST_GeometryType(shape) = 'ST_Point'
END;

CREATE FUNCTION core.refuse_shape(what text, shape geometry) RETURNS void
LANGUAGE plpgsql SET search_path = public, pg_temp
AS $$
BEGIN
    IF shape IS NULL OR ST_IsEmpty(shape) THEN
        RAISE EXCEPTION USING errcode = 'check_violation', message = format('%s has no place', what),
            hint = 'Draw it on the map.';
    END IF;
    -- Box by box: NaN and infinity fail these tests too.
    IF NOT coalesce(
        ST_XMin(shape) >= -180 AND ST_XMax(shape) <= 180 AND ST_YMin(shape) >= -85.06 AND ST_YMax(shape) <= 85.06, false
    ) THEN
        RAISE EXCEPTION USING
            errcode = 'check_violation',
            message = format('%s lies at %s %s, which is no longitude and latitude', what, ST_XMin(shape), ST_YMin(shape)),
            hint = 'Coordinates are WGS 84 degrees, longitude first.';
    END IF;
    IF ST_Dimension(shape) > 0 AND NOT ST_IsValid(shape) THEN
        RAISE EXCEPTION USING errcode = 'check_violation', message = format('%s: %s', what, ST_IsValidReason(shape)),
            hint = 'Draw it so that it does not cross itself.';
    END IF;
END
$$;

CREATE FUNCTION core.asset_row() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
DECLARE
    class_ record;
    prefix text;
BEGIN
    IF tg_op = 'UPDATE' THEN
        NEW.public_id := OLD.public_id;
        NEW.created_at := OLD.created_at;
        IF NEW.code IS DISTINCT FROM OLD.code AND coalesce(NEW.code, '') = '' THEN
            NEW.code := OLD.code;
        END IF;
    END IF;
    NEW.updated_at := now();
    IF tg_op = 'INSERT' OR NEW.asset_class_id <> OLD.asset_class_id OR NOT ST_OrderingEquals(NEW.geom, OLD.geom) THEN
        NEW.geom := ST_Force2D(NEW.geom);
        PERFORM core.refuse_shape(format('Asset %s', coalesce(nullif(NEW.code, ''), '(new)')), NEW.geom);
        SELECT code, name, name_en, geometry_kind
        INTO class_
        FROM asset_class
        WHERE id = NEW.asset_class_id;
        IF NOT core.fits_kind(NEW.geom, class_.geometry_kind) THEN
            RAISE EXCEPTION USING
                errcode = 'check_violation',
                message = format(
                    'Class %s %s (%s) is drawn as %s, not as %s', class_.code, class_.name, class_.name_en,
                    class_.geometry_kind, replace(ST_GeometryType(NEW.geom), 'ST_', '')),
                hint = 'Choose another class, or draw it as its class wants.';
        END IF;
        IF coalesce(NEW.code, '') = '' THEN
            prefix := core.asset_code_prefix(class_.code);
            IF prefix IS NULL THEN
                RAISE EXCEPTION USING errcode = 'check_violation', message = 'The city has no county code yet',
                    hint = 'Name the city first: geogrid init.';
            END IF;
            NEW.code := prefix || lpad((core.take_asset_numbers(prefix, 1) + 1)::text, 16 - length(prefix), '0');
        ELSIF NEW.code ~ '^\d{16}$' THEN
            PERFORM core.note_asset_codes(ARRAY[NEW.code::text], ARRAY[length(class_.code)]);
        END IF;
    END IF;
    IF tg_op = 'INSERT' OR NOT ST_OrderingEquals(NEW.geom, OLD.geom) THEN
        NEW.geom_3857 := ST_Transform(NEW.geom, 3857);
        NEW.cell_id := core.cell_at(core.anchor_of(NEW.geom));
    ELSE
        NEW.geom_3857 := OLD.geom_3857;
        IF NEW.cell_id IS DISTINCT FROM OLD.cell_id THEN
            NEW.cell_id := core.cell_at(core.anchor_of(NEW.geom));
        END IF;
    END IF;
    RETURN NEW;
END
$$;

CREATE FUNCTION core.building_row() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
BEGIN
    NEW.updated_at := now();
    IF tg_op = 'INSERT' OR NOT ST_OrderingEquals(NEW.geom, OLD.geom) THEN
        PERFORM core.refuse_shape(format('Building %s', NEW.source_id), NEW.geom);
        NEW.geom_3857 := ST_Transform(NEW.geom, 3857);
        NEW.cell_id := core.cell_at(ST_PointOnSurface(NEW.geom));
    ELSE
        NEW.geom_3857 := OLD.geom_3857;
        IF NEW.cell_id IS DISTINCT FROM OLD.cell_id THEN
            NEW.cell_id := core.cell_at(ST_PointOnSurface(NEW.geom));
        END IF;
    END IF;
    RETURN NEW;
END
$$;

CREATE FUNCTION core.road_row() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
BEGIN
    NEW.updated_at := now();
    PERFORM core.refuse_shape(format('Road %s', NEW.source_id), NEW.geom);
    NEW.geom_3857 := ST_Transform(NEW.geom, 3857);
    RETURN NEW;
END
$$;

CREATE TRIGGER a_asset_row
BEFORE INSERT OR UPDATE ON asset
FOR EACH ROW WHEN (NOT core.is_loading()) EXECUTE FUNCTION core.asset_row();

CREATE TRIGGER a_building_row
BEFORE INSERT OR UPDATE ON building
FOR EACH ROW WHEN (NOT core.is_loading()) EXECUTE FUNCTION core.building_row();

CREATE TRIGGER a_road_row
BEFORE INSERT OR UPDATE ON road
FOR EACH ROW WHEN (NOT core.is_loading()) EXECUTE FUNCTION core.road_row();
