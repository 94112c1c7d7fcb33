"""Addresses of the API of cameras."""

from django.urls import path

from assets.cameras import api

urlpatterns = [
    path("cameras", api.Cameras.as_view(), name="cameras"),
    path("cameras/<str:camera_id>", api.OneCamera.as_view(), name="camera"),
    path("cameras/<str:camera_id>/snapshot", api.CameraSnapshot.as_view(), name="camera-snapshot"),
]
