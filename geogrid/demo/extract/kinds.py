"""What becomes of which OpenStreetMap object: one row here is one shapefile of the demo city."""

from dataclasses import dataclass, field

from geogrid.demo.extract.osm import AREAS, LINES, POINTS

ANY = "*"
"""Stands for every value of a key."""


@dataclass(frozen=True)
class Kind:
    """One shapefile and the tags that select its rows.

    An object goes into the first file of its layer and group that selects it, so a lamp that carries a
    traffic sign is a lamp, and nothing stands on the map twice.
    """

    file: str
    layer: str
    select: tuple[tuple[str, str], ...]
    """(key, value) pairs, any of which selects; the first that does is written as `tag`."""
    fields: dict[str, str] = field(default_factory=dict)
    """Field of the shapefile (at most 10 characters) -> OpenStreetMap key, beside the `COMMON` ones."""
    group: str = "assets"

    def tag_of(self, tags: dict[str, str]) -> tuple[str, str] | None:
        """The pair that selects an object with these tags, its value spelled out, or None."""
        for key, value in self.select:
            if key in tags and value in (ANY, tags[key]):
                return key, tags[key]
        return None

    @property
    def query(self) -> str:
        """The selection as a condition that a person can repeat, with the layer it is put to."""
        return f"{self.layer}: " + " or ".join(f"{key}={value}" for key, value in self.select)


COMMON = {
    "name": "name",
    "name_sv": "name:sv",
    "name_en": "name:en",
    "operator": "operator",
    "owner": "owner",
    "ref": "ref",
    "start_date": "start_date",
}

FURNITURE = (
    ("highway", "bus_stop"),
    ("railway", "tram_stop"),
    ("highway", "traffic_signals"),
    ("amenity", "bench"),
    ("amenity", "waste_basket"),
    ("amenity", "waste_disposal"),
    ("amenity", "recycling"),
    ("amenity", "ashtray"),
    ("amenity", "bicycle_parking"),
    ("amenity", "bicycle_rental"),
    ("amenity", "motorcycle_parking"),
    ("amenity", "parking"),
    ("amenity", "vending_machine"),
    ("amenity", "post_box"),
    ("amenity", "toilets"),
    ("amenity", "charging_station"),
    ("amenity", "taxi"),
    ("amenity", "clock"),
    ("amenity", "fountain"),
    ("amenity", "life_ring"),
    ("emergency", "lifebuoy"),
    ("emergency", "life_ring"),
    ("man_made", "surveillance"),
    ("highway", "speed_camera"),
    ("man_made", "utility_pole"),
    ("man_made", "flagpole"),
    ("power", "box"),
    ("power", "cable_distribution_cabinet"),
    ("man_made", "street_cabinet"),
    ("man_made", "monitoring_station"),
    ("man_made", "advertising"),
    ("advertising", ANY),
    ("information", "board"),
    ("barrier", "bollard"),
    ("barrier", "block"),
    ("tourism", "artwork"),
    ("amenity", "artwork"),
    ("historic", "memorial"),
    ("historic", "monument"),
    ("leisure", "fitness_station"),
    ("traffic_signals", "signal"),
    ("traffic_signals", "controller"),
)

KINDS = (
    Kind("lamps", POINTS, (("highway", "street_lamp"),), {"sign": "traffic_sign", "lamp_type": "lamp_type"}),
    Kind(
        "manholes",
        POINTS,
        (("manhole", ANY),),
        {
            "manhole": "manhole",
            "diameter": "diameter",
            "hole_diam": "hole:diameter",
            "hole_shape": "hole:shape",
            "label": "label",
            "mark_shape": "marker:shape",
            "mark_label": "marker:label",
            "dir_ref": "dir_ref",
            "pressure": "pressure",
            "decoration": "decoration",
        },
    ),
    Kind(
        "hydrants",
        POINTS,
        (("emergency", "fire_hydrant"),),
        {"type": "fire_hydrant:type", "diameter": "diameter"},
    ),
    Kind(
        "trees",
        POINTS,
        (("natural", "tree"),),
        {
            "leaf_type": "leaf_type",
            "leaf_cycle": "leaf_cycle",
            "denotation": "denotation",
            "genus": "genus",
            "species": "species",
            "circumf": "circumference",
        },
    ),
    Kind(
        "furniture",
        POINTS,
        FURNITURE,
        {
            "vending": "vending",
            "capacity": "capacity",
            "shelter": "shelter",
            "backrest": "backrest",
            "material": "material",
            "cam_type": "camera:type",
            "cam_mount": "camera:mount",
            "artist": "artist_name",
            "art_type": "artwork_type",
            "cabinet": "street_cabinet",
            "park_zone": "parking:ticket:zone",
            "height": "height",
            "level": "level",
        },
    ),
    Kind(
        "signs",
        POINTS,
        (("traffic_sign", ANY),),
        {
            "sign": "traffic_sign",
            "sign_2": "traffic_sign:2",
            "sign_3": "traffic_sign:3",
            "sign_4": "traffic_sign:4",
            "location": "location",
            "temporary": "temporary",
        },
    ),
    Kind(
        "barriers",
        LINES,
        (
            ("barrier", "guard_rail"),
            ("barrier", "railing"),
            ("barrier", "retaining_wall"),
            ("barrier", "kerb"),
        ),
        {"material": "material", "height": "height"},
    ),
    Kind(
        "facilities",
        AREAS,
        (
            ("amenity", "parking"),
            ("amenity", "bicycle_parking"),
            ("amenity", "toilets"),
            ("amenity", "fountain"),
            ("leisure", "playground"),
            ("leisure", "fitness_station"),
        ),
        {"capacity": "capacity", "surface": "surface", "parking": "parking", "access": "access"},
    ),
    Kind(
        "buildings",
        AREAS,
        (("building", ANY),),
        {
            "building": "building",
            "levels": "building:levels",
            "height": "height",
            "street": "addr:street",
            "housenum": "addr:housenumber",
            "postcode": "addr:postcode",
            "amenity": "amenity",
            "office": "office",
            "tourism": "tourism",
            "shop": "shop",
            "leisure": "leisure",
        },
        group="buildings",
    ),
    Kind(
        "roads",
        LINES,
        (("highway", ANY),),
        {
            "kind": "highway",
            "oneway": "oneway",
            "foot": "foot",
            "bicycle": "bicycle",
            "footway": "footway",
            "service": "service",
            "surface": "surface",
            "lit": "lit",
            "maxspeed": "maxspeed",
            "tunnel": "tunnel",
            "bridge": "bridge",
            "layer": "layer",
        },
        group="roads",
    ),
    Kind(
        "railways",
        LINES,
        (("railway", "rail"), ("railway", "tram"), ("railway", "subway")),
        {"kind": "railway", "tunnel": "tunnel", "bridge": "bridge", "layer": "layer"},
        group="railways",
    ),
    Kind("coast", LINES, (("natural", "coastline"),), group="coast"),
    Kind(
        "landuse",
        AREAS,
        (("landuse", ANY), ("leisure", ANY), ("natural", ANY), ("place", "square"), ("amenity", "school")),
        {
            "landuse": "landuse",
            "leisure": "leisure",
            "natural": "natural",
            "surface": "surface",
            "layer": "layer",
        },
        group="landuse",
    ),
)
