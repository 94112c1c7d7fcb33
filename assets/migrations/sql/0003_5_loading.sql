-- A batch of an import: copied into an intake table, then written by one function in the importer's transaction.
-- An empty column means that the file does not say: what stands in the table is kept.

CREATE UNLOGGED TABLE core.asset_intake (
    row_no integer NOT NULL,
    is_new boolean NOT NULL,
    source_id text NOT NULL,
    digest uuid NOT NULL,
    asset_class_id bigint NOT NULL,
    geom geometry(Geometry, 4326) NOT NULL,
    code text,
    name text,
    competent_authority_id bigint,
    owner_id bigint,
    maintainer_id bigint,
    state text,
    placement text,
    first_date date,
    change_date date,
    location_text text,
    note text,
    shape text,
    material text,
    attributes jsonb,
    simulated_fields text[]
);
COMMENT ON TABLE core.asset_intake IS 'The batch of assets that is being imported; empty between batches. 导入批次';

CREATE UNLOGGED TABLE core.building_intake (
    row_no integer NOT NULL,
    is_new boolean NOT NULL,
    source_id text NOT NULL,
    digest uuid NOT NULL,
    geom geometry(Geometry, 4326) NOT NULL,
    name text,
    address text,
    kind text,
    levels double precision,
    height_m double precision,
    dwellings integer,
    households integer,
    households_derived boolean,
    attributes jsonb
);
COMMENT ON TABLE core.building_intake IS 'The batch of buildings that is being imported; empty between batches. 导入批次';

CREATE UNLOGGED TABLE core.road_intake (
    row_no integer NOT NULL,
    is_new boolean NOT NULL,
    source_id text NOT NULL,
    digest uuid NOT NULL,
    geom geometry(Geometry, 4326) NOT NULL,
    name text,
    name_en text,
    kind text,
    attributes jsonb
);
COMMENT ON TABLE core.road_intake IS 'The batch of roads that is being imported; empty between batches. 导入批次';

GRANT SELECT, INSERT, DELETE, TRUNCATE ON core.asset_intake, core.building_intake, core.road_intake TO geogrid_app;

CREATE FUNCTION core.begin_load() RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = core, pg_temp
AS $$
    INSERT INTO bulk_load (xid) VALUES (pg_current_xact_id())
$$;

CREATE FUNCTION core.end_load() RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = core, pg_temp
AS $$
    DELETE FROM bulk_load WHERE xid = pg_current_xact_id()
$$;
REVOKE EXECUTE ON FUNCTION core.begin_load, core.end_load FROM PUBLIC, geogrid_app;

CREATE FUNCTION core.load_assets(source_name text) RETURNS TABLE (added bigint, updated bigint)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp SET jit = off
-- A batch has just been copied in, and the planner may still think the table empty: it must hash, not loop.
-- Only the join of cells and places can do nothing but loop, over the index.
SET enable_nestloop = off
AS $$
DECLARE
    wrong record;
BEGIN
    SELECT k.code, k.geometry_kind, s.source_id
    INTO wrong
    FROM core.asset_intake s
    JOIN asset_class k ON k.id = s.asset_class_id
    WHERE NOT core.fits_kind(s.geom, k.geometry_kind)
    LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION USING
            errcode = 'check_violation',
            message = format('Class %s is drawn as %s, and %s is not', wrong.code, wrong.geometry_kind, wrong.source_id);
    END IF;
    IF core.asset_code_prefix('') IS NULL THEN
        RAISE EXCEPTION USING errcode = 'check_violation', message = 'The city has no county code yet',
            hint = 'Name the city first: geogrid init.';
    END IF;
    PERFORM core.begin_load();
    -- Cells look for their assets: seven times faster than each asset looking for its cell.
    CREATE INDEX asset_intake_by_place ON core.asset_intake USING gist (core.anchor_of(geom));

    PERFORM core.note_asset_codes(array_agg(s.code), array_agg(length(k.code)))
    FROM core.asset_intake s
    JOIN asset_class k ON k.id = s.asset_class_id
    WHERE s.code IS NOT NULL;

    WITH numbers AS MATERIALIZED (
        -- In the order of the codes, so that two imports cannot wait for each other.
        SELECT k.id, k.prefix, core.take_asset_numbers(k.prefix, k.wanted) AS last_number
        FROM (
            SELECT c.id, core.asset_code_prefix(c.code) AS prefix, count(*)::integer AS wanted
            FROM core.asset_intake s
            JOIN asset_class c ON c.id = s.asset_class_id
            WHERE s.is_new AND s.code IS NULL
            GROUP BY c.id
            ORDER BY 2
            OFFSET 0
        ) k
    ),
    placed AS (
        SELECT
            s.*,
            ST_Transform(s.geom, 3857) AS geom_3857,
            row_number() OVER (PARTITION BY s.asset_class_id, s.code IS NULL ORDER BY s.row_no) AS number
        FROM core.asset_intake s
        WHERE s.is_new
    ),
    celled AS (
        -- On a border the cell with the lower id answers, as in core.cell_at.
        SELECT s.row_no, min(c.id) AS cell_id
        FROM cell c
        JOIN core.asset_intake s ON ST_Intersects(c.geom, core.anchor_of(s.geom))
        WHERE s.is_new
        GROUP BY s.row_no
    )
    INSERT INTO asset (
        code, asset_class_id, name, geom, geom_3857, cell_id, competent_authority_id, owner_id, maintainer_id, state,
        placement, first_date, change_date, source, source_id, source_digest, location_text, note, shape, material,
        attributes, simulated_fields
    )
    SELECT
        coalesce(s.code, n.prefix || lpad((n.last_number + s.number)::text, 16 - length(n.prefix), '0')),
        s.asset_class_id,
        coalesce(s.name, ''),
        s.geom,
        s.geom_3857,
        c.cell_id,
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
    FROM placed s
    LEFT JOIN numbers n ON n.id = s.asset_class_id
    LEFT JOIN celled c ON c.row_no = s.row_no
    -- Along the Hilbert curve, as the heap should lie for tiles; the indexes gain by it too.
    ORDER BY s.geom_3857;
    GET DIAGNOSTICS added = ROW_COUNT;

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
COMMENT ON FUNCTION core.load_assets(text) IS 'Write the batch in core.asset_intake as assets of one data source.';

