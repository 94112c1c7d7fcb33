-- The intake, with less work for each report: plans are kept, what one question can answer is asked once.

-- Time-ordered (RFC 9562, version 7), so that the index of a large table grows at its end. 74 bits are random:
-- nobody guesses one, and the time in it is told with the incident anyway.
CREATE OR REPLACE FUNCTION core.time_ordered_uuid() RETURNS uuid
LANGUAGE sql VOLATILE
AS $$
  SELECT encode(
    set_bit(
      set_bit(
        overlay(
          uuid_send(gen_random_uuid())
          PLACING substring(int8send((extract(epoch FROM clock_timestamp()) * 1000)::bigint) FROM 3)
          FROM 1 FOR 6
        ),
        52, 1
      ),
      53, 1
    ),
    'hex'
  )::uuid
$$;
COMMENT ON FUNCTION core.time_ordered_uuid() IS 'A UUID of version 7 (RFC 9562): milliseconds since 1970, then random bits.';

-- Distances are worked out only where more than one cell comes near.
CREATE OR REPLACE FUNCTION core.place_of(
  place geometry,
  OUT cell_id bigint,
  OUT unit_code text,
  OUT cell_name text,
  OUT cell_version_id bigint,
  OUT border_unit_codes text[]
)
LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = public, pg_temp
SET plan_cache_mode = force_generic_plan
AS $$
DECLARE
  -- In degrees and a little too large, as in core.cells_within.
  reach_y constant double precision := core.border_reach_m() / 110000;
  reach_x constant double precision := core.border_reach_m() / (111000 * cos(radians(least(89, abs(ST_Y(place)) + 0.0001))));
BEGIN
  -- On a border the cell with the lower id answers (core.cell_at).
  SELECT c.id, c.code, c.name, v.id
  INTO place_of.cell_id, place_of.unit_code, place_of.cell_name, place_of.cell_version_id
  FROM cell AS c
  LEFT JOIN cell_version AS v ON v.cell_id = c.id AND upper_inf(v.valid)
  WHERE ST_Intersects(c.geom, place)
  ORDER BY c.id
  LIMIT 1;
  place_of.border_unit_codes := '{}';
  IF EXISTS (
    SELECT
    FROM cell AS c
    WHERE c.geom && ST_Expand(place, reach_x, reach_y)
      AND c.id IS DISTINCT FROM place_of.cell_id
  ) THEN
    SELECT coalesce(array_agg(n.code ORDER BY n.distance_m, n.code), '{}')
    INTO place_of.border_unit_codes
    FROM core.cells_within(place, core.border_reach_m()) AS n
    WHERE n.cell_id IS DISTINCT FROM place_of.cell_id;
  END IF;
END
$$;

CREATE OR REPLACE FUNCTION core.intake_answer(taken incident, has_named_asset boolean) RETURNS jsonb
LANGUAGE plpgsql STABLE
AS $$
DECLARE
  known record;
  flags text[] := '{}';
BEGIN
  SELECT
    coalesce(nullif(p.display_name, ''), p.username) AS worker,
    v.name AS cell,
    u.code AS community_code,
    u.name AS community,
    s.code AS street_code,
    s.name AS street,
    a.code AS asset_code
  INTO known
  FROM user_account AS p
  LEFT JOIN cell_version AS v ON v.id = taken.cell_version_id
  LEFT JOIN grid_unit AS u ON u.id = v.community_id
  LEFT JOIN grid_unit AS s ON s.id = u.parent_id
  LEFT JOIN asset AS a ON a.id = taken.asset_id
  WHERE p.id = taken.cell_worker_id;

  IF taken.point IS NULL THEN
    flags := flags || 'unlocated'::text;
  ELSIF taken.unit_code = '' THEN
    flags := flags || 'outside_the_grid'::text;
  END IF;
  IF cardinality(taken.border_unit_codes) > 0 THEN
    flags := flags || 'near_a_border'::text;
  END IF;
  IF taken.worker_is_substitute THEN
    flags := flags || 'substitute'::text;
  END IF;
  IF taken.worker_level = 'FALLBACK' THEN
    flags := flags || 'nobody_on_duty'::text;
  ELSIF taken.worker_level <> 'CELL' AND taken.unit_code <> '' THEN
    flags := flags || 'level_above'::text;
  END IF;

  RETURN jsonb_build_object(
    'number', taken.number,
    'public_id', taken.public_id,
    'stage', taken.stage,
    'reported_at', taken.reported_at,
    'cell', CASE WHEN taken.unit_code <> '' THEN jsonb_build_object('code', taken.unit_code, 'name', known.cell) END,
    'community', CASE WHEN taken.unit_code <> '' THEN jsonb_build_object('code', known.community_code, 'name', known.community) END,
    'street', CASE WHEN taken.unit_code <> '' THEN jsonb_build_object('code', known.street_code, 'name', known.street) END,
    'border_cells', to_jsonb(taken.border_unit_codes),
    'asset', CASE WHEN known.asset_code IS NOT NULL THEN jsonb_build_object('code', known.asset_code, 'is_guessed', NOT has_named_asset) END,
    'worker', jsonb_build_object(
      'id', taken.cell_worker_id,
      'name', known.worker,
      'level', taken.worker_level,
      'is_substitute', taken.worker_is_substitute
    ),
    'flags', to_jsonb(flags)
  );
