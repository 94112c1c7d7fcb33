"""Addresses of the API of terrain."""

from django.urls import path

from assets.terrain import api

urlpatterns = [
    path("terrain", api.Terrains.as_view(), name="terrains"),
    path("terrain/inundation", api.Inundated.as_view(), name="inundation"),
    path("terrain/depressions", api.Depressions.as_view(), name="depressions"),
    path("terrain/<str:terrain_id>", api.OneTerrain.as_view(), name="terrain"),
    path("terrain/<str:terrain_id>/cancel", api.TerrainCancel.as_view(), name="terrain-cancel"),
    path("terrain/<str:terrain_id>/resume", api.TerrainResume.as_view(), name="terrain-resume"),
]
