"""Every address that Django answers. Tiles, the live feed and base maps are raw handlers in geogrid/web."""

from django.urls import URLPattern, URLResolver, include, path
from drf_spectacular.views import SpectacularJSONAPIView

from assets.api_labels import open_label
from geogrid.site import office

urlpatterns: list[URLPattern | URLResolver] = [
    path("api/", include("geogrid.setup.urls")),
    path("api/", include("geogrid.organisations.urls")),
    path("api/", include("grid_units.duties.urls")),
    path("api/", include("grid_units.urls")),
    path("api/", include("grid_units.patrols.urls")),
    path("api/", include("grid_units.workshop.urls")),
    path("api/", include("assets.terrain.urls")),
    path("api/", include("assets.cameras.urls")),
    path("api/", include("assets.urls")),
    path("api/", include("assets.seen.urls")),
    path("api/", include("assets.presence.urls")),
    path("api/", include("assets.sensors.urls")),
    path("api/", include("incidents.patrol_quality.urls")),
    path("api/", include("incidents.evaluation.urls")),
    path("api/", include("incidents.loop.urls")),
    path("api/", include("incidents.messages.urls")),
    path("api/", include("incidents.duplicates.urls")),
    path("api/", include("incidents.inbound.urls")),
    path("api/", include("incidents.texts.urls")),
    path("api/", include("incidents.desk.urls")),
    path("api/", include("incidents.papers.urls")),
    path("api/", include("incidents.clocks.urls")),
    path("api/", include("incidents.duty_list.urls")),
    path("api/", include("incidents.responsibility.urls")),
    path("api/", include("incidents.spot_checks.urls")),
    path("api/", include("incidents.urls")),
    path("api/", include("tiles.urls")),
    path("api/", include("tiles.downloads.urls")),
    path("", include("tiles.ogc.urls")),
    path("", include("assets.sensors.sta.urls")),
    path("a/<str:label>", open_label, name="label"),
    path("api/schema", SpectacularJSONAPIView.as_view(), name="schema"),
    path("office/", office.urls),
]

handler400 = "geogrid.core.plain_answers.bad_request"
handler404 = "geogrid.core.plain_answers.not_found"
handler500 = "geogrid.core.plain_answers.went_wrong"
