from django.apps import AppConfig


class GridUnitsConfig(AppConfig):
    """The territory: district, street, community, cell, and who answers for them."""

    name = "grid_units"
