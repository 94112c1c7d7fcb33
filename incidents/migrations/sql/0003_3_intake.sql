-- One call takes a report in: number, place, asset, worker, first step, and the answer for a repeated call.

CREATE SEQUENCE incident_number MINVALUE 1 MAXVALUE 999999 CYCLE;
COMMENT ON SEQUENCE incident_number IS 'Last six digits of an incident''s number. Gaps are allowed; it starts anew after a million.';

-- The day is the city's own.
CREATE FUNCTION core.new_incident_number(moment timestamptz) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = public, pg_temp
AS $$
BEGIN
  RETURN to_char(moment AT TIME ZONE core.city_zone(), 'YYYYMMDD') || '-' || lpad(nextval('incident_number')::text, 6, '0');
END
$$;

-- The answer of the intake. It is kept as the details of the first step, so a repeated call gets the same one.
CREATE FUNCTION core.intake_answer(taken incident, has_named_asset boolean) RETURNS jsonb
LANGUAGE plpgsql STABLE
AS $$
DECLARE
  worker record;
  place record;
  asset_code text;
  flags text[] := '{}';
BEGIN
  SELECT coalesce(nullif(u.display_name, ''), u.username) AS name
  INTO worker
  FROM user_account AS u
  WHERE u.id = taken.cell_worker_id;
  SELECT v.name, u.code AS community_code, u.name AS community, s.code AS street_code, s.name AS street
  INTO place
  FROM cell_version AS v
  JOIN grid_unit AS u ON u.id = v.community_id
  LEFT JOIN grid_unit AS s ON s.id = u.parent_id
  WHERE v.id = taken.cell_version_id;
  IF taken.asset_id IS NOT NULL THEN
    SELECT a.code
    INTO asset_code
    FROM asset AS a
    WHERE a.id = taken.asset_id;
  END IF;

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
    'cell', CASE WHEN taken.unit_code <> '' THEN jsonb_build_object('code', taken.unit_code, 'name', place.name) END,
    'community', CASE WHEN taken.unit_code <> '' THEN jsonb_build_object('code', place.community_code, 'name', place.community) END,
    'street', CASE WHEN taken.unit_code <> '' THEN jsonb_build_object('code', place.street_code, 'name', place.street) END,
    'border_cells', to_jsonb(taken.border_unit_codes),
    'asset', CASE WHEN asset_code IS NOT NULL THEN jsonb_build_object('code', asset_code, 'is_guessed', NOT has_named_asset) END,
    'worker', jsonb_build_object(
      'id', taken.cell_worker_id,
      'name', worker.name,
      'level', taken.worker_level,
      'is_substitute', taken.worker_is_substitute
    ),
    'flags', to_jsonb(flags)
  );
END
$$;

-- The first answer to a call that was sent before, or null. The same key with another body is refused.
CREATE FUNCTION core.earlier_answer(asking_client text, key text, hash text) RETURNS jsonb
LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = public, pg_temp
AS $$
DECLARE
  earlier record;
BEGIN
  SELECT i.request_hash, s.details
  INTO earlier
  FROM incident AS i
  JOIN step_taken AS s ON s.incident_id = i.id AND s.move = 'report'
  WHERE i.client = asking_client AND i.idempotency_key = key;
  IF NOT FOUND THEN
    RETURN NULL;
  END IF;
  IF earlier.request_hash <> hash THEN
    RAISE EXCEPTION USING
      ERRCODE = 'unique_violation',
      MESSAGE = 'This idempotency key was used for another report',
      HINT = 'Send a new key with a new report.';
  END IF;
  RETURN earlier.details;
END
$$;

CREATE FUNCTION core.report(
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
    gen_random_uuid(), core.new_incident_number(report.moment), 'REPORTED', place, report.location_text, meant_id, class_id,
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
COMMENT ON FUNCTION core.report IS 'Take a report in: derives number, cell, units, asset and worker, writes the first step. 采集上报';

-- Shifts end, substitutes come and go: open incidents go to whom the duty list names now. An incident handed
-- over by hand stays there until the list names somebody else than it did then. Each UPDATE names the worker
-- it expects, so a hand-over at the same moment is not overwritten.
CREATE FUNCTION core.hand_over_open(moment timestamptz) RETURNS TABLE (number text, from_user_id bigint, to_user_id bigint)
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = public, pg_temp
AS $$
BEGIN
  RETURN QUERY
  WITH roster AS MATERIALIZED (
    SELECT u.unit_code, w.user_id, w.level, w.is_substitute
    FROM (
      SELECT DISTINCT i.unit_code
      FROM incident AS i
      WHERE i.stage IN ('REPORTED', 'FILED', 'DISPATCHED', 'HANDLING', 'HANDLED', 'VERIFIED')
    ) AS u
    CROSS JOIN LATERAL core.cell_worker(u.unit_code, moment) AS w
  ),
  due AS MATERIALIZED (
    SELECT i.id, i.stage, i.cell_worker_id, i.worker_level, i.rostered_id, r.user_id, r.level, r.is_substitute
    FROM incident AS i
    JOIN roster AS r ON r.unit_code = i.unit_code
    WHERE i.stage IN ('REPORTED', 'FILED', 'DISPATCHED', 'HANDLING', 'HANDLED', 'VERIFIED')
      AND (
        i.rostered_id IS DISTINCT FROM r.user_id
        OR (i.cell_worker_id = r.user_id AND (i.worker_level, i.worker_is_substitute) <> (r.level, r.is_substitute))
      )
    ORDER BY i.id
    FOR UPDATE OF i SKIP LOCKED
  ),
  moved AS (
    UPDATE incident AS i
    SET
      cell_worker_id = d.user_id,
      rostered_id = d.user_id,
      worker_level = d.level,
      worker_is_substitute = d.is_substitute,
      holder_id = CASE WHEN i.holder_id IS NOT DISTINCT FROM i.cell_worker_id THEN d.user_id ELSE i.holder_id END
    FROM due AS d
    WHERE i.id = d.id
      AND i.stage = d.stage
      AND i.cell_worker_id = d.cell_worker_id
      AND i.rostered_id IS NOT DISTINCT FROM d.rostered_id
    RETURNING i.id, i.number, i.stage, i.level AS loop_level, d.cell_worker_id AS was_id, d.worker_level AS was_level, d.user_id, d.level, d.is_substitute
  ),
  written AS (
    INSERT INTO step_taken (incident_id, move, from_stage, to_stage, level, actor, taken_at, details)
    SELECT
      m.id, 'hand_over', m.stage, m.stage, m.loop_level, core.actor(), moment,
      jsonb_build_object(
        'reason', CASE WHEN m.level = 'FALLBACK' THEN 'nobody_on_duty' ELSE 'shift_ended' END,
        'from_worker', jsonb_build_object('id', m.was_id, 'level', m.was_level),
        'to_worker', jsonb_build_object('id', m.user_id, 'level', m.level, 'is_substitute', m.is_substitute)
      )
    FROM moved AS m
    WHERE m.was_id <> m.user_id
  )
  SELECT m.number::text, m.was_id, m.user_id
  FROM moved AS m
  WHERE m.was_id <> m.user_id;
END
$$;
COMMENT ON FUNCTION core.hand_over_open(timestamptz) IS 'Give open incidents to whom the duty list names at that moment; called by the clock. 交接';
