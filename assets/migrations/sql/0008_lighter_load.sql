-- A batch of a load is written with less carried about. Otherwise as 0005_5.

CREATE OR REPLACE FUNCTION core.load_assets(source_name text) RETURNS TABLE (added bigint, updated bigint)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp SET jit = off
-- A batch has just been copied in, and the planner may still think the table empty: it must hash, not loop.
-- Only the join of cells and places can do nothing but loop, over the index.
SET enable_nestloop = off
AS $$
DECLARE
    wrong record;
    quiet boolean;
    written record;
    batch record;
BEGIN
    SELECT k.code, k.geometry_kind, s.source_id, s.asset_class_id
    INTO wrong
    FROM core.asset_intake s
    LEFT JOIN asset_class k ON k.id = s.asset_class_id
    WHERE k.id IS NULL OR NOT core.fits_kind(s.geom, k.geometry_kind)
    LIMIT 1;
    IF FOUND AND wrong.code IS NULL THEN
        PERFORM core.hold_references('asset_class', ARRAY[wrong.asset_class_id]);
    ELSIF FOUND THEN
        RAISE EXCEPTION USING
            errcode = 'check_violation',
            message = format('Class %s is drawn as %s, and %s is not', wrong.code, wrong.geometry_kind, wrong.source_id);
    END IF;
    IF core.asset_code_prefix('') IS NULL THEN
        RAISE EXCEPTION USING errcode = 'check_violation', message = 'The city has no county code yet',
            hint = 'Name the city first: geogrid init.';
    END IF;
    PERFORM core.begin_load();
    -- Cells look for the assets without a guess: seven times faster than each asset looking for its cell. Made before
    -- guesses are taken back: an index over rows that this transaction has changed would not be used by it.
    CREATE INDEX asset_intake_by_place ON core.asset_intake USING gist (core.anchor_of(geom))
    WHERE cell_guess IS NULL;
    -- Looking whether a point lies in the cell that was guessed costs a fifth of looking for its cell; cell after
    -- cell, the outline of each is made ready once.
    UPDATE core.asset_intake
    SET cell_guess = NULL
    WHERE cell_guess IS NOT NULL
        AND row_no IN (
            SELECT s.row_no
            FROM (SELECT row_no, cell_guess, geom FROM core.asset_intake WHERE cell_guess IS NOT NULL ORDER BY cell_guess OFFSET 0) s
            LEFT JOIN cell c ON c.id = s.cell_guess
            WHERE NOT coalesce(ST_Intersects(c.geom, core.anchor_of(s.geom)), false)
        );

    PERFORM core.note_asset_codes(array_agg(s.code), array_agg(length(k.code)))
    FROM core.asset_intake s
    JOIN asset_class k ON k.id = s.asset_class_id
    WHERE s.code IS NOT NULL;

    -- What the rest needs to know of the whole batch, in one reading of it.
    WITH kinds AS MATERIALIZED (
        SELECT
            asset_class_id,
            competent_authority_id,
            owner_id,
            maintainer_id,
            count(*) FILTER (WHERE code IS NULL)::integer AS without_code,
            ST_Extent(geom) AS box
        FROM core.asset_intake
        WHERE is_new
        GROUP BY asset_class_id, competent_authority_id, owner_id, maintainer_id
    )
    SELECT
        ARRAY(SELECT DISTINCT asset_class_id FROM kinds) AS classes,
        ARRAY(
            SELECT DISTINCT unit
            FROM kinds CROSS JOIN LATERAL unnest(ARRAY[competent_authority_id, owner_id, maintainer_id]) u (unit)
            WHERE unit <> 0
        ) AS units,
        (SELECT ST_SetSRID(ST_Extent(box::geometry)::geometry, 4326) FROM kinds) AS extent,
        numbers.*
    INTO batch
    FROM (
        SELECT
            array_agg(k.id) AS class_ids,
            array_agg(k.prefix) AS prefixes,
            array_agg(core.take_asset_numbers(k.prefix, k.wanted)) AS last_numbers
        FROM (
            -- In the order of the codes, so that two imports cannot wait for each other.
            SELECT c.id, core.asset_code_prefix(c.code) AS prefix, sum(n.without_code)::integer AS wanted
            FROM kinds n
            JOIN asset_class c ON c.id = n.asset_class_id
            WHERE n.without_code > 0
            GROUP BY c.id
            ORDER BY 2
            OFFSET 0
        ) k
    ) numbers;

    quiet := core.quiet_row_triggers();
    WITH numbers AS MATERIALIZED (
        SELECT n.* FROM unnest(batch.class_ids, batch.prefixes, batch.last_numbers) n (id, prefix, last_number)
    ),
    celled AS (
        -- On a border the cell with the lower id answers, as in core.cell_at.
        SELECT s.row_no, min(c.id) AS cell_id
        FROM cell c
        JOIN core.asset_intake s ON ST_Intersects(c.geom, core.anchor_of(s.geom))
        WHERE s.is_new AND s.cell_guess IS NULL
        GROUP BY s.row_no
    ),
    inserted AS (
        INSERT INTO asset (
            public_id, created_by, code, asset_class_id, name, geom, geom_3857, cell_id, competent_authority_id, owner_id, maintainer_id, state,
            placement, first_date, change_date, source, source_id, source_digest, location_text, note, shape, material,
            attributes, simulated_fields
        )
        SELECT
            coalesce(s.public_id, gen_random_uuid()),
            (SELECT core.actor()),
            coalesce(s.code, n.prefix || lpad((n.last_number + s.number_in_class)::text, 16 - length(n.prefix), '0')),
            s.asset_class_id,
            coalesce(s.name, ''),
            s.geom,
            s.geom_3857,
            coalesce(s.cell_guess, c.cell_id),
            nullif(s.competent_authority_id, 0),
            nullif(s.owner_id, 0),
            nullif(s.maintainer_id, 0),
            coalesce(s.state, 'intact'),
            coalesce(s.placement, ''),
            s.first_date,
            s.change_date,
            source_name,
            s.source_id,
            s.digest,
            coalesce(s.location_text, ''),
            coalesce(s.note, ''),
            coalesce(s.shape, ''),
            coalesce(s.material, ''),
            coalesce(s.attributes, '{}'),
            coalesce(s.simulated_fields, '{}')
        FROM (SELECT i.*, ST_Transform(i.geom, 3857) AS geom_3857 FROM core.asset_intake i WHERE i.is_new) s
        LEFT JOIN numbers n ON n.id = s.asset_class_id
        LEFT JOIN celled c ON c.row_no = s.row_no
        -- Along the Hilbert curve, as the heap should lie for tiles; the indexes gain by it too.
        ORDER BY s.geom_3857
        RETURNING code, cell_id
    )
    SELECT
        (SELECT count(*) FROM inserted) AS amount,
        ARRAY(SELECT code FROM inserted LIMIT 201) AS codes,
        ARRAY(SELECT DISTINCT cell_id FROM inserted WHERE cell_id IS NOT NULL) AS cells
    INTO written;
    added := written.amount;
    IF quiet THEN
        -- What the triggers have not done: the references, and the one row of the change log. What stands in the
        -- intake as it was written is read there: out of the INSERT it would all be copied once more.
        PERFORM core.wake_row_triggers();
        PERFORM core.hold_references('asset_class', batch.classes);
        PERFORM core.hold_references('organisation', batch.units);
        PERFORM core.hold_references('cell', written.cells);
        PERFORM core.record_change(
            'asset', 'insert', written.codes, '{}', ARRAY(SELECT code FROM cell WHERE id = ANY (written.cells)),
            ST_Transform(batch.extent, 3857));
    END IF;

    UPDATE asset a
    SET
        asset_class_id = s.asset_class_id,
        code = coalesce(s.code, a.code),
        name = coalesce(s.name, a.name),
        geom = s.geom,
        geom_3857 = ST_Transform(s.geom, 3857),
        cell_id = core.cell_at(core.anchor_of(s.geom)),
        competent_authority_id = nullif(coalesce(s.competent_authority_id, a.competent_authority_id), 0),
        owner_id = nullif(coalesce(s.owner_id, a.owner_id), 0),
        maintainer_id = nullif(coalesce(s.maintainer_id, a.maintainer_id), 0),
        state = coalesce(s.state, a.state),
        placement = coalesce(s.placement, a.placement),
        first_date = coalesce(s.first_date, a.first_date),
        change_date = coalesce(s.change_date, a.change_date),
        source_digest = s.digest,
        location_text = coalesce(s.location_text, a.location_text),
        note = coalesce(s.note, a.note),
        shape = coalesce(s.shape, a.shape),
        material = coalesce(s.material, a.material),
        attributes = a.attributes || coalesce(s.attributes, '{}'),
        simulated_fields = coalesce(s.simulated_fields, a.simulated_fields),
        updated_at = now()
    FROM core.asset_intake s
    WHERE NOT s.is_new AND a.source = source_name AND a.source_id = s.source_id;
    GET DIAGNOSTICS updated = ROW_COUNT;

    DROP INDEX core.asset_intake_by_place;
    PERFORM core.end_load();
    RETURN NEXT;
END
$$;
