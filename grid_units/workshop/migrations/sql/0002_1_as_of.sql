-- The grid as it was, bit for bit.
--
-- A neighbour that gets nothing but a corner on its old border keeps its version, whose outline is amended
-- (keep_versions). The outline it had is kept here, so that the cells of any moment match corner by corner.
CREATE TABLE cell_version_corners (
  version_id bigint NOT NULL REFERENCES cell_version (id) ON DELETE CASCADE,
  until timestamptz NOT NULL,
  geom geometry(Polygon, 4326) NOT NULL,
  PRIMARY KEY (version_id, until)
);
CREATE INDEX cell_version_corners_by_time ON cell_version_corners (until);
COMMENT ON TABLE cell_version_corners IS 'Outlines of versions before corners were added to them, until when. 界址点补录前的界线';

CREATE FUNCTION core.keep_corners() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = core, public, pg_temp
AS $$
DECLARE
  moment constant timestamptz := core.grid_moment();
BEGIN
  IF lower(OLD.valid) < moment THEN
    INSERT INTO cell_version_corners (version_id, until, geom)
    VALUES (OLD.id, moment, OLD.geom)
    ON CONFLICT DO NOTHING;
  END IF;
  RETURN NULL;
END
$$;
REVOKE ALL ON FUNCTION core.keep_corners() FROM PUBLIC;

CREATE TRIGGER keep_corners
AFTER UPDATE OF geom ON cell_version
FOR EACH ROW WHEN (NOT ST_OrderingEquals(OLD.geom, NEW.geom))
EXECUTE FUNCTION core.keep_corners();

CREATE FUNCTION core.cells_at(moment timestamptz)
RETURNS TABLE (
  cell_id bigint, version_id bigint, code text, community_id bigint, name text, kind text, owner_id bigint,
  maintainer_id bigint, households integer, geom geometry
)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
AS $$
  SELECT
    v.cell_id, v.id, v.code::text, v.community_id, v.name::text, v.kind::text, v.owner_id, v.maintainer_id, v.households,
    coalesce(
      (
        SELECT k.geom
        FROM cell_version_corners AS k
        WHERE k.version_id = v.id AND k.until > moment
        ORDER BY k.until
        LIMIT 1
      ),
      v.geom
    )
  FROM cell_version AS v
  WHERE v.valid @> moment
$$;
COMMENT ON FUNCTION core.cells_at(timestamptz) IS 'The cells as they were at a moment, corner by corner. 某时刻的网格';
REVOKE EXECUTE ON FUNCTION core.cells_at(timestamptz) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION core.cells_at(timestamptz) TO geogrid_app;

-- What is kept of drafts and editions is only ever added.
REVOKE UPDATE, DELETE, TRUNCATE ON draft_edit, direct_edit, cell_lineage, restoration FROM geogrid_app;
-- A notice goes with its duty.
REVOKE UPDATE, TRUNCATE ON duty_notice FROM geogrid_app;
REVOKE INSERT, UPDATE, DELETE, TRUNCATE ON regrid_ground, regridded, cell_version_corners FROM geogrid_app;
GRANT SELECT ON cell_version_corners TO geogrid_app;

-- Whoever drew does not approve.
CREATE FUNCTION core.second_person_approves() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
BEGIN
  IF NEW.made_by_id = NEW.approved_by_id
    OR EXISTS (SELECT FROM draft_edit AS e WHERE e.draft_id = NEW.id AND e.author_id = NEW.approved_by_id)
  THEN
    RAISE EXCEPTION USING
      ERRCODE = 'check_violation',
      MESSAGE = format('Draft "%s" cannot be approved by somebody who worked on it', NEW.name),
      HINT = 'Ask a second person.';
  END IF;
  RETURN NEW;
END
$$;
CREATE TRIGGER approved_by_a_second_person
BEFORE INSERT OR UPDATE ON draft
FOR EACH ROW WHEN (NEW.approved_by_id IS NOT NULL)
EXECUTE FUNCTION core.second_person_approves();

-- An approved draft is edited no more: it goes back first.
CREATE FUNCTION core.edited_as_draft() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
BEGIN
  IF NOT EXISTS (SELECT FROM draft AS d WHERE d.id = NEW.draft_id AND d.stage = 'DRAFT') THEN
    RAISE EXCEPTION USING
      ERRCODE = 'check_violation',
      MESSAGE = 'Only a draft that is neither in review nor published can be edited',
      HINT = 'Have it returned first.';
  END IF;
  RETURN NEW;
END
$$;
CREATE TRIGGER edited_as_draft
BEFORE INSERT ON draft_edit
FOR EACH ROW EXECUTE FUNCTION core.edited_as_draft();

-- The other open editors hear of it.
CREATE FUNCTION core.draft_edited() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
BEGIN
  PERFORM core.record_change(
    'draft', TG_OP, array_agg(DISTINCT n.draft_id::text), '{}', array_agg(DISTINCT coalesce(nullif(d.unit_code, ''), core.county_code()))
  )
  FROM new_rows AS n
  JOIN draft AS d ON d.id = n.draft_id;
  RETURN NULL;
END
$$;
CREATE TRIGGER z_draft_edited
AFTER INSERT ON draft_edit
REFERENCING NEW TABLE AS new_rows
FOR EACH STATEMENT EXECUTE FUNCTION core.draft_edited();
