"""What writes in the assets room besides single assets (editing.py) and imports: the class catalogue."""

from django.db import transaction

from assets import catalogue
from assets.models import AssetClass


@transaction.atomic
def load_catalogue() -> int:
    """Add the classes of the catalogue that are not there yet; how many were added.

    A class that is there keeps what the city made of it (names, schema, icon, active or not), so loading
    again after an upgrade only adds.
    """
    known = set(
        AssetClass.objects.filter(scheme=catalogue.SCHEME, version=catalogue.VERSION).values_list(
            "code", flat=True
        )
    )
    return len(
        AssetClass.objects.bulk_create(
            AssetClass(
                scheme=catalogue.SCHEME,
                version=catalogue.VERSION,
                code=row.code,
                major_name=row.major_name,
                major_name_en=row.major_name_en,
                name=row.name,
                name_en=row.name_en,
                geometry_kind=row.geometry,
                attributes_schema=row.attributes_schema,
                icon=row.icon,
                origin=row.origin,
            )
            for row in catalogue.asset_classes()
            if row.code not in known
        )
    )
