from django.apps import AppConfig


class PapersConfig(AppConfig):
    """Papers of an incident (文书): case file, reminder letter, supervision notice, as PDF."""

    name = "incidents.papers"
    label = "papers"
