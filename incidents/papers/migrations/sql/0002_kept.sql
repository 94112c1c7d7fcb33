-- A letter that was issued is kept as it was.
CREATE TRIGGER letter_is_kept_as_issued BEFORE UPDATE OR DELETE ON incident_letter
FOR EACH STATEMENT EXECUTE FUNCTION core.refuse_change();
COMMENT ON TABLE incident_letter IS 'Reminder letters and supervision notices, issued before the limit passed. 提醒函与督办单';
