from django.apps import AppConfig


class PatrolsConfig(AppConfig):
    """Positions of people who carry a device, and the patrols they walk."""

    name = "grid_units.patrols"
    label = "patrols"
