from django.apps import AppConfig


class ClaimsConfig(AppConfig):
    """Who has which case open for work (在办声明), and own lists of the desk."""

    name = "incidents.claims"
    label = "claims"
