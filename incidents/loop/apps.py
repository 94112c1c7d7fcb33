from django.apps import AppConfig


class LoopConfig(AppConfig):
    """The closed loop of an incident (闭环): work orders, clocks, what was frozen, second persons."""

    name = "incidents.loop"
    label = "loop"
