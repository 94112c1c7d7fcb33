-- Steps are chained: each row's hash is over the row and the hash before it, incident by incident. The database
-- links them, whoever writes.
--
-- Rows from before have no hash and are not touched. What their hashes would be is worked out when the next step
-- is taken, which thereby binds them; those that take no step any more are sealed by the clock, some at a time.

ALTER TABLE step_taken
  ADD COLUMN prev_hash bytea,
  ADD COLUMN hash bytea;
COMMENT ON COLUMN step_taken.prev_hash IS 'Hash of the step before; null for the first one. 前一环节哈希';
COMMENT ON COLUMN step_taken.hash IS 'SHA-256 over this row and prev_hash (core.step_hash); null in rows from before there were hashes. 哈希';

-- The end of each chain, so that steps cannot be taken away from it unseen. A report alone has no row here.
CREATE TABLE step_chain (
  incident_id bigint PRIMARY KEY REFERENCES incident (id),
  steps integer NOT NULL,
  hash bytea NOT NULL,
  CONSTRAINT step_chain_has_links CHECK (steps > 0)
);
COMMENT ON TABLE step_chain IS 'How many steps an incident has taken, and the hash of the last one. 环节链';
REVOKE INSERT, UPDATE, DELETE, TRUNCATE ON step_chain FROM geogrid_app;

-- Up to which incident the clock has sealed what had no hashes; it ends at the last one of then.
CREATE TABLE step_seal (
  id integer PRIMARY KEY DEFAULT 1,
  sealed_to bigint NOT NULL,
  ends_at bigint NOT NULL,
  CONSTRAINT there_is_one_seal CHECK (id = 1)
);
COMMENT ON TABLE step_seal IS 'Incidents whose steps are older than the chain: how far they are sealed.';
INSERT INTO step_seal (sealed_to, ends_at)
SELECT coalesce(min(i.id), 1) - 1, coalesce(max(i.id), 0)
FROM incident AS i;
REVOKE INSERT, UPDATE, DELETE, TRUNCATE ON step_seal FROM geogrid_app;

CREATE FUNCTION core.step_hash(prev bytea, step step_taken) RETURNS bytea
LANGUAGE sql STABLE
AS $$
  SELECT sha256(
    coalesce(prev, ''::bytea)
    || convert_to(
      jsonb_build_array(
        step.id, step.incident_id, step.move, step.from_stage, step.to_stage, step.level, step.actor,
        step.actor_user_id, (extract(epoch FROM step.taken_at) * 1000000)::bigint, step.note, step.details
      )::text,
      'UTF8'
    )
  )
$$;
COMMENT ON FUNCTION core.step_hash(bytea, step_taken) IS 'SHA-256 over the hash before and what the step says. 环节哈希';

-- The hash of the last step, worked out where it is not stored.
CREATE FUNCTION core.chain_head(of_incident bigint) RETURNS bytea
LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = public, pg_temp
AS $$
DECLARE
  head bytea;
  step step_taken;
BEGIN
  SELECT c.hash INTO head FROM step_chain AS c WHERE c.incident_id = of_incident;
  IF head IS NOT NULL THEN
    RETURN head;
  END IF;
  FOR step IN SELECT s.* FROM step_taken AS s WHERE s.incident_id = of_incident ORDER BY s.id LOOP
    head := coalesce(step.hash, core.step_hash(head, step));
  END LOOP;
  RETURN head;
END
$$;

CREATE FUNCTION core.link_step() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = public, pg_temp
AS $$
DECLARE
  last_id bigint;
  last_hash bytea;
BEGIN
  NEW.prev_hash := NULL;
  IF NEW.from_stage = '' THEN
    -- The first one; that it is the only such one is looked at when the transaction ends.
    NEW.hash := core.step_hash(NULL, NEW);
    RETURN NEW;
  END IF;
  IF current_setting('transaction_isolation') <> 'read committed' THEN
    RAISE EXCEPTION USING
      ERRCODE = 'check_violation',
      MESSAGE = 'Steps are written in transactions that read what is committed',
      HINT = 'Take the isolation level READ COMMITTED, so that the step before is seen.';
  END IF;
  -- One after the other: who waits here sees the step of who was first.
  PERFORM FROM incident AS i WHERE i.id = NEW.incident_id FOR NO KEY UPDATE;
  SELECT s.id, s.hash
  INTO last_id, last_hash
  FROM step_taken AS s
  WHERE s.incident_id = NEW.incident_id
  ORDER BY s.id DESC
  LIMIT 1;
  IF last_id >= NEW.id THEN
    NEW.id := nextval(pg_get_serial_sequence('step_taken', 'id'));
  END IF;
  NEW.prev_hash := coalesce(last_hash, core.chain_head(NEW.incident_id));
  NEW.hash := core.step_hash(NEW.prev_hash, NEW);
  UPDATE step_chain SET steps = steps + 1, hash = NEW.hash WHERE incident_id = NEW.incident_id;
  IF NOT FOUND THEN
    INSERT INTO step_chain (incident_id, steps, hash)
    SELECT NEW.incident_id, count(*) + 1, NEW.hash
    FROM step_taken AS s
    WHERE s.incident_id = NEW.incident_id;
  END IF;
  RETURN NEW;
END
$$;

CREATE TRIGGER step_taken_links_to_the_one_before
BEFORE INSERT ON step_taken
FOR EACH ROW EXECUTE FUNCTION core.link_step();

-- As before, and: an incident is reported once.
CREATE OR REPLACE FUNCTION core.step_matches_incident() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = public, pg_temp
AS $$
DECLARE
  stands record;
  last_stage text;
