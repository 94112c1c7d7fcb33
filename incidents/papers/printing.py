"""HTML to PDF, offline: nothing is fetched but what is in the page itself."""

import base64
import io
from typing import Any

from django.template.loader import render_to_string
from PIL import Image

from assets.photos.models import Photo
from assets.photos.storage import open_picture

# WeasyPrint takes seconds to load and is needed by few: imported when a paper is printed.


def pdf_of(template: str, context: dict[str, Any]) -> bytes:
    """The PDF of a template. Its pages are A4; fonts are the machine's (a Chinese one is needed)."""
    from weasyprint import HTML
    from weasyprint.urls import URLFetcher

    whole = render_to_string(template, context)
    written: bytes = HTML(string=whole, url_fetcher=URLFetcher(allowed_protocols=("data",))).write_pdf()
    return written


def as_data(photo: Photo) -> str:
    """A photo as a data URL, small enough for paper and without EXIF; empty when its file is gone."""
    try:
        with open_picture(photo, "original") as file, Image.open(file) as picture:
            small = picture.convert("RGB")
            small.thumbnail((900, 900))
            out = io.BytesIO()
            small.save(out, "JPEG", quality=80)
    except (OSError, ValueError):
        return ""
    return "data:image/jpeg;base64," + base64.b64encode(out.getvalue()).decode()
