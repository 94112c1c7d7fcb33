from django.apps import AppConfig


class OrganisationsConfig(AppConfig):
    """Units, people and their tokens."""

    name = "geogrid.organisations"
    label = "organisations"
