"""Duplicates over HTTP: what is like a report, who follows, merging and splitting."""

from typing import Any

from django.db import transaction
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from geogrid.core.documented import answering
from geogrid.core.errors import NotFound
from geogrid.organisations.models import User
from geogrid.organisations.roles import Action
from grid_units.duties.access import may, require
from incidents.api import checked, incident_for, signed_in
from incidents.duplicates import actions
from incidents.duplicates import serializers as asked
from incidents.duplicates.candidates import candidates, merged_here, merged_into, reach_of, told_by
from incidents.duplicates.models import Merge
from incidents.loop.api import KEY, once
from incidents.models import UNFINISHED_VALUES, Incident
from incidents.viewer import Viewer


class Duplicates(APIView):
    """Incidents that could be the same problem."""

    @extend_schema(
        operation_id="listDuplicates",
        parameters=[asked.LikeQuery],
        responses=answering({200: asked.LikesOut}, 422),
    )
    def get(self, request: Request) -> Response:
        """Open and recently closed ones of the class around the place, which this person may see."""
        user = signed_in(request)
        require(user, Action.SEE_INCIDENTS)
        said = checked(asked.LikeQuery, request.query_params).validated_data
        of_class, reach = said["of_class"], reach_of(said["of_class"])
        found = candidates(
            viewer=user,
            of_class=of_class,
            lng=said["lng"],
            lat=said["lat"],
            at=timezone.now(),
            asset_id=said["asset_id"],
        )
        shown = {
            "radius_m": reach.radius_m,
            "within_h": reach.within.total_seconds() / 3600,
            "results": found,
        }
        return Response(asked.LikesOut(shown, context={"viewer": Viewer(user)}).data)


def same_of(incident: Incident, user: User) -> Response:
    """Followers, merges and look-alikes of one incident, as `user` may see them."""
    viewer = Viewer(user)
    known = incident.asset_class or incident.event_class
    likes = []
    if incident.point is not None and known is not None and incident.stage in UNFINISHED_VALUES:
        likes = candidates(
            viewer=user,
            of_class=known,
            lng=incident.point.x,
            lat=incident.point.y,
            at=timezone.now(),
            asset_id=incident.asset_id,
            besides=incident,
        )
    into = merged_into(incident)
    followers = incident.followers.select_related("contact").order_by("nth")
    shown: dict[str, Any] = {
        "into": _merged(into, into.into) if into else None,
        "merged": [_merged(one, one.duplicate) for one in merged_here(incident)],
        "followers": [
            {
                "nth": one.nth,
                "added_at": one.added_at,
                "channel": one.channel,
                "words": viewer.words(incident, one.words),
                "has_contact": hasattr(one, "contact"),
            }
            for one in followers
        ],
        "told_by": told_by([incident.pk]).get(incident.pk, 0),
        "candidates": likes,
        "may_merge": actions.may_merge(incident, user),
        "may_split": into is not None and actions.may_split(incident, user),
        "may_read_contacts": may(user, Action.READ_CONTACT, incident.place_code()),
    }
    return Response(asked.SameOut(shown, context={"viewer": viewer}).data)


def _merged(merge: Merge, other: Incident) -> dict[str, Any]:
    return {
        "number": other.number,
        "stage": other.stage,
        "merged_at": merge.merged_at,
        "note": merge.note,
    }


class SameProblem(APIView):
    """One problem, told several times."""

    @extend_schema(operation_id="getSameProblem", responses=answering({200: asked.SameOut}, 404))
    def get(self, request: Request, number: str) -> Response:
        """Who follows, what was merged, and what could be the same."""
        return same_of(incident_for(request, number), signed_in(request))


class Followers(APIView):
    """Those who told of the same problem."""

    @extend_schema(
        operation_id="followIncident",
        request=asked.FollowIn,
        parameters=[KEY],
        responses=answering({200: asked.SameOut}, 400, 404, 409, 415, 422),
    )
    def post(self, request: Request, number: str) -> Response:
        """Add somebody who tells of the same problem, with their words, to the open incident."""
        user = signed_in(request)
        incident = incident_for(request, number)
        said = checked(asked.FollowIn, request.data).validated_data
        contact = said["contact"] or {}
        told = actions.Told(
            channel=said["channel"],
            words=said["words"],
            lng=said["lng"],
            lat=said["lat"],
            name=contact.get("name", ""),
            phone=contact.get("phone", ""),
            email=contact.get("email", ""),
        )
        with transaction.atomic():
            if once(request, incident, user):
                actions.follow(
                    incident=incident,
                    told=told,
                    actor=user,
                    at=timezone.now(),
                    is_for_self=said["for_self"],
                )
        return same_of(incident, user)


class FollowerContacts(APIView):
    """How to reach those who follow."""

    @extend_schema(
        operation_id="readFollowerContacts",
        request=asked.ReasonIn,
        responses=answering({200: asked.FollowerContactOut(many=True)}, 400, 404, 415, 422),
    )
    def post(self, request: Request, number: str) -> Response:
        """Read their contacts. The reading is logged with its reason."""
        user = signed_in(request)
        incident = incident_for(request, number)
        if not may(user, Action.READ_CONTACT, incident.place_code()):
            raise NotFound("There is no contact to read.")
        reason = checked(asked.ReasonIn, request.data).validated_data["reason"]
        found = actions.read_follower_contacts(
            incident=incident, reader=user, at=timezone.now(), reason=reason
        )
        return Response(asked.FollowerContactOut(found, many=True).data)


class Merges(APIView):
    """Merging two incidents."""

    @extend_schema(
        operation_id="mergeIncidents",
        request=asked.MergeIn,
        parameters=[KEY],
        responses=answering({200: asked.MergeOut}, 400, 404, 409, 415, 422),
    )
    def post(self, request: Request, number: str) -> Response:
        """Say that two incidents are the same problem: the later one becomes the duplicate."""
        user = signed_in(request)
        one = incident_for(request, number)
        said = checked(asked.MergeIn, request.data).validated_data
        other = incident_for(request, said["into"])
        duplicate, into = actions.later_of(one, other)
        with transaction.atomic():
            if once(request, one, user):
                actions.merge(one=one, other=other, actor=user, at=timezone.now(), note=said["note"])
        shown = {
            "duplicate": duplicate.number,
            "into": into.number,
            "waits": merged_into(duplicate) is None,
        }
        return Response(asked.MergeOut(shown).data)


class Splits(APIView):
    """Splitting what was merged by mistake."""

    @extend_schema(
        operation_id="splitIncident",
        request=asked.SplitIn,
        parameters=[KEY],
        responses=answering({200: asked.SameOut}, 400, 404, 409, 415, 422),
    )
    def post(self, request: Request, number: str) -> Response:
        """Let a duplicate go on under its own number."""
        user = signed_in(request)
        incident = incident_for(request, number)
        said = checked(asked.SplitIn, request.data).validated_data
        with transaction.atomic():
            if once(request, incident, user):
                actions.split(incident=incident, actor=user, at=timezone.now(), note=said["note"])
        return same_of(incident_for(request, number), user)
