"""Whichever way a request writes, history names its user, and no connection carries the name on."""

from collections.abc import Callable

import pytest
from django.contrib.sessions.backends.db import SessionStore
from django.db import connection, transaction
from django.http import HttpRequest, HttpResponse
from django.utils.functional import SimpleLazyObject

from geogrid.changes.models import RowHistory
from geogrid.organisations.middleware import NameTheActor
from geogrid.organisations.models import Organisation, User

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def unit() -> Organisation:
    return Organisation.objects.create(code="U1", name="路灯所")


def request_by(user: User | None, view: Callable[[], object]) -> None:
    """One request of `user` whose view runs `view`."""
    request = HttpRequest()
    request.session = SessionStore()
    if user is not None:
        request.user = user

    def respond(request: HttpRequest) -> HttpResponse:
        view()
        return HttpResponse()

    NameTheActor(respond)(request)


def rename(unit: Organisation, name: str) -> None:
    Organisation.objects.filter(pk=unit.pk).update(name=name)


def actor_now() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT core.actor()")
        return str(cursor.fetchone()[0])


def actors() -> list[str]:
    return list(RowHistory.objects.order_by("id").values_list("actor", flat=True))


def test_a_single_write_names_its_user(unit: Organisation):
    request_by(User.objects.create(username="li"), lambda: rename(unit, "照明中心"))

    assert actors() == ["li"]


def test_a_transaction_names_its_user_and_the_next_request_is_somebody_else(unit: Organisation):
    def in_a_transaction() -> None:
        with transaction.atomic():
            rename(unit, "一")
            with transaction.atomic():
                rename(unit, "二")
        with transaction.atomic():
            rename(unit, "三")

    request_by(User.objects.create(username="li"), in_a_transaction)
    request_by(User.objects.create(username="wang"), lambda: rename(unit, "四"))
    request_by(None, lambda: rename(unit, "五"))

    assert actors() == ["li", "li", "li", "wang", "geogrid_app"]


def test_the_name_survives_an_inner_rollback(unit: Organisation):
    def with_a_rollback() -> None:
        with transaction.atomic():
            with pytest.raises(ValueError), transaction.atomic():
                rename(unit, "nothing of this")
                raise ValueError
            rename(unit, "照明中心")

    request_by(User.objects.create(username="li"), with_a_rollback)

    assert actors() == ["li"]


def test_nothing_stays_on_the_connection(unit: Organisation):
    request_by(User.objects.create(username="li"), lambda: rename(unit, "照明中心"))

    assert actor_now() == "geogrid_app"


def test_finding_out_who_it_is_does_not_ask_for_who_it_is(unit: Organisation):
    li = User.objects.create(username="li")
    request = HttpRequest()

    def find_out() -> User:
        found = User.objects.get(pk=li.pk)
        request._cached_user = found  # type: ignore[attr-defined] # as Django's own middleware does
        return found

    request.user = SimpleLazyObject(find_out)  # type: ignore[assignment]

    def respond(request: HttpRequest) -> HttpResponse:
        assert request.user.username == "li"
        rename(unit, "照明中心")
        return HttpResponse()

    NameTheActor(respond)(request)

    assert actors() == ["li"]
