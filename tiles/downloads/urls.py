"""Addresses of downloads."""

from django.urls import path

from tiles.downloads import api

urlpatterns = [
    path("downloads", api.Downloads.as_view(), name="downloads"),
    path("downloads/<str:download_id>", api.OneDownload.as_view(), name="download"),
    path("downloads/<str:download_id>/file", api.DownloadFile.as_view(), name="download-file"),
]
