-- Where nobody can be in ten minutes tells where somebody is: told to the live feed and to tiles, with the cells that
-- changed, and there only to those who may see positions in them.
CREATE FUNCTION core.tell_presence() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
BEGIN
  PERFORM core.record_change('presence', tg_op, ARRAY['cells'], '{}', array_agg(n.unit_code::text), ST_Extent(c.geom_3857)::geometry)
  FROM new_rows AS n
  LEFT JOIN cell AS c ON c.id = n.cell_id
  HAVING count(*) > 0;
  RETURN NULL;
END
$$;
CREATE TRIGGER tell_of_insert AFTER INSERT ON presence_of_cell
REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION core.tell_presence();
CREATE TRIGGER tell_of_update AFTER UPDATE ON presence_of_cell
REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION core.tell_presence();

COMMENT ON TABLE presence_rule IS 'How ten-minute presence is counted; one row. 十分钟到达规则';
COMMENT ON TABLE presence_run IS 'When ten-minute presence was counted last; one row. 十分钟到达统计时间';
COMMENT ON TABLE presence_of_cell IS 'Street metres and households that somebody on duty reaches on foot in ten minutes, by cell. 十分钟到达';
COMMENT ON COLUMN presence_of_cell.gaps IS 'Streets that nobody reaches in time. 十分钟到达不了的道路';
INSERT INTO presence_rule (id, minutes, walking_m_per_min, fresh_minutes) VALUES (1, 10, 80, 5);
