-- Rights that end, end: whoever loses a membership gets a new permission epoch, and signed tokens of the
-- time before are refused. A membership that runs out by its own period needs none: tokens live 5 minutes.
CREATE FUNCTION core.end_rights() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
BEGIN
    UPDATE user_account
    SET permission_epoch = permission_epoch + 1
    WHERE id IN (SELECT old_rows.user_id FROM old_rows);
    RETURN NULL;
END
$$;
CREATE TRIGGER rights_end_on_update
AFTER UPDATE ON membership
REFERENCING OLD TABLE AS old_rows
FOR EACH STATEMENT EXECUTE FUNCTION core.end_rights();
CREATE TRIGGER rights_end_on_delete
AFTER DELETE ON membership
REFERENCING OLD TABLE AS old_rows
FOR EACH STATEMENT EXECUTE FUNCTION core.end_rights();
