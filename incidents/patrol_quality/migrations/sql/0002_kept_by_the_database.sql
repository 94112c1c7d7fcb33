-- What can be seen for how long, and which ways in are citizens'. All figures are ours: rows to be changed.
INSERT INTO patrol_look_back (kind, scheme, code, hours, note)
VALUES
  ('', '', '', 2, 'Where nothing else is listed 其他'),
  ('asset', '', '', 4, 'Objects stay as they are until somebody comes 部件'),
  ('event', '', '0128', 0, 'Noise is not seen 噪音'),
  ('event', '', '0189', 0, 'Noise is not seen 噪音'),
  ('event', '', '0187', 0, 'Only at night, in a flat 光污染'),
  ('event', '', '0194', 0, 'Fume comes and goes 油烟'),
  ('event', '', '0198', 0, 'A matter of papers 违建手续'),
  ('event', '', '0199', 0, 'A matter of papers 产权手续'),
  ('event', '', '0202', 0, 'People who move on 流动散发'),
  ('event', '', '0301', 0, 'Noise is not seen 施工噪音'),
  ('event', '', '0596', 0, 'Over in a moment 高空坠物'),
  ('event', '', '04', 1, 'Stalls and parked things come and go 流动占道'),
  ('event', '', '0505', 4, 'Stays 塌陷'),
  ('event', '', '0113', 4, 'Stays 破损');
COMMENT ON TABLE patrol_look_back IS
  'Hours before a report in which a patrol could have seen such a problem; the longest code listed counts; 0: never. 回看时长';

INSERT INTO citizen_channel (channel, note)
VALUES
  ('citizen', '市民'), ('hotline', '热线'), ('phone', '电话'), ('web', '网页'), ('qr', '扫码'), ('wechat', '微信'),
  ('open311', 'Open311'), ('letter', '来信'), ('visit', '来访'), ('media', '媒体');
COMMENT ON TABLE citizen_channel IS 'Channels by which citizens report: what comes by them is held against patrols. 市民渠道';

COMMENT ON TABLE patrol_judgement IS
  'Whether a patrol should have found what a citizen reported: miss, gap or neither. Late fixes amend it for a week. 漏报判定';
COMMENT ON COLUMN patrol_judgement.way IS 'Track around the nearest pass: [longitude, latitude, Unix seconds]. 轨迹片段';
COMMENT ON COLUMN patrol_judgement.because IS 'Why (incidents/patrol_quality/judging.py). 理由';

-- Whatever deletes an incident takes what was said of it along.
DO $do$
DECLARE
  one record;
BEGIN
  FOR one IN
    SELECT c.conname AS name, pg_get_constraintdef(c.oid) AS definition
    FROM pg_constraint AS c
    WHERE c.contype = 'f' AND c.conrelid = 'patrol_judgement'::regclass AND c.confrelid = 'incident'::regclass
      AND c.conkey = ARRAY[(
        SELECT a.attnum FROM pg_attribute AS a WHERE a.attrelid = 'patrol_judgement'::regclass AND a.attname = 'incident_id'
      )]
  LOOP
    EXECUTE format('ALTER TABLE patrol_judgement DROP CONSTRAINT %I', one.name);
    EXECUTE format(
      'ALTER TABLE patrol_judgement ADD CONSTRAINT %I %s', one.name,
      replace(one.definition, ' DEFERRABLE INITIALLY DEFERRED', ' ON DELETE CASCADE'));
  END LOOP;
END
$do$;

-- What a judgement rests on changes: those that are open are made again.
CREATE FUNCTION core.look_back_changed() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
BEGIN
  UPDATE patrol_judgement SET is_stale = true WHERE NOT is_settled;
  RETURN NULL;
END
$$;
CREATE TRIGGER look_back_changed AFTER INSERT OR UPDATE OR DELETE ON patrol_look_back
FOR EACH STATEMENT EXECUTE FUNCTION core.look_back_changed();

-- The row for all classes is what everything falls back to.
CREATE FUNCTION core.keep_look_back_for_all() RETURNS trigger
LANGUAGE plpgsql
AS $$
BEGIN
  IF old.kind = '' AND (tg_op = 'DELETE' OR new.kind <> '') THEN
    RAISE EXCEPTION USING
      ERRCODE = '23514',
      MESSAGE = 'The row for all classes of patrol_look_back stays: everything that is not listed falls back to it',
      HINT = 'Change its hours instead. 默认行不可删除，可改小时数。';
  END IF;
  RETURN CASE WHEN tg_op = 'DELETE' THEN old ELSE new END;
END
$$;
CREATE TRIGGER look_back_for_all_stays BEFORE UPDATE OR DELETE ON patrol_look_back
FOR EACH ROW EXECUTE FUNCTION core.keep_look_back_for_all();

-- Judgements are the clock's: no other table leads to them, and history is kept of what was amended.
CREATE TABLE patrol_judgement_amended (
  incident_id bigint NOT NULL REFERENCES incident (id) ON DELETE CASCADE,
  amended_at timestamptz NOT NULL,
  verdict_before text NOT NULL,
  because_before text NOT NULL,
  verdict text NOT NULL,
  because text NOT NULL
);
CREATE INDEX patrol_judgement_amended_of ON patrol_judgement_amended (incident_id);
COMMENT ON TABLE patrol_judgement_amended IS 'Judgements that late data or a correction has changed. 判定更正记录';
CREATE FUNCTION core.note_amended_judgement() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
BEGIN
  INSERT INTO patrol_judgement_amended (incident_id, amended_at, verdict_before, because_before, verdict, because)
  VALUES (new.incident_id, new.judged_at, old.verdict, old.because, new.verdict, new.because);
  RETURN NULL;
END
$$;
CREATE TRIGGER judgement_is_amended AFTER UPDATE ON patrol_judgement
FOR EACH ROW WHEN ((old.verdict, old.because) IS DISTINCT FROM (new.verdict, new.because))
EXECUTE FUNCTION core.note_amended_judgement();
DO $$
BEGIN
  IF to_regrole('geogrid_app') IS NOT NULL THEN
    GRANT SELECT ON patrol_judgement_amended TO geogrid_app;
    REVOKE INSERT, UPDATE, DELETE, TRUNCATE ON patrol_judgement_amended FROM geogrid_app;
  END IF;
END
$$;
