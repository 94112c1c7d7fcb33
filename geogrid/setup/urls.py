"""Addresses of the first run."""

from django.urls import path

from geogrid.setup import api

urlpatterns = [
    path("setup", api.Setup.as_view(), name="setup"),
    path("setup/checklist", api.SetupChecklist.as_view(), name="setup-checklist"),
    path("setup/import", api.SetupImport.as_view(), name="setup-import"),
    path("setup/templates/<slug:name>.xlsx", api.Template.as_view(), name="setup-template"),
]
