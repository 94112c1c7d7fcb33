-- PostgreSQL's parser does not split Chinese, and trigrams need three letters: 井盖 would be found by neither.
-- Pairs of neighbouring letters find every word of two letters and more, in any script.
CREATE FUNCTION core.letter_pairs(words text) RETURNS text[]
LANGUAGE sql IMMUTABLE PARALLEL SAFE STRICT
RETURN ARRAY(
    SELECT DISTINCT substr(lower(words), at, 2)
    FROM generate_series(1, greatest(length(words) - 1, 1)) at
);
COMMENT ON FUNCTION core.letter_pairs(text) IS 'Neighbouring letters, two by two, in small letters. 双字切分';

-- Most assets have no name of their own, and cost nothing here.
CREATE INDEX asset_by_letters_of_name ON asset USING gin (core.letter_pairs(name)) WHERE name <> '';
CREATE INDEX road_by_letters_of_name ON road USING gin (core.letter_pairs(name)) WHERE name <> '';
