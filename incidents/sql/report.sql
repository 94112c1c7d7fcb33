SELECT nr, is_new, answer, refusal
FROM core.report_many(%s)
