-- What the calendar and the limits of stages start with (ours), and what must hold for whoever edits them.
INSERT INTO office_window (weekday, opens, closes)
SELECT day, opens, closes
FROM
  generate_series(0, 4) AS day,
  (VALUES ('08:00'::time, '12:00'::time), ('14:00', '18:00')) AS hours (opens, closes);

INSERT INTO clock_policy (
  in_force_from, warn_share, file_limit, dispatch_limit, accept_limit, arrive_limit, verify_limit, close_limit,
  community_phase_limit, joint_phase_limit, note
)
VALUES (
  '2000-01-01 00:00+00', 0.80, '3分钟', '15分钟', '30分钟', '1小时', '4工作时', '2工作时', '3天', '4天', '默认，自定 Default, ours'
);

ALTER TABLE office_window ADD CONSTRAINT office_windows_of_a_weekday_do_not_overlap EXCLUDE USING gist (
  weekday WITH =,
  int4range(
    EXTRACT(EPOCH FROM opens)::integer, COALESCE(EXTRACT(EPOCH FROM closes)::integer, 86400)
  ) WITH &&,
  daterange(valid_from, valid_to) WITH &&
);

CREATE FUNCTION core.keep_clock_policy() RETURNS trigger
LANGUAGE plpgsql
AS $$
BEGIN
  IF old.in_force_from <= now() THEN
    RAISE EXCEPTION USING
      ERRCODE = '23514',
      CONSTRAINT = 'clock_policy_in_force_stays',
      MESSAGE = format('Version %s of the limits of stages is in force and stays as it is: deadlines rest on it', old.version),
      HINT = 'Add a version that begins later. 已生效的方案不能修改，请新增一个以后生效的方案。';
  END IF;
  RETURN CASE WHEN tg_op = 'DELETE' THEN old ELSE new END;
END
$$;
CREATE TRIGGER clock_policy_in_force_stays BEFORE UPDATE OR DELETE ON clock_policy
FOR EACH ROW EXECUTE FUNCTION core.keep_clock_policy();

CREATE FUNCTION core.no_clock_policy_for_the_past() RETURNS trigger
LANGUAGE plpgsql
AS $$
BEGIN
  IF new.in_force_from < now() - interval '1 minute' THEN
    RAISE EXCEPTION USING
      ERRCODE = '23514',
      CONSTRAINT = 'clock_policy_begins_no_earlier_than_now',
      MESSAGE = 'Limits of stages begin now or later: deadlines of the past stay what they were',
      HINT = '环节时限方案不能从过去生效。';
  END IF;
  RETURN new;
END
$$;
CREATE TRIGGER clock_policy_begins_no_earlier_than_now BEFORE INSERT OR UPDATE OF in_force_from ON clock_policy
FOR EACH ROW EXECUTE FUNCTION core.no_clock_policy_for_the_past();

COMMENT ON TABLE office_window IS 'Office hours of a weekday (0: Monday) in the city''s clock time; closes NULL: midnight. 办公时段';
COMMENT ON TABLE calendar_day IS 'Days that differ from the week: holidays and make-up working days. 节假日与调休';
COMMENT ON TABLE calendar_year IS 'Years whose holidays are known; of others every answer says that they are not. 已维护年份';
COMMENT ON TABLE clock_policy IS 'Versions of the limits that stand in no duty list; one in force is never changed. 环节时限方案';
