-- Row policies: an analyst sees the rows of the own area, everybody else what they saw before.
--
-- Analysts read the columns that the views of schema gis show, and write nothing here: what they may change is
-- written by the triggers of those views. The policies are for all commands all the same, so that a grant
-- somebody gives by hand opens no more than the area.

DO $$
DECLARE
  guarded text;
BEGIN
  FOREACH guarded IN ARRAY ARRAY[
    'cell', 'grid_unit', 'cell_version', 'asset', 'building', 'road', 'incident', 'station', 'datastream',
    'datastream_state', 'waterlogging_point', 'waterlogging_point_station', 'depression', 'patrol'
  ] LOOP
    EXECUTE format('ALTER TABLE public.%I ENABLE ROW LEVEL SECURITY', guarded);
    EXECUTE format(
      'CREATE POLICY everything ON public.%I TO geogrid_app USING (true) WITH CHECK (true)', guarded);
  END LOOP;
END
$$;

CREATE POLICY own_area ON cell TO geogrid_gis_reader
USING (code::text ^@ ANY ((SELECT core.analyst_prefixes())::text[]));

-- The units above are named too: a community without its street says little.
CREATE POLICY own_area ON grid_unit TO geogrid_gis_reader
USING (
  code::text ^@ ANY ((SELECT core.analyst_prefixes())::text[])
  OR EXISTS (SELECT FROM unnest((SELECT core.analyst_prefixes())::text[]) AS p (prefix) WHERE p.prefix ^@ grid_unit.code::text)
);

CREATE POLICY own_area ON cell_version TO geogrid_gis_reader
USING (code::text ^@ ANY ((SELECT core.analyst_prefixes())::text[]));

CREATE POLICY own_area ON asset TO geogrid_gis_reader
USING ((SELECT core.analyst_sees_all()) OR cell_id IN (SELECT core.analyst_cells()));

CREATE POLICY own_area ON building TO geogrid_gis_reader
USING ((SELECT core.analyst_sees_all()) OR cell_id IN (SELECT core.analyst_cells()));

-- An incident whose place is not known is the whole city's.
CREATE POLICY own_area ON incident TO geogrid_gis_reader
USING (
  unit_code::text ^@ ANY ((SELECT core.analyst_prefixes())::text[])
  OR unit_code = '' AND (SELECT core.analyst_sees_all())
);

CREATE POLICY own_area ON road TO geogrid_gis_reader
USING ((SELECT core.analyst_sees_all()) OR ST_Intersects(geom, (SELECT core.analyst_ground())));

CREATE POLICY own_area ON depression TO geogrid_gis_reader
USING ((SELECT core.analyst_sees_all()) OR ST_Intersects(deepest, (SELECT core.analyst_ground())));

CREATE POLICY own_area ON waterlogging_point TO geogrid_gis_reader
USING ((SELECT core.analyst_sees_all()) OR ST_Intersects(place, (SELECT core.analyst_ground())));

CREATE POLICY own_area ON waterlogging_point_station TO geogrid_gis_reader
USING (EXISTS (SELECT FROM waterlogging_point AS w WHERE w.id = waterloggingpoint_id));

CREATE POLICY own_area ON station TO geogrid_gis_reader
USING (EXISTS (SELECT FROM asset AS a WHERE a.id = asset_id));

CREATE POLICY own_area ON datastream TO geogrid_gis_reader
USING (EXISTS (SELECT FROM station AS s WHERE s.id = station_id));

CREATE POLICY own_area ON datastream_state TO geogrid_gis_reader
USING (EXISTS (SELECT FROM datastream AS d WHERE d.id = datastream_id));

-- Only patrols that have ended: nobody is followed live in QGIS.
CREATE POLICY own_area ON patrol TO geogrid_gis_reader
USING (
  ended_at IS NOT NULL
  AND ((SELECT core.analyst_sees_all()) OR duty_id IN (SELECT core.analyst_duties()))
);

