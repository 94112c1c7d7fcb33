from django.apps import AppConfig


class InboundConfig(AppConfig):
    """Reports of other systems, a hotline 12345 say: signed, mapped as data, each once (外部来件)."""

    name = "incidents.inbound"
    label = "inbound"
