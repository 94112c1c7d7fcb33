from django.apps import AppConfig


class DuplicatesConfig(AppConfig):
    """Several reports of one problem (重复案件): found, followed, merged, split again."""

    name = "incidents.duplicates"
    label = "duplicates"
