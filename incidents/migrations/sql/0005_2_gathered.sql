-- Reports that come in together are taken in by one statement.

-- Time-ordered (RFC 9562, version 7), so that the index of a large table grows at its end. 74 bits are random:
-- nobody guesses one, and the time in it is told with the incident anyway.
CREATE FUNCTION core.time_ordered_uuid() RETURNS uuid
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

-- Reports that came in together are taken in together: what a statement costs to begin, and the wait for the
-- disk, are paid once for all of them. Each has its own number, place, asset, worker, step and answer. A
-- report whose (client, idempotency key) is known gets the answer of then; with another body it is refused,
-- without harm to the others. Any other fault refuses the whole call.
CREATE FUNCTION core.report_many(reports jsonb)
RETURNS TABLE (nr integer, is_new boolean, answer jsonb, refusal text)
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = public, pg_temp
-- Plans made anew for each call would cost as much as the work itself.
SET plan_cache_mode = force_generic_plan
-- Whoever waits longer for a row than this is told so; the reports behind it must not stand still.
SET lock_timeout = '5s'
AS $$
#variable_conflict use_column
DECLARE
  zone constant text := core.city_zone();
  taken_nrs integer[] := '{}';
BEGIN
  is_new := true;
  FOR nr, answer IN
  WITH said AS MATERIALIZED (
    SELECT
      r.*,
      ST_SetSRID(ST_MakePoint(r.longitude, r.latitude), 4326) AS point,
      core.new_incident_number(r.moment) AS number
    FROM jsonb_to_recordset(reports) AS r (
      nr integer,
      actor text,
      reporter_id bigint,
      moment timestamptz,
      channel text,
      description text,
      longitude double precision,
      latitude double precision,
      location_text text,
      asset_id bigint,
      asset_class_id bigint,
      event_class_id bigint,
      source_number text,
      found_by_patrol boolean,
      contact_name text,
      contact_phone text,
      contact_email text,
      client text,
      idempotency_key text,
      request_hash text,
      is_simulated boolean
    )
    ORDER BY r.nr
  ),
  placed AS (
    SELECT
      s.*,
      coalesce(s.point, ST_PointOnSurface(named.geom)) AS place,
      coalesce(s.asset_id, near.id) AS meant_id,
      CASE WHEN s.event_class_id IS NULL THEN coalesce(s.asset_class_id, named.asset_class_id) END AS class_id
    FROM said AS s
    LEFT JOIN asset AS named ON named.id = s.asset_id
    LEFT JOIN LATERAL (
      SELECT a.id
      FROM asset AS a
      -- Web Mercator metres are longer than metres on the ground by the cosine of the latitude.
      CROSS JOIN (
        SELECT ST_Transform(s.point, 3857) AS centre, core.asset_reach_m() / cos(radians(s.latitude)) AS reach
      ) AS here
      WHERE s.asset_id IS NULL
        AND a.asset_class_id = s.asset_class_id
        AND a.state <> 'removed'
        AND ST_DWithin(a.geom_3857, here.centre, here.reach)
      ORDER BY ST_Distance(a.geom_3857, here.centre), a.id
      LIMIT 1
    ) AS near ON true
  ),
  taken AS (
    INSERT INTO incident (
      public_id, number, stage, point, geom_3857, unit_code, cell_version_id, border_unit_codes, cell_worker_id,
      rostered_id, holder_id, worker_level, worker_is_substitute, location_text, asset_id, asset_class_id,
      event_class_id, description, channel, source_number, found_by_patrol, level, round, reported_by_id,
      reported_at, is_simulated, client, idempotency_key, request_hash
    )
    SELECT
      core.time_ordered_uuid(),
      p.number,
      'REPORTED',
      p.place,
      ST_Transform(p.place, 3857),
      coalesce(here.code, ''),
      here.version_id,
      coalesce(beyond.codes, '{}'),
      who.user_id,
      who.user_id,
      who.user_id,
      who.level,
      who.is_substitute,
      p.location_text,
      p.meant_id,
      p.class_id,
      p.event_class_id,
      p.description,
      p.channel,
      p.source_number,
      p.found_by_patrol,
      'COMMUNITY',
      1,
      p.reporter_id,
      p.moment,
      p.is_simulated,
      p.client,
      p.idempotency_key,
      p.request_hash
    FROM placed AS p
    -- As core.place_of, for all of them in one plan. On a border the cell with the lower id answers.
    LEFT JOIN LATERAL (
      SELECT c.id, c.code, v.id AS version_id
      FROM cell AS c
      LEFT JOIN cell_version AS v ON v.cell_id = c.id AND upper_inf(v.valid)
      WHERE ST_Intersects(c.geom, p.place)
      ORDER BY c.id
      LIMIT 1
    ) AS here ON true
    LEFT JOIN LATERAL (
      SELECT array_agg(n.code ORDER BY n.distance_m, n.code) AS codes
      FROM core.cells_within(p.place, core.border_reach_m()) AS n
      WHERE n.cell_id IS DISTINCT FROM here.id
    ) AS beyond ON true
    -- Most have a worker of their own cell on duty; for the others the levels above are asked.
    LEFT JOIN LATERAL (
      SELECT d.user_id, d.is_substitute
      FROM core.on_duty_in(here.code, p.moment, zone, (p.moment AT TIME ZONE zone)::date) AS d
      WHERE core.answering_rank(d.role) IS NOT NULL
      ORDER BY core.answering_rank(d.role), d.duty_id
      LIMIT 1
    ) AS own ON true
    CROSS JOIN LATERAL (
      SELECT own.user_id, 'CELL' AS level, own.is_substitute
      WHERE own.user_id IS NOT NULL
      UNION ALL
      SELECT w.user_id, w.level, w.is_substitute
      FROM core.cell_worker(here.code, p.moment) AS w
      WHERE own.user_id IS NULL
    ) AS who
    ON CONFLICT ON CONSTRAINT incident_is_sent_once DO NOTHING
    RETURNING *
  ),
  answered AS MATERIALIZED (
    SELECT
      s.nr,
      t.id,
      t.level,
      s.actor,
      s.reporter_id,
      s.moment,
      s.contact_name,
      s.contact_phone,
      s.contact_email,
      jsonb_build_object(
        'number', t.number,
        'public_id', t.public_id,
        'stage', t.stage,
        'reported_at', t.reported_at,
        'cell', CASE WHEN t.unit_code <> '' THEN jsonb_build_object('code', t.unit_code, 'name', v.name, 'name_en', c.name_en) END,
        'community', CASE WHEN t.unit_code <> '' THEN jsonb_build_object('code', u.code, 'name', u.name, 'name_en', u.name_en) END,
        'street', CASE WHEN t.unit_code <> '' THEN jsonb_build_object('code', above.code, 'name', above.name, 'name_en', above.name_en) END,
        'border_cells', to_jsonb(t.border_unit_codes),
        'asset', CASE WHEN t.asset_id IS NOT NULL THEN jsonb_build_object('code', a.code, 'is_guessed', s.asset_id IS NULL) END,
        'worker', jsonb_build_object(
          'id', t.cell_worker_id,
          'name', coalesce(nullif(w.display_name, ''), w.username),
          'level', t.worker_level,
          'is_substitute', t.worker_is_substitute
        ),
        'flags', to_jsonb(array_remove(
          ARRAY[
            CASE
              WHEN t.point IS NULL THEN 'unlocated'
              WHEN t.unit_code = '' THEN 'outside_the_grid'
            END,
            CASE WHEN t.border_unit_codes <> '{}' THEN 'near_a_border' END,
            CASE WHEN t.worker_is_substitute THEN 'substitute' END,
            CASE
              WHEN t.worker_level = 'FALLBACK' THEN 'nobody_on_duty'
              WHEN t.worker_level <> 'CELL' AND t.unit_code <> '' THEN 'level_above'
            END
          ],
          NULL
        ))
      ) AS answer
    FROM taken AS t
    JOIN said AS s ON s.number = t.number
    JOIN user_account AS w ON w.id = t.cell_worker_id
    LEFT JOIN cell_version AS v ON v.id = t.cell_version_id
    LEFT JOIN cell AS c ON c.id = v.cell_id
    LEFT JOIN grid_unit AS u ON u.id = v.community_id
    LEFT JOIN grid_unit AS above ON above.id = u.parent_id
    LEFT JOIN asset AS a ON a.id = t.asset_id
  ),
  steps AS (
    INSERT INTO step_taken (
      incident_id, move, from_stage, to_stage, level, actor, actor_user_id, taken_at, details
    )
    SELECT n.id, 'report', '', 'REPORTED', n.level, n.actor, n.reporter_id, n.moment, n.answer
    FROM answered AS n
    ORDER BY n.nr
  ),
  contacts AS (
    INSERT INTO incident_contact (incident_id, name, phone, email)
    SELECT n.id, n.contact_name, n.contact_phone, n.contact_email
    FROM answered AS n
    WHERE n.contact_name || n.contact_phone || n.contact_email <> ''
  )
  SELECT n.nr, n.answer
  FROM answered AS n
  LOOP
    taken_nrs := taken_nrs || nr;
    RETURN NEXT;
  END LOOP;

  IF cardinality(taken_nrs) = jsonb_array_length(reports) THEN
    RETURN;
  END IF;
  -- The rest was sent before, or twice in this call.
  RETURN QUERY
  SELECT
    r.nr,
    false,
    CASE WHEN i.request_hash = r.request_hash THEN s.details END,
    CASE WHEN i.request_hash <> r.request_hash THEN 'This idempotency key was used for another report' END
  FROM jsonb_to_recordset(reports) AS r (nr integer, client text, idempotency_key text, request_hash text)
  JOIN incident AS i ON i.client = r.client AND i.idempotency_key = r.idempotency_key
  JOIN step_taken AS s ON s.incident_id = i.id AND s.move = 'report'
  WHERE r.nr <> ALL (taken_nrs);