CREATE FUNCTION core.load_buildings(source_name text) RETURNS TABLE (added bigint, updated bigint)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp SET jit = off
AS $$
BEGIN
    PERFORM core.begin_load();
    INSERT INTO building (
        source, source_id, source_digest, name, address, kind, geom, geom_3857, cell_id, levels, height_m, dwellings,
        households, households_derived, attributes
    )
    SELECT
        source_name,
        s.source_id,
        s.digest,
        coalesce(s.name, ''),
        coalesce(s.address, ''),
        coalesce(s.kind, ''),
        ST_Multi(s.geom),
        ST_Multi(ST_Transform(s.geom, 3857)),
        core.cell_at(ST_PointOnSurface(s.geom)),
        s.levels,
        s.height_m,
        s.dwellings,
        s.households,
        coalesce(s.households_derived, false),
        coalesce(s.attributes, '{}')
    FROM core.building_intake s
    WHERE s.is_new
    ORDER BY ST_Transform(s.geom, 3857);
    GET DIAGNOSTICS added = ROW_COUNT;

    UPDATE building b
    SET
        source_digest = s.digest,
        name = coalesce(s.name, b.name),
        address = coalesce(s.address, b.address),
        kind = coalesce(s.kind, b.kind),
        geom = ST_Multi(s.geom),
        geom_3857 = ST_Multi(ST_Transform(s.geom, 3857)),
        cell_id = core.cell_at(ST_PointOnSurface(s.geom)),
        levels = coalesce(s.levels, b.levels),
        height_m = coalesce(s.height_m, b.height_m),
        dwellings = coalesce(s.dwellings, b.dwellings),
        households = coalesce(s.households, b.households),
        households_derived = coalesce(s.households_derived, b.households_derived),
        attributes = b.attributes || coalesce(s.attributes, '{}'),
        updated_at = now()
    FROM core.building_intake s
    WHERE NOT s.is_new AND b.source = source_name AND b.source_id = s.source_id;
    GET DIAGNOSTICS updated = ROW_COUNT;
    PERFORM core.end_load();
    RETURN NEXT;
END
$$;
COMMENT ON FUNCTION core.load_buildings(text) IS 'Write the batch in core.building_intake as buildings of one data source.';

CREATE FUNCTION core.load_roads(source_name text) RETURNS TABLE (added bigint, updated bigint)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp SET jit = off
AS $$
BEGIN
    PERFORM core.begin_load();
    INSERT INTO road (source, source_id, source_digest, name, name_en, kind, geom, geom_3857, attributes)
    SELECT
        source_name,
        s.source_id,
        s.digest,
        coalesce(s.name, ''),
        coalesce(s.name_en, ''),
        coalesce(s.kind, ''),
        ST_Multi(s.geom),
        ST_Multi(ST_Transform(s.geom, 3857)),
        coalesce(s.attributes, '{}')
    FROM core.road_intake s
    WHERE s.is_new
    ORDER BY ST_Transform(s.geom, 3857);
    GET DIAGNOSTICS added = ROW_COUNT;

    UPDATE road r
    SET
        source_digest = s.digest,
        name = coalesce(s.name, r.name),
        name_en = coalesce(s.name_en, r.name_en),
        kind = coalesce(s.kind, r.kind),
        geom = ST_Multi(s.geom),
        geom_3857 = ST_Multi(ST_Transform(s.geom, 3857)),
        attributes = r.attributes || coalesce(s.attributes, '{}'),
        updated_at = now()
    FROM core.road_intake s
    WHERE NOT s.is_new AND r.source = source_name AND r.source_id = s.source_id;
    GET DIAGNOSTICS updated = ROW_COUNT;
    PERFORM core.end_load();
    RETURN NEXT;
END
$$;
COMMENT ON FUNCTION core.load_roads(text) IS 'Write the batch in core.road_intake as roads of one data source.';
