"""Photos over HTTP: upload to an asset, list, and the pictures themselves.

Photos of assets are seen by every signed-in user. Any other photo opens only with the token of its address,
which the room that shows it hands to whom it shows it (`assets.photos.actions.url_of`).
"""

import re
from typing import Any

from django.http import FileResponse
from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from assets import editing
from assets.api import asset_named
from assets.cards import AssetPhoto, photos_of
from assets.negotiation import JSONWhateverIsAccepted
from assets.photos.actions import ORIGINAL, add_photo, opens, picture_response
from assets.photos.models import Photo
from assets.serializers import AssetPhotoIn, checked
from geogrid.core.documented import BODY_REFUSED, JSON, answering
from geogrid.core.errors import Forbidden, NotFound
from geogrid.organisations.api import owner_of as signed_in
from geogrid.organisations.models import User
from geogrid.organisations.roles import Action
from grid_units.duties.access import may

UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
SIZE = OpenApiParameter("size", OpenApiTypes.STR, OpenApiParameter.PATH, enum=["small", "large"])
TOKEN = OpenApiParameter(
    "token", OpenApiTypes.STR, description="From the address in a card; good for minutes"
)
PHOTO = OpenApiParameter("public_id", OpenApiTypes.UUID, OpenApiParameter.PATH)


class AssetPhotos(APIView):
    """Photos of one asset."""

    parser_classes = (MultiPartParser,)

    @extend_schema(
        operation_id="listAssetPhotos", responses=answering({(200, JSON): AssetPhoto(many=True)}, 404)
    )
    def get(self, request: Request, code: str) -> Response:
        """The asset's photos, the oldest first."""
        return Response(photos_of(asset_named(code)))

    @extend_schema(
        operation_id="addAssetPhoto",
        request={"multipart/form-data": AssetPhotoIn},
        responses=answering({(201, JSON): AssetPhoto}, *BODY_REFUSED, 404, 413),
    )
    def post(self, request: Request, code: str) -> Response:
        """Add a photo: JPEG, PNG, WebP or HEIC of at most 20 MB."""
        asset = asset_named(code)
        editing.require_at(signed_in(request), asset)
        said = checked(AssetPhotoIn(data=request.data))
        photo = add_photo(
            file=said["file"],
            role=said["role"],
            uploaded_by=signed_in(request),
            at=timezone.now(),
            asset=asset,
        )
        return Response(AssetPhoto(photo).data, status=201)


class SmallerPicture(APIView):
    """A photo as it is shown."""

    content_negotiation_class = JSONWhateverIsAccepted

    @extend_schema(
        operation_id="getPicture",
        parameters=[PHOTO, SIZE, TOKEN],
        responses=answering({(200, "image/jpeg"): OpenApiTypes.BINARY}, 404),
    )
    def get(self, request: Request, public_id: str, size: str) -> FileResponse:
        """The photo without EXIF, upright: `small` (400 pixels) or `large` (1600 pixels)."""
        photo = _photo_named(public_id)
        if size == ORIGINAL or not (photo.asset_id or _has_token(request, photo, size)):
            raise NotFound("There is no such photo.")
        return picture_response(photo, size)


class OriginalPicture(APIView):
    """A photo as it was uploaded, with all that the camera wrote into it."""

    content_negotiation_class = JSONWhateverIsAccepted

    @extend_schema(
        operation_id="getOriginalPicture",
        parameters=[PHOTO, TOKEN],
        responses=answering(
            {
                (200, kind): OpenApiTypes.BINARY
                for kind in ("image/jpeg", "image/png", "image/webp", "image/heif")
            },
            404,
        ),
    )
    def get(self, request: Request, public_id: str) -> FileResponse:
        """The file itself, for who may edit the asset, or was given its address."""
        photo = _photo_named(public_id)
        if not _has_token(request, photo, ORIGINAL):
            if photo.asset is None:
                raise NotFound("There is no such photo.")
            if not _may_edit(signed_in(request), photo):
                raise Forbidden("Only who may edit this asset sees the original.")
        return picture_response(photo, ORIGINAL)


def _photo_named(public_id: str) -> Photo:
    found = None
    if UUID.fullmatch(public_id.lower()):
        found = Photo.objects.select_related("asset__cell").filter(public_id=public_id).first()
    if found is None:
        raise NotFound("There is no such photo.")
    return found


def _has_token(request: Request, photo: Photo, size: str) -> bool:
    return opens(request.query_params.get("token", ""), photo, size)


def _may_edit(user: User, photo: Photo) -> bool:
    asset: Any = photo.asset
    return may(user, Action.EDIT_ASSETS, asset.cell.code if asset.cell else "")
