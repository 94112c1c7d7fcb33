"""The evaluation (考核评价): facts, daily roll-ups, indicators with receipts, hot spots."""

from django.apps import AppConfig


class EvaluationConfig(AppConfig):
    name = "incidents.evaluation"
    label = "evaluation"
