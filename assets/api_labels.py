"""QR labels over HTTP: to print, to revoke, and to scan."""

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils import timezone
from django.views.decorators.http import require_safe
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from assets import labels
from assets.api import asset_named
from assets.negotiation import JSONWhateverIsAccepted
from geogrid.core.documented import answering
from geogrid.organisations.api import owner_of as signed_in

GONE = (
    '<!doctype html><html lang="en"><meta charset="utf-8"><title>GeoGrid</title>'
    '<p lang="zh">此标签未知或已作废。</p><p>This label is unknown or was revoked.</p></html>'
)


def address_of(request: HttpRequest, label_code: str) -> str:
    """What a label's QR code says: the city's public address where it is set, else the one asked at."""
    base = settings.PUBLIC_URL or request.build_absolute_uri("/").rstrip("/")
    return f"{base}/a/{label_code}"


class _Label(APIView):
    """The label of one asset, ready to print."""

    content_negotiation_class = JSONWhateverIsAccepted

    def address(self, request: Request, code: str) -> str:
        """The address on the label of this asset; the first time, the label is made."""
        label = labels.label_of(asset=asset_named(code), actor=signed_in(request), at=timezone.now())
        return address_of(request._request, label.code)

    @staticmethod
    def picture(content: bytes, media_type: str) -> HttpResponse:
        return HttpResponse(content, content_type=media_type, headers={"Cache-Control": "no-store"})


class LabelSVG(_Label):
    """The label as SVG."""

    @extend_schema(
        operation_id="getAssetLabelSVG",
        responses=answering({(200, "image/svg+xml"): OpenApiTypes.STR}, 404),
    )
    def get(self, request: Request, code: str) -> HttpResponse:
        """The QR label with the asset's code, as SVG."""
        return self.picture(labels.as_svg(self.address(request, code), code), "image/svg+xml")


class LabelPNG(_Label):
    """The label as PNG."""

    @extend_schema(
        operation_id="getAssetLabelPNG",
        responses=answering({(200, "image/png"): OpenApiTypes.BINARY}, 404),
    )
    def get(self, request: Request, code: str) -> HttpResponse:
        """The QR label with the asset's code, as PNG."""
        return self.picture(labels.as_png(self.address(request, code), code), "image/png")


class Label(APIView):
    """The label in use of one asset."""

    @extend_schema(operation_id="revokeAssetLabel", request=None, responses=answering({204: None}, 404))
    def delete(self, request: Request, code: str) -> Response:
        """Revoke the label: scanned, it leads nowhere. The next one printed is new."""
        labels.revoke_label(asset=asset_named(code), actor=signed_in(request), at=timezone.now())
        return Response(status=204)


@require_safe
@login_required
def open_label(request: HttpRequest, label: str) -> HttpResponse:
    """Where a scanned label leads: the asset on the map. A stranger logs in first."""
    asset = labels.asset_of_label(label)
    if asset is None:
        return HttpResponse(GONE, status=404)
    return HttpResponseRedirect(f"/#pick=asset:{asset.code}")
