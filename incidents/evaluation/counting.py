"""SQL of the roll-ups, written from the measures: one pass over the facts of the days that changed."""

from incidents.evaluation.measures import MEASURES, Basis

# by: (places of the row, key of the row). Cells have none; the others are kept by community.
DIMENSIONS: dict[str, str] = {
    "cell": "",
    "unit": "unit_key",
    "person": "person_key",
    "class": "class_key",
    "channel": "channel_key",
}
_NAMES = ", ".join(MEASURES)
_SUMS = ", ".join(f"sum(c.{name})" for name in MEASURES)


def counted(measure: str) -> str:
    """The measure as an aggregate over facts `f` at their days `b` (basis, day)."""
    one = MEASURES[measure]
    return f"count(*) FILTER (WHERE b.basis = '{one.basis}' AND {one.holds})"


def _bases() -> str:
    return ", ".join(f"('{basis}', f.{basis})" for basis in Basis)


def count_days() -> str:
    """Insert the counts of `%(days)s` (dates), whose rows are gone. A pass for all dimensions."""
    keys = [key for key in DIMENSIONS.values() if key]
    sets = ["(b.day, f.place_was, f.place_is)"]
    sets += [f"(b.day, f.community_was, f.community_is, f.{key})" for key in keys]
    kinds = " ".join(f"WHEN grouping(f.{key}) = 0 THEN '{by}'" for by, key in DIMENSIONS.items() if key)
    values = ", ".join(f"CASE WHEN grouping(f.{key}) = 0 THEN f.{key} END" for key in keys)
    any_day = " OR ".join(f"f.{basis} = ANY (%(days)s)" for basis in Basis)
    return (
        f"INSERT INTO evaluation_day (by, day, place_was, place_is, key, {_NAMES}) "
        f"SELECT CASE {kinds} ELSE 'cell' END, b.day, "
        "CASE WHEN grouping(f.place_was) = 0 THEN f.place_was ELSE f.community_was END, "
        "CASE WHEN grouping(f.place_is) = 0 THEN f.place_is ELSE f.community_is END, "
        f"coalesce({values}, ''), "
        f"{', '.join(counted(name) for name in MEASURES)} "
        "FROM evaluation_fact AS f "
        f"CROSS JOIN LATERAL (VALUES {_bases()}) AS b (basis, day) "
        f"WHERE ({any_day}) AND b.day = ANY (%(days)s) "
        # Of what never counts as filed only the day of the report and of the rating count.
        f"AND (f.is_filed OR b.basis IN ('{Basis.REPORTED}', '{Basis.RATED}')) "
        f"GROUP BY GROUPING SETS ({', '.join(sets)})"
    )


def count_months() -> str:
    """Insert the sums of the months that begin on `%(months)s`, whose rows are gone."""
    return (
        f"INSERT INTO evaluation_month (by, day, place_was, place_is, key, {_NAMES}) "
        f"SELECT c.by, date_trunc('month', c.day)::date, c.place_was, c.place_is, c.key, {_SUMS} "
        "FROM unnest(%(months)s::date[]) AS m (first) "
        "JOIN evaluation_day AS c ON c.day >= m.first AND c.day < (m.first + interval '1 month')::date "
        "GROUP BY 1, 2, 3, 4, 5"
    )
