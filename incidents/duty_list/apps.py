from django.apps import AppConfig


class DutyListConfig(AppConfig):
    """The duty list: what is filed under which conditions, how fast, and when it may be closed."""

    name = "incidents.duty_list"
    label = "duty_list"