BEGIN
  SELECT i.number, i.stage
  INTO stands
  FROM incident AS i
  WHERE i.id = NEW.incident_id;
  SELECT s.to_stage
  INTO last_stage
  FROM step_taken AS s
  WHERE s.incident_id = NEW.incident_id
  ORDER BY s.id DESC
  LIMIT 1;
  IF last_stage <> stands.stage THEN
    RAISE EXCEPTION USING
      ERRCODE = 'check_violation',
      MESSAGE = format('The last step of incident %s leads to %s, but the incident is %s', stands.number, last_stage, stands.stage),
      HINT = 'Write the step and change the stage in the same transaction.';
  END IF;
  IF NEW.from_stage = '' AND EXISTS (
    SELECT
    FROM step_taken AS s
    WHERE s.incident_id = NEW.incident_id
      AND s.id < NEW.id
  ) THEN
    RAISE EXCEPTION USING
      ERRCODE = 'check_violation',
      MESSAGE = format('Incident %s was reported already', stands.number),
      HINT = 'A report is the first step and the only one of its kind.';
  END IF;
  RETURN NULL;
END
$$;

-- Seal some incidents whose steps have no hashes. How many were looked at; 0: nothing is left.
CREATE FUNCTION core.seal_old_steps(most integer) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = public, pg_temp
AS $$
DECLARE
  seal step_seal;
  last_looked_at bigint;
  looked_at integer;
BEGIN
  SELECT s.* INTO seal FROM step_seal AS s FOR UPDATE;
  IF seal.sealed_to >= seal.ends_at THEN
    RETURN 0;
  END IF;
  WITH old AS MATERIALIZED (
    SELECT i.id
    FROM incident AS i
    WHERE i.id > seal.sealed_to AND i.id <= seal.ends_at
    ORDER BY i.id
    LIMIT most
    FOR NO KEY UPDATE
  ),
  sealed AS (
    INSERT INTO step_chain (incident_id, steps, hash)
    SELECT o.id, n.steps, core.chain_head(o.id)
    FROM old AS o
    CROSS JOIN LATERAL (SELECT count(*) AS steps FROM step_taken AS s WHERE s.incident_id = o.id) AS n
    WHERE n.steps > 0
    ON CONFLICT DO NOTHING
  )
  SELECT max(o.id), count(*)
  INTO last_looked_at, looked_at
  FROM old AS o;
  UPDATE step_seal SET sealed_to = coalesce(last_looked_at, seal.ends_at);
  RETURN looked_at;
END
$$;
COMMENT ON FUNCTION core.seal_old_steps(integer) IS 'Seal the steps of some incidents from before there were hashes; called by the clock.';
REVOKE EXECUTE ON FUNCTION core.seal_old_steps(integer) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION core.seal_old_steps(integer) TO geogrid_app;

-- Walk the chains of the incidents with ids in (after, until]. The first broken link is told, if there is one.
CREATE FUNCTION core.verify_steps(
  after bigint,
  until bigint,
  OUT incidents bigint,
  OUT steps bigint,
  OUT unsealed bigint,
  OUT broken_incident text,
  OUT broken_step bigint,
  OUT fault text
)
LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = public, pg_temp
AS $$
DECLARE
  old_to constant bigint := (SELECT s.ends_at FROM step_seal AS s);
  one record;
  step step_taken;
  head bytea;
  links integer;
  has_hashes boolean;
BEGIN
  incidents := 0;
  steps := 0;
  unsealed := 0;
  FOR one IN
    SELECT i.id, i.number, i.stage, c.steps, c.hash
    FROM incident AS i
    LEFT JOIN step_chain AS c ON c.incident_id = i.id
    WHERE i.id > after AND i.id <= until
    ORDER BY i.id
  LOOP
    head := NULL;
    links := 0;
    has_hashes := false;
    FOR step IN SELECT s.* FROM step_taken AS s WHERE s.incident_id = one.id ORDER BY s.id LOOP
      links := links + 1;
      fault := CASE
        WHEN (links = 1) <> (step.from_stage = '') THEN 'the first step is not the report, or a later one is'
        WHEN step.hash IS NULL AND (has_hashes OR one.id > old_to) THEN 'this step has no hash'
        WHEN step.hash IS NOT NULL AND step.prev_hash IS DISTINCT FROM head THEN 'this step does not follow the one before it'
        WHEN step.hash IS NOT NULL AND step.hash <> core.step_hash(head, step) THEN 'this step says something else than it said'
      END;
      IF fault IS NOT NULL THEN
        broken_incident := one.number;
        broken_step := step.id;
        RETURN;
      END IF;
      has_hashes := has_hashes OR step.hash IS NOT NULL;
      head := coalesce(step.hash, core.step_hash(head, step));
    END LOOP;
    fault := CASE
      WHEN links = 0 THEN 'there is no step at all'
      WHEN step.to_stage <> one.stage THEN 'the last step leads to another stage than the incident has'
      WHEN one.hash IS NULL AND links > 1 AND has_hashes THEN 'the end of the chain is not kept'
      WHEN one.hash IS NOT NULL AND (one.steps <> links OR one.hash <> head) THEN 'the chain ends elsewhere than it did'
    END;
    IF fault IS NOT NULL THEN
      broken_incident := one.number;
      broken_step := step.id;
      RETURN;
    END IF;
    IF one.hash IS NULL AND NOT has_hashes THEN
      unsealed := unsealed + 1;
    END IF;
    incidents := incidents + 1;
    steps := steps + links;
  END LOOP;
END
$$;
COMMENT ON FUNCTION core.verify_steps(bigint, bigint) IS 'Verify the chained steps of the incidents with ids in (after, until]. 校验环节链';
REVOKE EXECUTE ON FUNCTION core.verify_steps(bigint, bigint) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION core.verify_steps(bigint, bigint) TO geogrid_app;
