"""The back office in the place of Django's own admin site."""

from django.contrib.admin.apps import AdminConfig


class OfficeConfig(AdminConfig):
    """Every `admin.register` of every room goes to the office."""

    default_site = "geogrid.site.Office"