END
$$;

CREATE OR REPLACE FUNCTION core.report(
  actor text,
  reporter_id bigint,
  moment timestamptz,
  channel text,
  description text DEFAULT '',
  longitude double precision DEFAULT NULL,
  latitude double precision DEFAULT NULL,
  location_text text DEFAULT '',
  asset_id bigint DEFAULT NULL,
  asset_class_id bigint DEFAULT NULL,
  event_class_id bigint DEFAULT NULL,
  source_number text DEFAULT '',
  found_by_patrol boolean DEFAULT false,
  contact_name text DEFAULT '',
  contact_phone text DEFAULT '',
  contact_email text DEFAULT '',
  client text DEFAULT '',
  idempotency_key text DEFAULT NULL,
  request_hash text DEFAULT '',
  is_simulated boolean DEFAULT false,
  OUT is_new boolean,
  OUT answer jsonb
)
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = public, pg_temp
-- Plans made anew for each report would cost as much as the work itself.
SET plan_cache_mode = force_generic_plan
AS $$
DECLARE
  place geometry := ST_SetSRID(ST_MakePoint(report.longitude, report.latitude), 4326);
  meant_id bigint := report.asset_id;
  class_id bigint := report.asset_class_id;
  taken incident%ROWTYPE;
BEGIN
  PERFORM set_config('geogrid.actor', report.actor, true);
  is_new := false;
  IF report.idempotency_key IS NOT NULL THEN
    answer := core.earlier_answer(report.client, report.idempotency_key, report.request_hash);
    IF answer IS NOT NULL THEN
      RETURN;
    END IF;
  END IF;

  IF meant_id IS NOT NULL THEN
    SELECT
      coalesce(place, ST_PointOnSurface(a.geom)),
      CASE WHEN report.event_class_id IS NULL THEN coalesce(class_id, a.asset_class_id) END
    INTO place, class_id
    FROM asset AS a
    WHERE a.id = meant_id;
  ELSIF class_id IS NOT NULL AND place IS NOT NULL THEN
    -- Web Mercator metres are longer than metres on the ground by the cosine of the latitude.
    SELECT a.id
    INTO meant_id
    FROM asset AS a
    CROSS JOIN (
      SELECT ST_Transform(place, 3857) AS centre, core.asset_reach_m() / cos(radians(ST_Y(place))) AS reach
    ) AS here
    WHERE a.asset_class_id = class_id
      AND a.state <> 'removed'
      AND ST_DWithin(a.geom_3857, here.centre, here.reach)
    ORDER BY ST_Distance(a.geom_3857, here.centre), a.id
    LIMIT 1;
  END IF;

  INSERT INTO incident (
    public_id, number, stage, point, location_text, asset_id, asset_class_id, event_class_id, description, channel,
    source_number, found_by_patrol, level, round, reported_by_id, reported_at, is_simulated, client, idempotency_key,
    request_hash
  )
  VALUES (
    core.time_ordered_uuid(), core.new_incident_number(report.moment), 'REPORTED', place, report.location_text, meant_id, class_id,
    report.event_class_id, report.description, report.channel, report.source_number, report.found_by_patrol, 'COMMUNITY', 1,
    report.reporter_id, report.moment, report.is_simulated, report.client, report.idempotency_key, report.request_hash
  )
  ON CONFLICT ON CONSTRAINT incident_is_sent_once DO NOTHING
  RETURNING * INTO taken;
  IF taken.id IS NULL THEN
    -- The same call came in twice at once, and the other was first.
    answer := core.earlier_answer(report.client, report.idempotency_key, report.request_hash);
    RETURN;
  END IF;

  is_new := true;
  answer := core.intake_answer(taken, report.asset_id IS NOT NULL);
  INSERT INTO step_taken (incident_id, move, from_stage, to_stage, level, actor, actor_user_id, taken_at, details)
  VALUES (taken.id, 'report', '', 'REPORTED', taken.level, report.actor, report.reporter_id, report.moment, answer);
  IF report.contact_name || report.contact_phone || report.contact_email <> '' THEN
    INSERT INTO incident_contact (incident_id, name, phone, email)
    VALUES (taken.id, report.contact_name, report.contact_phone, report.contact_email);
  END IF;
END
$$;