-- What the views read. Nothing of people: no contact, no words of reporters, no token, no name.
GRANT SELECT (
  id, code, community_id, name, name_en, kind, use, owner_id, maintainer_id, households, is_derived, geom, area_m2, updated_at
) ON cell TO geogrid_gis_reader;
GRANT SELECT (id, code, level, name, name_en, parent_id, organisation_id, geom)
  ON grid_unit TO geogrid_gis_reader;
GRANT SELECT (id, cell_id, code, community_id, name, kind, owner_id, households, geom, valid, edition_id)
  ON cell_version TO geogrid_gis_reader;
GRANT SELECT (
  id, code, asset_class_id, name, geom, cell_id, competent_authority_id, owner_id, maintainer_id, state, placement,
  first_date, change_date, source, location_text, note, shape, material, updated_at
) ON asset TO geogrid_gis_reader;
GRANT SELECT (
  id, name, address, kind, geom, cell_id, levels, height_m, dwellings, households, households_derived, source, updated_at
) ON building TO geogrid_gis_reader;
GRANT SELECT (id, name, name_en, kind, geom) ON road TO geogrid_gis_reader;
GRANT SELECT (
  id, number, stage, waiting, level, round, point, asset_class_id, event_class_id, channel, found_by_patrol, unit_code,
  responsible_unit_id, reported_at, filed_at, handled_at, closed_at, deadline_at, is_simulated
) ON incident TO geogrid_gis_reader;
GRANT SELECT (id, code, asset_id, name, name_en, is_simulated) ON station TO geogrid_gis_reader;
GRANT SELECT (
  id, station_id, code, phenomenon, name, name_en, unit_symbol, expected_interval_s, stale_after_intervals, is_active
) ON datastream TO geogrid_gis_reader;
GRANT SELECT (datastream_id, last_at, last_value, silent_since, alarm_level)
  ON datastream_state TO geogrid_gis_reader;
GRANT SELECT (id, code, name, name_en, place, bands, note, is_simulated, is_active)
  ON waterlogging_point TO geogrid_gis_reader;
GRANT SELECT (waterloggingpoint_id, station_id) ON waterlogging_point_station TO geogrid_gis_reader;
GRANT SELECT (id, terrain_id, geom, deepest, area_m2, volume_m3, depth_m, deepest_level_m, spill_level_m, at_edge)
  ON depression TO geogrid_gis_reader;
GRANT SELECT (id, name, state) ON terrain TO geogrid_gis_reader;
GRANT SELECT (id, duty_id, started_at, ended_at, track, length_m, driven_m) ON patrol TO geogrid_gis_reader;
GRANT SELECT (id, code, name, name_en, is_active) ON organisation TO geogrid_gis_reader;
GRANT SELECT (
  id, scheme, version, code, major_name, major_name_en, name, name_en, geometry_kind, icon, is_active
) ON asset_class TO geogrid_gis_reader;
GRANT SELECT (id, scheme, version, code, major_name, major_name_en, name, name_en, icon, is_active)
  ON event_class TO geogrid_gis_reader;

GRANT EXECUTE ON FUNCTION
  core.analyst_prefixes(), core.analyst_sees_all(), core.analyst_cells(), core.analyst_ground(), core.analyst_duties(),
  core.duty_unit(bigint)
  TO geogrid_gis_reader;
GRANT EXECUTE ON FUNCTION core.city_zone() TO geogrid_gis_reader;
GRANT SELECT (zone) ON city TO geogrid_gis_reader;

-- The whole grid at one glance counts cells of all streets.
REVOKE EXECUTE ON FUNCTION core.grid_audit() FROM geogrid_gis_reader;

-- Maps ask for boxes in degrees; the boxes of tiles are in metres.
CREATE INDEX incident_by_place ON incident USING gist (point);
CREATE INDEX asset_by_place ON asset USING gist (geom);
