-- Who enters an asset signs it, and keeps it.

CREATE OR REPLACE FUNCTION core.asset_row() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
DECLARE
    class_ record;
    prefix text;
BEGIN
    IF tg_op = 'UPDATE' THEN
        NEW.public_id := OLD.public_id;
        NEW.created_at := OLD.created_at;
        NEW.created_by := OLD.created_by;
        IF NEW.code IS DISTINCT FROM OLD.code AND coalesce(NEW.code, '') = '' THEN
            NEW.code := OLD.code;
        END IF;
    END IF;
    IF tg_op = 'INSERT' THEN
        NEW.created_by := core.actor();
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
