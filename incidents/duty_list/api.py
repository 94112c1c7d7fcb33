"""The duty list over HTTP: searched, imported from Excel, and its packs."""

from typing import Any

from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.exceptions import ValidationError
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from geogrid.core.documented import BODY_REFUSED, JSON, answering
from geogrid.core.errors import Invalid
from geogrid.core.pages import MAX_PAGE, PAGE_SIZE
from geogrid.organisations.roles import Action
from grid_units.duties.access import require
from incidents.api import checked, signed_in
from incidents.duty_list import serializers as shown
from incidents.duty_list.actions import install_pack, is_installed, newest_edition, pack_named, remove_pack
from incidents.duty_list.conditions import ClassKind
from incidents.duty_list.importing import Preview, Target, apply, preview
from incidents.duty_list.models import FilingCondition
from incidents.duty_list.presets import Pack, packs
from incidents.duty_list.sheet import MAX_BYTES


class DutyList(APIView):
    """The duty list."""

    @extend_schema(
        operation_id="listDutyClasses",
        parameters=[
            shown.ListQuery,
            OpenApiParameter("page", OpenApiTypes.INT, description=f"1 to {MAX_PAGE}, fifty classes a page"),
        ],
        responses=answering({200: shown.DutyListOut}, 422),
    )
    def get(self, request: Request) -> Response:
        """Classes with their conditions, by code; found by words in Chinese or English."""
        asked = checked(shown.ListQuery, request.query_params).validated_data
        page = request.query_params.get("page", "1")
        if not page.isascii() or not page.isdecimal() or not 1 <= int(page[:9]) <= MAX_PAGE:
            raise ValidationError({"page": [f"A number from 1 to {MAX_PAGE}."]})
        rows = FilingCondition.objects.all()
        rows = rows.of_edition(asked["edition"]) if "edition" in asked else rows.current()
        if "q" in asked:
            rows = rows.saying(asked["q"])
        if "kind" in asked:
            rows = rows.filter(**{f"{asked['kind']}_class__isnull": False})
        found = _by_class(rows)
        if "code" in asked:
            found = [one for one in found if one["code"].startswith(asked["code"])]
        first = (int(page) - 1) * PAGE_SIZE
        listed = {
            "edition": asked.get("edition") or newest_edition(),
            "count": len(found),
            "page": int(page),
            "pages": max(1, -(-len(found) // PAGE_SIZE)),
            "results": found[first : first + PAGE_SIZE],
        }
        return Response(shown.DutyListOut(listed).data)


def _by_class(rows: Any) -> list[dict[str, Any]]:
    """Conditions gathered by their class, in order of the codes, assets before events."""
    found: dict[tuple[str, str, str, str], dict[str, Any]] = {}
    for row in rows.with_class().order_by("place_in_class", "pk"):
        one = row.of_class
        kind = (ClassKind.ASSET if row.asset_class_id else ClassKind.EVENT).value
        entry = found.setdefault(
            (kind, one.code, one.scheme, one.version),
            {
                "kind": kind,
                "scheme": one.scheme,
                "version": one.version,
                "code": one.code,
                "major_name": one.major_name,
                "major_name_en": one.major_name_en,
                "name": one.name,
                "name_en": one.name_en,
                "conditions": [],
            },
        )
        entry["conditions"].append(row)
    return [found[key] for key in sorted(found)]


class DutyListImport(APIView):
    """A city's own list from Excel."""

    parser_classes = (MultiPartParser,)

    @extend_schema(
        operation_id="importDutyList",
        request={"multipart/form-data": shown.ImportIn},
        responses=answering({(200, JSON): shown.ImportOut}, *BODY_REFUSED, 409, 413),
    )
    def post(self, request: Request) -> Response:
        """What an Excel file of nine columns would change; with `apply`, the change as a new edition."""
        actor = signed_in(request)
        require(actor, Action.KEEP_RULES)
        asked = checked(shown.ImportIn, request.data).validated_data
        sent = asked["file"]
        if sent.size > MAX_BYTES:
            raise Invalid("文件超过 20 MB。The file is larger than 20 MB.", {"file": ["Larger than 20 MB."]})
        data = sent.read()
        target = Target(asked["scheme"], asked["version"], ClassKind(asked["usual_kind"]))
        if not asked["apply"]:
            return Response(shown.ImportOut(_as_shown(preview(data, target), None)).data)
        seen, edition = apply(
            data=data,
            target=target,
            actor=actor,
            at=timezone.now(),
            note=f"导入 Imported: {sent.name}",
            end_gone=asked["end_gone"],
            partial=asked["take_good"],
            expected=asked.get("edition"),
        )
        return Response(shown.ImportOut(_as_shown(seen, edition.number if edition else None)).data)


def _as_shown(seen: Preview, applied: int | None) -> dict[str, Any]:
    plan = seen.plan
    return {
        "edition": seen.edition,
        "applied": applied,
        "sha256": seen.sha256,
        "unchanged": plan.unchanged,
        "new_classes": plan.new_classes,
        "new": plan.new,
        "changed": plan.changed,
        "gone": plan.gone,
        "held": [code for _, code in plan.held],
        "mistakes": plan.mistakes,
        "unknown_units": seen.unknown_units,
    }


def _pack_shown(pack: Pack) -> dict[str, Any]:
    return {
        "slug": pack.slug,
        "name": pack.name,
        "name_en": pack.name_en,
        "classes": len(pack.classes),
        "conditions": sum(len(one.conditions) for one in pack.classes),
        "is_installed": is_installed(pack),
    }


class Packs(APIView):
    """Class packs."""

    @extend_schema(
        operation_id="listClassPacks", responses=answering({(200, JSON): shown.PackOut(many=True)})
    )
    def get(self, request: Request) -> Response:
        """The packs that come along, and whether each is installed."""
        return Response(shown.PackOut([_pack_shown(pack) for pack in packs().values()], many=True).data)


class OnePack(APIView):
    """One class pack: installed and removed as a whole."""

    @extend_schema(
        operation_id="installClassPack",
        request=None,
        responses=answering({(200, JSON): shown.PackOut}, 404, 409),
    )
    def put(self, request: Request, slug: str) -> Response:
        """Bring in its classes and conditions."""
        require(signed_in(request), Action.KEEP_RULES)
        install_pack(slug=slug, actor=signed_in(request), at=timezone.now())
        return Response(shown.PackOut(_pack_shown(pack_named(slug))).data)

    @extend_schema(operation_id="removeClassPack", responses=answering({204: None}, 404))
    def delete(self, request: Request, slug: str) -> Response:
        """Offer its classes no more. What was filed under them keeps its condition."""
        require(signed_in(request), Action.KEEP_RULES)
        remove_pack(slug=slug, actor=signed_in(request), at=timezone.now())
        return Response(status=204)
