-- What figures were worked out by stays: a rate names its scheme and version.
CREATE FUNCTION core.keep_evaluation_row() RETURNS trigger
LANGUAGE plpgsql
AS $$
BEGIN
  RAISE EXCEPTION USING
    ERRCODE = '23514',
    CONSTRAINT = tg_argv[0],
    MESSAGE = format('A row of %s stays as it is: figures were worked out by it', tg_table_name),
    HINT = 'Add another version. 考核口径不可修改或删除，请新增版本。';
END
$$;
CREATE TRIGGER indicator_scheme_is_never_changed BEFORE UPDATE OR DELETE ON indicator_scheme
FOR EACH ROW EXECUTE FUNCTION core.keep_evaluation_row('indicator_scheme_is_never_changed');

COMMENT ON TABLE evaluation_fact IS 'What counts of one incident, told by its steps; derived, built anew by the clock. 考核事实';
COMMENT ON TABLE evaluation_day IS 'Measures of a local day by cell, or by community and unit, person, class or channel; derived. 考核日汇总';
COMMENT ON TABLE evaluation_month IS 'Sums of the days of a month. 考核月汇总';
COMMENT ON TABLE indicator_scheme IS 'Named ways of counting, with versions. 考核口径';
