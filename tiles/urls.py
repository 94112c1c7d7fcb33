"""Addresses of the API of the map."""

from django.urls import path

from tiles import api
from tiles.gis import api as gis
from tiles.qgis import api as qgis

urlpatterns = [
    path("feed-token", api.FeedToken.as_view(), name="feed-token"),
    path("city", api.TheCity.as_view(), name="city"),
    path("layers", api.Layers.as_view(), name="layers"),
    path("search", api.Search.as_view(), name="search"),
    path("gis/access", gis.GisAccess.as_view(), name="gis-access"),
    path("gis/access/all", gis.AllGisAccess.as_view(), name="gis-access-all"),
    path("gis/access/<int:role_id>", gis.OneGisAccess.as_view(), name="gis-access-one"),
    path("qgis/project", qgis.QgisProject.as_view(), name="qgis-project"),
    path("qgis/connections", qgis.QgisConnections.as_view(), name="qgis-connections"),
    path("qgis/service", qgis.QgisService.as_view(), name="qgis-service"),
]
