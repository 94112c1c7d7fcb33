-- What only the grid's own functions may run and write, and what only the application may.
--
-- Functions are the owner's; the application gets EXECUTE on new ones by default and loses it here again.
DO $$
DECLARE
  private_function regprocedure;
  app_only constant regprocedure[] := ARRAY[
    'core.permit_extent_change(text)', 'core.permit_first_load(text)', 'core.permit_renumbering(text)', 'core.open_edition(text)'
  ];
BEGIN
  FOREACH private_function IN ARRAY app_only || ARRAY[
    'core.lock_grid()', 'core.grid_is_writing()', 'core.require_named_action()',
    'core.next_cell_code(text)', 'core.cell_code(text, text, bigint, bigint)',
    'core.fit_cells(bigint[], geometry[], geometry[], bigint[], text[], boolean)', 'core.write_fit(core.grid_fit)',
    'core.keep_versions(bigint[], bigint[], bigint[], geometry[], bigint[])', 'core.rejoin_versions(bigint[], timestamptz)',
    'core.keep_outlines(geometry[], bigint[], geometry[], bigint[])', 'core.rebuild_outlines(bigint[])',
    'core.grid_moment()', 'core.grid_edition()', 'core.put_edition_in_force(text, boolean)'
  ]::regprocedure[] LOOP
    EXECUTE format('REVOKE ALL ON FUNCTION %s FROM PUBLIC', private_function);
    IF to_regrole('geogrid_app') IS NOT NULL THEN
      EXECUTE format('REVOKE ALL ON FUNCTION %s FROM geogrid_app', private_function);
    END IF;
  END LOOP;
  IF to_regrole('geogrid_app') IS NOT NULL THEN
    FOREACH private_function IN ARRAY app_only || 'core.lock_grid()'::regprocedure LOOP
      EXECUTE format('GRANT EXECUTE ON FUNCTION %s TO geogrid_app', private_function);
    END LOOP;
    REVOKE ALL ON core.grid_transaction FROM geogrid_app;
    REVOKE INSERT, UPDATE, DELETE, TRUNCATE ON public.cell_version, public.concordance FROM geogrid_app;
  END IF;
  IF to_regrole('geogrid_gis_reader') IS NOT NULL THEN
    -- Analysts may ask what the grid says of a place; editors are readers too.
    GRANT EXECUTE ON FUNCTION
      core.cell_at(geometry), core.cells_within(geometry, double precision), core.unit_prefixes(text),
      core.code_segments(), core.grid_step(), core.grid_audit()
      TO geogrid_gis_reader;
  END IF;
END
$$;

COMMENT ON FUNCTION core.lock_grid() IS 'Take the one lock of the grid. Whoever locks rows of cell or grid_unit calls this first.';
