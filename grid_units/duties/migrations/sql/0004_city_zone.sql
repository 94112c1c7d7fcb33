-- PL/pgSQL keeps the plan; as a plain SQL function it would be planned anew at each call.
CREATE OR REPLACE FUNCTION core.city_zone() RETURNS text
LANGUAGE plpgsql STABLE
AS $$
BEGIN
  RETURN coalesce((SELECT city.zone FROM public.city), 'UTC');
END
$$;
