-- What figures were worked out by stays: a rate names its scheme and version, a sheet its weights.
CREATE FUNCTION core.keep_evaluation_row() RETURNS trigger
LANGUAGE plpgsql
AS $$
BEGIN
  RAISE EXCEPTION USING
    ERRCODE = '23514',
    CONSTRAINT = tg_argv[0],
    MESSAGE = format('A row of %s stays as it is: figures were worked out by it', tg_table_name),
    HINT = 'Add another version. 考核口径、权重与已冻结的考核表不可修改或删除，请新增版本。';
END
$$;
CREATE TRIGGER indicator_scheme_is_never_changed BEFORE UPDATE OR DELETE ON indicator_scheme
FOR EACH ROW EXECUTE FUNCTION core.keep_evaluation_row('indicator_scheme_is_never_changed');
CREATE TRIGGER score_weights_are_never_changed BEFORE UPDATE OR DELETE ON score_weights
FOR EACH ROW EXECUTE FUNCTION core.keep_evaluation_row('score_weights_are_never_changed');
CREATE TRIGGER score_sheet_is_frozen BEFORE UPDATE OR DELETE ON score_sheet
FOR EACH ROW EXECUTE FUNCTION core.keep_evaluation_row('score_sheet_is_frozen');

-- An appeal is answered once.
CREATE FUNCTION core.keep_score_appeal() RETURNS trigger
LANGUAGE plpgsql
AS $$
BEGIN
  IF tg_op = 'UPDATE' AND old.verdict = 'pending'
    AND (old.sheet_id, old.key, old.reason, old.asked_by_id, old.asked_at)
      = (new.sheet_id, new.key, new.reason, new.asked_by_id, new.asked_at) THEN
    RETURN new;
  END IF;
  RAISE EXCEPTION USING
    ERRCODE = '23514',
    CONSTRAINT = 'score_appeal_is_answered_once',
    MESSAGE = 'An appeal stays as it was made and answered',
    HINT = 'Make another one. 申诉及答复不可修改。';
END
$$;
CREATE TRIGGER score_appeal_is_answered_once BEFORE UPDATE OR DELETE ON score_appeal
FOR EACH ROW EXECUTE FUNCTION core.keep_score_appeal();

COMMENT ON TABLE evaluation_fact IS 'What counts of one incident, told by its steps; derived, built anew by the clock. 考核事实';
COMMENT ON TABLE evaluation_day IS 'Measures of a local day by cell, or by community and unit, person, class or channel; derived. 考核日汇总';
COMMENT ON TABLE evaluation_month IS 'Sums of the days of a month. 考核月汇总';
COMMENT ON TABLE indicator_scheme IS 'Named ways of counting, with versions. 考核口径';
COMMENT ON TABLE score_weights IS 'What a monthly score is made of. 考核权重';
COMMENT ON TABLE score_sheet IS 'Scores of a month, frozen with their hash. 月度考核表';
COMMENT ON TABLE score_appeal IS 'Objections to lines of a frozen sheet, with their answers. 考核申诉';
