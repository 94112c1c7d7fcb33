"""Addresses of cells and units."""

from django.urls import path, register_converter

from grid_units import api


class UnitCode:
    """A code of a unit of any level, so that anything else is no address at all."""

    regex = "[0-9]{4,15}"

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value


register_converter(UnitCode, "unit_code")

urlpatterns = [
    path("cells", api.Cells.as_view(), name="cells"),
    path("cells/<unit_code:code>", api.OneCell.as_view(), name="cell"),
    path("cells/<unit_code:code>/surroundings", api.Surroundings.as_view(), name="cell-surroundings"),
    path("contacts/<unit_code:code>", api.Contacts.as_view(), name="contacts"),
    path("units", api.Units.as_view(), name="units"),
    path("units/<unit_code:code>", api.OneUnit.as_view(), name="unit"),
]
