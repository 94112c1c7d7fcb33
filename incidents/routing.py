"""Which unit is responsible (责任单位): by the asset's units first, by place second."""

from grid_units.models import GridUnit
from incidents.models import Incident


def responsible_unit_id(incident: Incident) -> int | None:
    """Id of the unit to be responsible from filing on, or None when neither asset nor place names one."""
    asset = incident.asset
    if asset is not None:
        named = asset.maintainer_id or asset.owner_id or asset.competent_authority_id
        if named is not None:
            return named
    version = incident.cell_version
    if version is not None and (version.maintainer_id or version.owner_id) is not None:
        return version.maintainer_id or version.owner_id
    code = incident.place_code()
    above = GridUnit.objects.filter(
        code__in=[code[:digits] for digits in range(1, len(code) + 1)], organisation__isnull=False
    )
    return above.order_by("-code").values_list("organisation_id", flat=True).first()
