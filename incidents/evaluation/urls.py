"""Addresses of the evaluation."""

from django.urls import path

from incidents.evaluation import api, api_hot_spots

urlpatterns = [
    path("evaluation/choices", api.EvaluationChoices.as_view(), name="evaluation-choices"),
    path("evaluation/figures", api.EvaluationFigures.as_view(), name="evaluation-figures"),
    path("evaluation/export", api.EvaluationExport.as_view(), name="evaluation-export"),
    path("evaluation/series", api.EvaluationSeries.as_view(), name="evaluation-series"),
    path("evaluation/receipt", api.EvaluationReceipt.as_view(), name="evaluation-receipt"),
    path("evaluation/receipt/cases", api.EvaluationReceiptCases.as_view(), name="evaluation-receipt-cases"),
    path(
        "evaluation/receipt/numbers",
        api.EvaluationReceiptNumbers.as_view(),
        name="evaluation-receipt-numbers",
    ),
    path("evaluation/hot-spots", api_hot_spots.HotSpots.as_view(), name="evaluation-hot-spots"),
    path("evaluation/outlines", api.EvaluationOutlines.as_view(), name="evaluation-outlines"),
]
