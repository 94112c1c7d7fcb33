from django.apps import AppConfig


class DutiesConfig(AppConfig):
    """Memberships (who may do what where) and duties (who answers for which cells, when)."""

    name = "grid_units.duties"
    label = "duties"
