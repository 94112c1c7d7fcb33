"""Address of the texts for reporters."""

from django.urls import path

from incidents.texts import api

urlpatterns = [path("response-texts", api.ResponseTexts.as_view(), name="response-texts")]
