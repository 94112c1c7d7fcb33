"""Coming in and going out: what the stranger sees, logging in, and who am I."""

from collections.abc import Sequence
from ipaddress import ip_address
from typing import Any

from django.conf import settings
from django.contrib.auth import authenticate, login, logout
from django.http import HttpRequest
from django.utils.decorators import method_decorator
from django.views.decorators.csrf import ensure_csrf_cookie
from drf_spectacular.utils import extend_schema, extend_schema_field, inline_serializer
from rest_framework import serializers
from rest_framework.authentication import BaseAuthentication, SessionAuthentication
from rest_framework.permissions import SAFE_METHODS, AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from geogrid.core.documented import BODY_REFUSED, JSON, answering
from geogrid.core.errors import Forbidden, GeoGridError, NotFound
from geogrid.core.models import the_city
from geogrid.organisations import actions
from geogrid.organisations.api import owner_of
from geogrid.organisations.authentication import SessionOnly, lock_wait_s
from geogrid.organisations.models import User
from geogrid.organisations.roles import Role
from geogrid.organisations.serializers import DemoLoginSerializer, LanguageSerializer, LoginSerializer
from grid_units.duties.access import scopes_of
from grid_units.duties.models import Membership, has_administrator

MODEL_BACKEND = "django.contrib.auth.backends.ModelBackend"


class WrongPassword(GeoGridError):
    """Name or password is wrong; which of the two is not said."""

    status = 401
    code = "wrong_password"


class TooManyAttempts(GeoGridError):
    """The name is locked for this address for a while (django-axes words the answer, with Retry-After)."""

    status = 429
    code = "too_many_attempts"


def is_from_this_machine(request: HttpRequest) -> bool:
    """Whether the request came over loopback and not through a proxy that stands on this machine."""
    if any(name in request.META for name in ("HTTP_X_FORWARDED_FOR", "HTTP_FORWARDED", "HTTP_X_REAL_IP")):
        return False
    try:
        return ip_address(request.META.get("REMOTE_ADDR", "")).is_loopback
    except ValueError:
        return False


def demo_is_open(request: HttpRequest) -> bool:
    """Whether the invented people may be logged in with one click."""
    return bool(settings.DEMO) and is_from_this_machine(request)


class MembershipSerializer(serializers.Serializer[Any]):
    """A membership as the pages show it."""

    role = serializers.ChoiceField(choices=[role.value for role in Role])
    unit_prefix = serializers.CharField(allow_blank=True)
    organisation = serializers.CharField(source="organisation.code", allow_null=True, default=None)


class MeSerializer(serializers.Serializer[User]):
    """Who is logged in, and what they may do anywhere."""

    id = serializers.IntegerField()
    username = serializers.CharField()
    display_name = serializers.CharField(source="__str__")
    language = serializers.CharField(allow_blank=True)
    memberships = serializers.SerializerMethodField()
    actions = serializers.SerializerMethodField()
    demo = serializers.SerializerMethodField()

    @extend_schema_field(MembershipSerializer(many=True))
    def get_memberships(self, user: User) -> Any:
        held = Membership.objects.filter(user=user).in_force().select_related("organisation").order_by("id")
        return MembershipSerializer(list(held), many=True).data

    def get_actions(self, user: User) -> list[str]:
        return sorted(scopes_of(user).actions)

    def get_demo(self, user: User) -> bool:
        return bool(settings.DEMO)


_WELCOME = inline_serializer(
    "Welcome",
    {
        "name": serializers.CharField(allow_blank=True),
        "name_en": serializers.CharField(allow_blank=True),
        "is_demo": serializers.BooleanField(),
        "needs_setup": serializers.BooleanField(),
        "demo_logins": inline_serializer(
            "DemoLogin",
            {
                "username": serializers.CharField(),
                "display_name": serializers.CharField(),
                "role": serializers.CharField(),
            },
            many=True,
        ),
    },
)