END
$$;
COMMENT ON FUNCTION core.report_many(jsonb) IS 'Take reports in, each with its number, cell, units, asset, worker and first step. 采集上报';

-- One report, for whoever works in SQL.
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
AS $$
DECLARE
  refusal text;
BEGIN
  SELECT m.is_new, m.answer, m.refusal
  INTO report.is_new, report.answer, refusal
  FROM core.report_many(jsonb_build_array(jsonb_build_object(
    'nr', 1,
    'actor', report.actor,
    'reporter_id', report.reporter_id,
    'moment', report.moment,
    'channel', report.channel,
    'description', report.description,
    'longitude', report.longitude,
    'latitude', report.latitude,
    'location_text', report.location_text,
    'asset_id', report.asset_id,
    'asset_class_id', report.asset_class_id,
    'event_class_id', report.event_class_id,
    'source_number', report.source_number,
    'found_by_patrol', report.found_by_patrol,
    'contact_name', report.contact_name,
    'contact_phone', report.contact_phone,
    'contact_email', report.contact_email,
    'client', report.client,
    'idempotency_key', report.idempotency_key,
    'request_hash', report.request_hash,
    'is_simulated', report.is_simulated
  ))) AS m;
  IF refusal IS NOT NULL THEN
    RAISE EXCEPTION USING
      ERRCODE = 'unique_violation',
      MESSAGE = refusal,
      HINT = 'Send a new key with a new report.';
  END IF;
END
$$;

DROP FUNCTION core.intake_answer, core.earlier_answer;
