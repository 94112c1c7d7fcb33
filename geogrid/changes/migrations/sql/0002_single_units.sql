CREATE OR REPLACE FUNCTION core.coarse_units(codes text[]) RETURNS text[]
LANGUAGE plpgsql IMMUTABLE
AS $$
DECLARE
  coarse text[];
  digits int;
BEGIN
  IF codes IS NULL OR cardinality(codes) = 0 THEN
    RETURN '{}';
  END IF;
  -- Most statements of a day touch one unit: nothing to sort out then.
  IF cardinality(codes) = 1 AND codes[1] <> '' THEN
    RETURN codes;
  END IF;
  coarse := ARRAY(SELECT DISTINCT code FROM unnest(codes) AS code WHERE code IS NOT NULL AND code <> '');
  FOREACH digits IN ARRAY ARRAY[12, 9, 6] LOOP
    EXIT WHEN cardinality(coarse) <= 60;
    coarse := ARRAY(SELECT DISTINCT left(code, digits) FROM unnest(coarse) AS code);
  END LOOP;
  RETURN coarse;
END
$$;
