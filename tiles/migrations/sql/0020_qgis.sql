-- What QGIS reads of itself in the database. The schema and its tables are made once and never dropped: analysts
-- may have saved a project of their own beside ours.
CREATE SCHEMA qgis;
COMMENT ON SCHEMA qgis IS 'Projects and default styles of QGIS. QGIS 工程与样式';

-- The shape that QGIS expects of its projects.
CREATE TABLE qgis.qgis_projects (
  name text PRIMARY KEY,
  metadata jsonb NOT NULL,
  content bytea NOT NULL
);
COMMENT ON TABLE qgis.qgis_projects IS 'Projects that QGIS opens from this database. 数据库中的 QGIS 工程';

-- A style by layer and language; public.layer_styles shows them to QGIS under the name this database has.
CREATE TABLE qgis.default_style (
  layer text NOT NULL,
  language text NOT NULL CONSTRAINT default_style_is_in_a_known_language CHECK (language IN ('zh', 'en')),
  has_geometry boolean NOT NULL,
  qml xml NOT NULL,
  updated_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (layer, language)
);
COMMENT ON TABLE qgis.default_style IS 'Styles that QGIS takes when a layer is added by hand. 默认样式';

GRANT USAGE ON SCHEMA qgis TO geogrid_gis_reader, geogrid_app;
GRANT SELECT ON qgis.qgis_projects, qgis.default_style TO geogrid_gis_reader;
GRANT SELECT, INSERT, UPDATE ON qgis.qgis_projects, qgis.default_style TO geogrid_app;