@method_decorator(ensure_csrf_cookie, name="dispatch")
class Welcome(APIView):
    """All that the stranger sees: the city's name, and in a demonstration on this machine its people."""

    authentication_classes = ()
    permission_classes = (AllowAny,)

    @extend_schema(responses={(200, JSON): _WELCOME}, auth=[], operation_id="welcome")
    def get(self, request: Request) -> Response:
        city = the_city()
        return Response(
            {
                "name": city.name if city else "",
                "name_en": city.name_en if city else "",
                "is_demo": bool(settings.DEMO),
                "needs_setup": not has_administrator(),
                "demo_logins": _demo_logins() if demo_is_open(request._request) else [],
            }
        )


def _demo_logins() -> list[dict[str, str]]:
    """Invented people, one for each role that somebody holds, in the order of the roles."""
    held = (
        Membership.objects.in_force()
        .filter(user__is_simulated=True, user__is_active=True)
        .select_related("user")
        .order_by("user_id")
    )
    first: dict[str, User] = {}
    for membership in held:
        first.setdefault(membership.role, membership.user)
    return [
        {"username": user.username, "display_name": str(user), "role": role.value}
        for role in Role
        if (user := first.get(role)) is not None
    ]


class Entrance(APIView):
    """A way in for somebody who has no session yet; the welcome's CSRF token is required all the same."""

    authentication_classes: Sequence[type[BaseAuthentication]] = ()
    permission_classes = (AllowAny,)

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        if request.method not in SAFE_METHODS:
            SessionAuthentication().enforce_csrf(request)

    def let_in(self, request: Request, user: User) -> Response:
        """Start a session under a new key and CSRF token; say who is in."""
        login(request._request, user, backend=MODEL_BACKEND)
        return Response(MeSerializer(user).data)


class Login(Entrance):
    """Log in with name and password."""

    @extend_schema(
        request={JSON: LoginSerializer},
        responses=answering({(200, JSON): MeSerializer}, *BODY_REFUSED, 429),
        auth=[],
        operation_id="login",
    )
    def post(self, request: Request) -> Response:
        asked = LoginSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        user = authenticate(request._request, **asked.validated_data)
        if getattr(request._request, "axes_locked_out", False):
            raise TooManyAttempts(f"Too many wrong passwords. Try again in {lock_wait_s() // 60} minutes.")
        if not isinstance(user, User):
            raise WrongPassword("Name or password is wrong.")
        return self.let_in(request, user)


class DemoLogin(Entrance):
    """Log in as one of the invented people: in a demonstration, on this machine only."""

    @extend_schema(
        request={JSON: DemoLoginSerializer},
        responses=answering({(200, JSON): MeSerializer}, *BODY_REFUSED, 404),
        auth=[],
        operation_id="demoLogin",
    )
    def post(self, request: Request) -> Response:
        if not demo_is_open(request._request):
            raise Forbidden("One-click logins exist in the demonstration only, on the machine it runs on.")
        asked = DemoLoginSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        named = User.objects.filter(
            username=asked.validated_data["username"], is_simulated=True, is_active=True
        ).first()
        if named is None:
            raise NotFound("There is no such person in the demonstration.")
        return self.let_in(request, named)


class Logout(APIView):
    """End the session. API tokens are revoked instead."""

    authentication_classes = (SessionOnly,)

    @extend_schema(request=None, responses=answering({204: None}, 400, 415), operation_id="logout")
    def post(self, request: Request) -> Response:
        logout(request._request)
        return Response(status=204)


@method_decorator(ensure_csrf_cookie, name="dispatch")
class Me(APIView):
    """Who is logged in."""

    @extend_schema(responses=answering({(200, JSON): MeSerializer}), operation_id="me")
    def get(self, request: Request) -> Response:
        return Response(MeSerializer(owner_of(request)).data)

    @extend_schema(
        request={JSON: LanguageSerializer},
        responses=answering({(200, JSON): MeSerializer}, *BODY_REFUSED),
        operation_id="chooseLanguage",
    )
    def patch(self, request: Request) -> Response:
        asked = LanguageSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        actions.choose_language(user=owner_of(request), language=asked.validated_data["language"])
        return Response(MeSerializer(owner_of(request)).data)
