"""What a phone scans to send its positions here: configuration addresses and their QR codes.

Shown once, when the device is made: each holds the token. Traccar Client reads an https address whose query
holds its settings (its configuration service); OwnTracks reads `owntracks:///config?inline=` with base64 of
its configuration (owntracks.org/booklet/features/remoteconfig). OsmAnd takes a template that is typed in.
"""

import base64
import io
import json
from dataclasses import dataclass
from urllib.parse import urlencode

import segno

INTERVAL_S = 10
DISTANCE_M = 10
QUIET = 4  # modules of white around the code, which readers need


@dataclass(frozen=True)
class Configuration:
    """How one app is told where to send. `qr_svg` is empty where the app reads no QR code."""

    app: str
    address: str
    qr_svg: str


def configurations(origin: str, name: str, token: str) -> list[Configuration]:
    """For each app that can carry this device's token. origin: our address, such as https://city.example."""
    osmand = f"{origin}/positions/osmand"
    settings = {
        "id": token,
        "accuracy": "highest",
        "interval": INTERVAL_S,
        "distance": DISTANCE_M,
        "buffer": "true",
    }
    traccar = f"{osmand}?{urlencode(settings)}"
    inline = {
        "_type": "configuration",
        "mode": 3,  # HTTP
        "url": f"{origin}/positions/owntracks",
        "auth": True,
        "usePassword": True,
        "username": "geogrid",
        "password": token,
        "deviceId": name,
        "monitoring": 2,  # move mode
        "locatorInterval": INTERVAL_S,
        "locatorDisplacement": DISTANCE_M,
    }
    packed = base64.b64encode(json.dumps(inline, separators=(",", ":")).encode()).decode()
    owntracks = f"owntracks:///config?{urlencode({'inline': packed})}"
    # The app fills the places in; it counts speed in metres per second.
    template = (
        f"{osmand}?id={token}&lat={{0}}&lon={{1}}&timestamp={{2}}&hdop={{3}}&altitude={{4}}"
        "&speed={5}&speed_unit=mps&bearing={6}"
    )
    return [
        Configuration("traccar_client", traccar, as_svg(traccar)),
        Configuration("owntracks", owntracks, as_svg(owntracks)),
        Configuration("osmand", template, ""),
    ]


def as_svg(address: str) -> str:
    """The QR code of an address, as SVG."""
    out = io.BytesIO()
    segno.make(address, error="l", micro=False).save(
        out, kind="svg", border=QUIET, xmldecl=False, omitsize=True, nl=False
    )
    return out.getvalue().decode()
