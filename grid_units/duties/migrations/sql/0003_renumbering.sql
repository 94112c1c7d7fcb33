-- A unit that gets another code (renumbering, or a cell moved to another community) keeps its people: duties
-- and memberships follow the code. A number is never given again, so old and new codes cannot meet.
CREATE FUNCTION core.duties_follow_code() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
BEGIN
    UPDATE duty_area
    SET unit_code = NEW.code
    WHERE unit_code = OLD.code;
    UPDATE membership
    SET unit_prefix = NEW.code
    WHERE unit_prefix = OLD.code;
    RETURN NULL;
END
$$;

-- z_: after the triggers of the grid, which have the last word about a code.
CREATE TRIGGER z_duties_follow_code
AFTER UPDATE ON cell
FOR EACH ROW WHEN (OLD.code IS DISTINCT FROM NEW.code) EXECUTE FUNCTION core.duties_follow_code();
CREATE TRIGGER z_duties_follow_code
AFTER UPDATE ON grid_unit
FOR EACH ROW WHEN (OLD.code IS DISTINCT FROM NEW.code) EXECUTE FUNCTION core.duties_follow_code();
