-- The truth over time: one version of a cell per period, no hole and no overlap in time, and at every moment
-- the versions then valid are a seamless coverage, because one transaction changes all of them at one moment.

ALTER TABLE public.cell_version
  ADD CONSTRAINT cell_has_one_version_at_a_time
  EXCLUDE USING gist (cell_id WITH =, valid WITH &&);
ALTER TABLE public.cell_version
  ADD CONSTRAINT cell_version_is_valid_for_a_while
  CHECK (NOT isempty(valid) AND lower(valid) IS NOT NULL);
CREATE UNIQUE INDEX cell_version_open
  ON public.cell_version (cell_id)
  WHERE upper_inf(valid);
CREATE INDEX cell_version_by_start
  ON public.cell_version (lower(valid));
CREATE INDEX edition_in_force
  ON public.edition (id)
  WHERE stage = 'in_force';

-- The moment at which everything this transaction does to the grid takes effect. Taken under the lock, and
-- later than every moment before it even when the machine's clock was set back.
CREATE FUNCTION core.grid_moment() RETURNS timestamptz
LANGUAGE plpgsql
AS $$
DECLARE
  known timestamptz;
BEGIN
  SELECT t.moment
  INTO known
  FROM grid_transaction AS t
  WHERE t.xid = pg_current_xact_id();
  IF known IS NULL THEN
    known := greatest(
      clock_timestamp(),
      (SELECT max(lower(v.valid)) FROM cell_version AS v) + interval '1 microsecond'
    );
    UPDATE grid_transaction
    SET moment = known
    WHERE xid = pg_current_xact_id();
  END IF;
  RETURN known;
END
$$;

-- The edition that this transaction writes to: one opened by name, else an automatic one of its author.
CREATE FUNCTION core.grid_edition() RETURNS bigint
LANGUAGE plpgsql
AS $$
DECLARE
  known bigint;
BEGIN
  SELECT t.edition_id
  INTO known
  FROM grid_transaction AS t
  WHERE t.xid = pg_current_xact_id();
  IF known IS NULL THEN
    known := core.put_edition_in_force(core.actor(), true);
  END IF;
  RETURN known;
END
$$;

CREATE FUNCTION core.put_edition_in_force(edition_name text, automatic boolean) RETURNS bigint
LANGUAGE plpgsql
AS $$
DECLARE
  opened bigint;
BEGIN
  UPDATE edition
  SET stage = 'retired'
  WHERE stage = 'in_force';
  INSERT INTO edition (name, stage, is_automatic, author, opened_at)
  VALUES (edition_name, 'in_force', automatic, core.actor(), core.grid_moment())
  RETURNING id INTO opened;
  UPDATE grid_transaction
  SET edition_id = opened
  WHERE xid = pg_current_xact_id();
  RETURN opened;
END
$$;

CREATE FUNCTION core.open_edition(edition_name text) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = core, public, pg_temp
AS $$
BEGIN
  PERFORM require_named_action();
  PERFORM lock_grid();
  RETURN put_edition_in_force(edition_name, false);
END
$$;

COMMENT ON FUNCTION core.open_edition(text) IS 'Open a named edition of the grid; what this transaction changes belongs to it.';

-- Brings the versions of the touched cells up to date. `fitted` holds outlines that are about to be stored
-- with the ids `fitted_ids`; `gone` are cells about to be deleted.
--   edited: touched by the statement itself. The others were only fitted: one that got nothing but corners on
--   its old border keeps its version, which is amended.
CREATE FUNCTION core.keep_versions(
  touched bigint[],
  edited bigint[],
  fitted_ids bigint[],
  fitted geometry[],
  gone bigint[]
) RETURNS void
LANGUAGE plpgsql
AS $$
DECLARE
  step constant double precision := core.grid_step();
  moment timestamptz;
  edition bigint;
  forgotten bigint[];
  closed bigint[];
  amended bigint[];
  opened bigint[];
  recent bigint[];
