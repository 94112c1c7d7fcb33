"""HTTP of downloads: ask, look, cancel, fetch. Each sees their own and no other."""

from typing import Any
from uuid import UUID

from django.http import HttpResponseRedirect
from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from assets.serializers import checked
from geogrid.core.documented import BODY_REFUSED, JSON, answering
from geogrid.core.errors import Conflict, NotFound
from geogrid.organisations.api import owner_of as signed_in
from tiles.downloads import actions, lists, tasks, tickets
from tiles.downloads.formats import WRITINGS, Format
from tiles.downloads.models import Download
from tiles.downloads.serializers import DownloadOut, NewDownloadIn

DOWNLOAD_ID = OpenApiParameter("download_id", OpenApiTypes.UUID, OpenApiParameter.PATH)


def download_of(request: Request, download_id: str) -> Download:
    """The asker's own download of this id.

    Raises:
        NotFound: when they have none.
    """
    try:
        named = UUID(download_id)
    except ValueError:
        named = None
    found = Download.objects.filter(public_id=named, asked_by=signed_in(request)).first() if named else None
    if found is None:
        raise NotFound("You have no such download. 没有该下载任务。")
    return found


class Downloads(APIView):
    """Your downloads."""

    @extend_schema(operation_id="listDownloads", responses=answering({(200, JSON): DownloadOut(many=True)}))
    def get(self, request: Request) -> Response:
        """Your downloads, the newest first."""
        rows: Any = Download.objects.filter(asked_by=signed_in(request)).order_by("-id")[:100]
        return Response(DownloadOut(rows, many=True).data)

    @extend_schema(
        operation_id="createDownload",
        request={JSON: NewDownloadIn},
        responses=answering({(202, JSON): DownloadOut}, *BODY_REFUSED, 409),
    )
    def post(self, request: Request) -> Response:
        """Ask for a layer as a file. A worker makes it; it holds what you may see, and is kept for a day."""
        said = checked(NewDownloadIn(data=request.data))
        query: dict[str, str] = {name: said[name] for name in ("bbox", "datetime", "filter") if name in said}
        if lists.is_list(said["layer"]):
            query = said.get("list", {})
        download = actions.ask(
            layer=said["layer"],
            file_format=Format(said["format"]),
            query=query,
            actor=signed_in(request),
            at=timezone.now(),
        )
        tasks.line_up(download)
        return Response(DownloadOut(download).data, status=202)


class OneDownload(APIView):
    """One of your downloads."""

    @extend_schema(
        operation_id="getDownload",
        parameters=[DOWNLOAD_ID],
        responses=answering({(200, JSON): DownloadOut}, 404),
    )
    def get(self, request: Request, download_id: str) -> Response:
        """How far it is."""
        return Response(DownloadOut(download_of(request, download_id)).data)

    @extend_schema(
        operation_id="cancelDownload", parameters=[DOWNLOAD_ID], responses=answering({204: None}, 404)
    )
    def delete(self, request: Request, download_id: str) -> Response:
        """Stop making it, and remove its file."""
        actions.cancel(download=download_of(request, download_id))
        return Response(status=204)


class DownloadFile(APIView):
    """The file of one of your downloads."""

    @extend_schema(
        operation_id="getDownloadFile",
        parameters=[DOWNLOAD_ID],
        responses=answering(
            {303: OpenApiResponse(description="Where the file is, for five minutes.")}, 404, 409
        ),
    )
    def get(self, request: Request, download_id: str) -> HttpResponseRedirect:
        """Leads to the file, under an address that is good for five minutes."""
        download = download_of(request, download_id)
        if not actions.may_fetch(download, signed_in(request)):
            if download.state == "ready":
                raise Conflict(actions.CHANGED)
            raise Conflict(f"This download is {download.state}. 该下载尚不可用。")
        writing = WRITINGS[Format(download.format)]
        name = f"{download.layer}-{download.asked_at:%Y%m%d-%H%M}.{writing.suffix}"
        ticket = tickets.issue(tickets.Ticket(download.path.name, name, writing.media_type))
        answer = HttpResponseRedirect(f"/files/{name}?ticket={ticket}", status=303)
        answer["Cache-Control"] = "no-store"
        return answer
