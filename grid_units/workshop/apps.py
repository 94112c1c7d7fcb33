from django.apps import AppConfig


class WorkshopConfig(AppConfig):
    """The grid workshop: drafts of the grid, their review and publishing, old editions."""

    name = "grid_units.workshop"
    label = "workshop"
