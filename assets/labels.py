"""QR labels of assets: the random code that hangs in the street for 20 years, and how it is printed."""

import io
import secrets
from datetime import datetime
from typing import Final

import segno
from PIL import Image, ImageDraw, ImageFont

from assets.editing import require_at
from assets.models import Asset, AssetLabel
from geogrid.core.actor import acting_as
from geogrid.core.errors import NotFound
from geogrid.organisations.models import User

CROCKFORD: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
LENGTH: Final = 10
QUIET: Final = 4  # modules of white around the code, which readers need
FOOT: Final = 5  # modules below it, for the text
PIXELS: Final = 12  # of a module in the PNG: about 45 mm at 300 dpi


def label_of(*, asset: Asset, actor: User, at: datetime) -> AssetLabel:
    """The label in use of an asset; made when there is none. Two who ask at once get the same."""
    with acting_as(actor):
        code = "".join(secrets.choice(CROCKFORD) for _ in range(LENGTH))
        if not AssetLabel.objects.in_use().filter(asset=asset).exists():
            AssetLabel.objects.bulk_create(
                [AssetLabel(code=code, asset=asset, made_at=at)], ignore_conflicts=True
            )
        return AssetLabel.objects.in_use().get(asset=asset)


def revoke_label(*, asset: Asset, actor: User, at: datetime) -> None:
    """End the label of an asset: whoever scans it is told nothing. The next one asked for is new.

    Raises:
        Forbidden: when the actor may not edit the asset.
        NotFound: when it has no label in use.
    """
    require_at(actor, asset)
    with acting_as(actor):
        revoked = AssetLabel.objects.in_use().filter(asset=asset).update(revoked_at=at)
    if not revoked:
        raise NotFound("This asset has no label in use.")


def asset_of_label(code: str) -> Asset | None:
    """The asset on which a label hangs; None when it is unknown or revoked.

    Typed by hand, Crockford's letters are forgiving: case does not matter, O is 0, I and L are 1.
    """
    read = code.upper().translate(str.maketrans("OIL", "011"))
    if len(read) != LENGTH or not set(read) <= set(CROCKFORD):
        return None
    label = AssetLabel.objects.in_use().select_related("asset").filter(code=read).first()
    return label.asset if label else None


def as_svg(address: str, text: str) -> bytes:
    """The label as SVG: the QR code of `address`, `text` below it."""
    qr = segno.make(address, error="q", micro=False)
    width = int(qr.symbol_size(border=QUIET)[0])
    out = io.BytesIO()
    qr.save(out, kind="svg", border=QUIET, xmldecl=False, svgns=False, omitsize=True, nl=False)
    height = width + FOOT
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}mm" '
        f'height="{height}mm"><title>{text}</title><rect width="{width}" height="{height}" fill="#fff"/>'
        f'<g>{out.getvalue().decode()}</g><text x="{width / 2}" y="{width + 1}" text-anchor="middle" '
        f'font-family="monospace" font-size="3" textLength="{width - 2 * QUIET}" '
        f'lengthAdjust="spacingAndGlyphs">{text}</text></svg>'
    ).encode()


def as_png(address: str, text: str) -> bytes:
    """The label as PNG, black on white: the QR code of `address`, `text` below it."""
    qr = segno.make(address, error="q", micro=False)
    width = int(qr.symbol_size(scale=PIXELS, border=QUIET)[0])
    code = io.BytesIO()
    qr.save(code, kind="png", scale=PIXELS, border=QUIET)
    label = Image.new("1", (width, width + FOOT * PIXELS), 1)
    with Image.open(code) as drawn:
        label.paste(drawn.convert("1"))
    font = ImageFont.load_default(size=3 * PIXELS)
    ImageDraw.Draw(label).text((width / 2, width), text, fill=0, font=font, anchor="mm")
    out = io.BytesIO()
    label.save(out, "PNG", dpi=(300, 300), optimize=True)
    return out.getvalue()