BEGIN
  SELECT t.moment
  INTO moment
  FROM grid_transaction AS t
  WHERE t.xid = pg_current_xact_id();

  SELECT
    array_agg(d.version_id) FILTER (WHERE d.verdict = 'forget'),
    array_agg(d.version_id) FILTER (WHERE d.verdict IN ('close', 'renew')),
    array_agg(d.version_id) FILTER (WHERE d.verdict IN ('amend', 'rewrite')),
    array_agg(d.version_id) FILTER (WHERE d.verdict = 'rewrite'),
    array_agg(d.cell_id) FILTER (WHERE d.verdict IN ('open', 'renew'))
  INTO forgotten, closed, amended, recent, opened
  FROM (
    SELECT
      t.cell_id, v.id AS version_id,
      CASE
        WHEN v.id IS NULL THEN CASE WHEN NOT now.is_gone THEN 'open' END
        WHEN now.is_gone THEN CASE WHEN lower(v.valid) = moment THEN 'forget' ELSE 'close' END
        WHEN now.is_same AND ST_OrderingEquals(now.shape, v.geom) THEN NULL
        WHEN lower(v.valid) = moment THEN 'rewrite'
        WHEN now.is_same AND t.cell_id <> ALL (edited) AND ST_HausdorffDistance(now.shape, v.geom) <= 2 * step THEN 'amend'
        ELSE 'renew'
      END AS verdict
    FROM unnest(touched) AS t (cell_id)
    LEFT JOIN cell_version AS v ON v.cell_id = t.cell_id AND upper_inf(v.valid)
    LEFT JOIN cell AS c ON c.id = t.cell_id
    LEFT JOIN unnest(fitted_ids, fitted) AS f (id, shape) ON f.id = t.cell_id
    CROSS JOIN LATERAL (
      SELECT
        c.id IS NULL OR t.cell_id = ANY (gone) AS is_gone,
        coalesce(f.shape, c.geom) AS shape,
        (c.code, c.community_id, c.name, c.kind, c.owner_id, c.maintainer_id, c.households)
          IS NOT DISTINCT FROM
          (v.code, v.community_id, v.name, v.kind, v.owner_id, v.maintainer_id, v.households) AS is_same
    ) AS now
  ) AS d;

  IF forgotten IS NOT NULL THEN
    DELETE FROM cell_version
    WHERE id = ANY (forgotten);
  END IF;
  IF closed IS NOT NULL OR opened IS NOT NULL THEN
    moment := core.grid_moment();
    edition := core.grid_edition();
  END IF;
  IF closed IS NOT NULL THEN
    UPDATE cell_version
    SET valid = tstzrange(lower(valid), moment)
    WHERE id = ANY (closed);
  END IF;
  IF opened IS NOT NULL THEN
    INSERT INTO cell_version
      (cell_id, code, community_id, name, kind, owner_id, maintainer_id, households, geom, valid, edition_id, actor)
    SELECT
      c.id, c.code, c.community_id, c.name, c.kind, c.owner_id, c.maintainer_id, c.households,
      coalesce(f.shape, c.geom), tstzrange(moment, NULL), edition, core.actor()
    FROM cell AS c
    LEFT JOIN unnest(fitted_ids, fitted) AS f (id, shape) ON f.id = c.id
    WHERE c.id = ANY (opened);
  END IF;
  IF amended IS NOT NULL THEN
    UPDATE cell_version AS v
    SET
      code = c.code, community_id = c.community_id, name = c.name, kind = c.kind, owner_id = c.owner_id,
      maintainer_id = c.maintainer_id, households = c.households, geom = coalesce(f.shape, c.geom)
    FROM cell AS c
    LEFT JOIN unnest(fitted_ids, fitted) AS f (id, shape) ON f.id = c.id
    WHERE v.id = ANY (amended) AND c.id = v.cell_id;
  END IF;
  IF recent IS NOT NULL THEN
    PERFORM core.rejoin_versions(recent, moment);
  END IF;
END
$$;

-- A split is saved as two statements: the first gives the other half to the neighbours, the second takes it
-- back. A neighbour that ends as it began shall not show a version that says nothing.
CREATE FUNCTION core.rejoin_versions(recent bigint[], moment timestamptz) RETURNS void
LANGUAGE plpgsql
AS $$
DECLARE
  rejoined bigint[];
  shapes geometry[];
BEGIN
  WITH pair AS MATERIALIZED (
    SELECT p.id AS former_id, v.id AS version_id, v.geom
    FROM cell_version AS v
    JOIN cell_version AS p ON p.cell_id = v.cell_id AND upper(p.valid) = moment
    WHERE v.id = ANY (recent)
      AND (v.code, v.community_id, v.name, v.kind, v.owner_id, v.maintainer_id, v.households)
        IS NOT DISTINCT FROM
        (p.code, p.community_id, p.name, p.kind, p.owner_id, p.maintainer_id, p.households)
      AND ST_HausdorffDistance(v.geom, p.geom) <= 2 * core.grid_step()
  ),
  dropped AS (
    DELETE FROM cell_version AS v
    USING pair
    WHERE v.id = pair.version_id
  )
  SELECT array_agg(pair.former_id), array_agg(pair.geom)
  INTO rejoined, shapes
  FROM pair;
  UPDATE cell_version AS v
  SET valid = tstzrange(lower(v.valid), NULL), geom = r.shape
  FROM unnest(rejoined, shapes) AS r (id, shape)
  WHERE v.id = r.id;
END
$$;
