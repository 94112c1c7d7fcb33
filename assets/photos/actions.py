"""What is done with photos. Both rooms that have photos, assets and incidents, call these."""

from datetime import UTC, datetime
from typing import IO, Final

from django.conf import settings
from django.contrib.gis.geos import Point
from django.http import FileResponse

from assets.models import Asset
from assets.photos import storage
from assets.photos.models import Photo, PhotoRole
from assets.photos.pictures import SIZES, NotAPicture, believable, examine
from geogrid.core.actor import acting_as
from geogrid.core.errors import Invalid, NotFound
from geogrid.core.geo import STORAGE_SRID
from geogrid.core.models import the_city
from geogrid.core.signing import LIFETIME_S, BadToken, Signer
from geogrid.organisations.models import User

ORIGINAL: Final = "original"
EXTENSIONS: Final = {"image/jpeg": "jpg", "image/png": "png", "image/webp": "webp", "image/heif": "heic"}


def add_photo(
    *,
    file: IO[bytes],
    role: PhotoRole | str,
    uploaded_by: User,
    at: datetime,
    asset: Asset | None = None,
    taken_at: datetime | None = None,
    place: Point | None = None,
) -> Photo:
    """Keep an uploaded photo. Place and time are read from it; what is shown later carries neither.

    Without an asset, whoever calls links the photo to what it belongs to, in the same transaction. taken_at,
    place: where the caller knows better than the picture, as of a fixed camera.

    Raises:
        Invalid: when the file is no photo, broken, or too large; the role is none; or a picture from the air
            does not say where it was taken.
    """
    if role not in set(PhotoRole):
        raise Invalid("There is no such role of a photo.", {"role": [f"Known are: {', '.join(PhotoRole)}."]})
    city = the_city()
    try:
        picture = examine(file, city.timezone if city else UTC)
    except NotAPicture as why:
        raise Invalid(str(why), {"file": [str(why)]}) from None
    where = place or (Point(*picture.place, srid=STORAGE_SRID) if picture.place else None)
    if role == PhotoRole.AERIAL and (where is None or picture.taken_at is None):
        words = "This picture does not say where and when it was taken. 航拍照片缺少位置或时间信息。"
        raise Invalid(words, {"file": [words]})
    with acting_as(uploaded_by):
        storage.keep(picture, file)
        return Photo.objects.create(
            sha256=picture.sha256,
            media_type=picture.media_type,
            bytes=picture.size_bytes,
            width=picture.width,
            height=picture.height,
            role=str(role),
            taken_at=taken_at or believable(picture.taken_at, at),
            place=where,
            uploaded_by=uploaded_by,
            uploaded_at=at,
            asset=asset,
        )


def _signer() -> Signer:
    return Signer("photo", [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS])


def url_of(photo: Photo, size: str = "large", at: datetime | None = None) -> str:
    """Short-lived address of a photo in a size, for whoever may see what it belongs to.

    It stays the same for five minutes and works for another five, so that a browser keeps what it has.
    """
    now = (at or datetime.now(UTC)).timestamp()
    token = _signer().sign(
        {"photo": str(photo.public_id), "size": size}, now=now - now % LIFETIME_S, lifetime_s=2 * LIFETIME_S
    )
    name = ORIGINAL if size == ORIGINAL else f"{size}.jpg"
    return f"/api/photos/{photo.public_id}/{name}?token={token}"


def opens(token: str, photo: Photo, size: str) -> bool:
    """Whether this token was made by `url_of` for this photo in this size, and is not over."""
    try:
        claims = _signer().read(token)
    except BadToken:
        return False
    return claims.get("photo") == str(photo.public_id) and claims.get("size") == size


def picture_response(photo: Photo, size: str) -> FileResponse:
    """The bytes of a photo over HTTP: `small`, `large`, or `original`. The caller has decided who may see it.

    Raises:
        NotFound: when there is no such size, or the file is gone.
    """
    if size not in SIZES and size != ORIGINAL:
        raise NotFound("There is no such size.")
    try:
        content = storage.open_picture(photo, size)
    except FileNotFoundError:
        raise NotFound("The file of this photo is gone.") from None
    media_type = photo.media_type if size == ORIGINAL else "image/jpeg"
    answer = FileResponse(content, content_type=media_type)
    answer["Cache-Control"] = "private, max-age=300"
    answer["ETag"] = f'"{photo.sha256[:32]}-{size}"'
    answer["X-Content-Type-Options"] = "nosniff"
    if size == ORIGINAL:
        name = f"{photo.public_id}.{EXTENSIONS.get(photo.media_type, 'bin')}"
        answer["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer
