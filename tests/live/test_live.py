"""The live feed of a running server: who hears what, and nothing missed and nothing twice."""

import select
import time

import pytest

from geogrid.changes.passes import Pass, issue
from geogrid.organisations.models import User
from tests.asgi.running import CITY, Server, serving
from tests.live.conftest import Open
from tests.live.stream import Stream
from tests.tiles.drawn_city import MIDDLE, A, B, C, add_lamp, report

EVERYTHING = Pass(user_id=0, epoch=0, everywhere=True)
A_ALONE = Pass(user_id=-1, epoch=0, prefixes=(A,))
C_ALONE = Pass(user_id=-2, epoch=0, prefixes=(C,))
NOTHING = Pass(user_id=-3, epoch=0)


def number_of_worker() -> int:
    return User.objects.get_or_create(username="ann", display_name="Ann")[0].id


def test_it_begins_with_the_time_and_a_position(listen: Open):
    hello = listen(EVERYTHING).next()

    assert hello.name == "hello"
    assert hello.data["server_time"].startswith("20")
    assert hello.id.count(":") >= 3


def test_a_report_is_told_with_its_place_and_class(city: None, listen: Open):
    stream = listen(EVERYTHING)
    stream.until("hello")

    report("I1", MIDDLE[A], number_of_worker())

    told = stream.until("change", kind="incident", ref="I1").data
    assert (told["op"], told["units"]) == ("insert", [A])
    assert told["feature"]["geometry"]["coordinates"] == list(MIDDLE[A])
    assert told["feature"]["properties"]["stage"] == "REPORTED"
    assert told["at"].endswith("Z")


def test_an_incident_is_told_only_where_it_may_be_seen(city: None, listen: Open):
    of_a, of_c, nobody = listen(A_ALONE), listen(C_ALONE), listen(NOTHING)
    for stream in (of_a, of_c, nobody):
        stream.until("hello")

    report("I1", MIDDLE[A], number_of_worker())
    add_lamp(*MIDDLE[B])

    assert of_a.until("change").data["ref"] == "I1"
    # What everyone may hear of comes after it: had the incident been told, it would have come first.
    assert of_c.until("change").data["kind"] == "asset"
    assert nobody.until("change").data["kind"] == "asset"


def test_names_of_workers_are_told_only_to_those_who_may_see_people(city: None, listen: Open):
    plain = listen(Pass(-1, 0, prefixes=(A,)))
    desk = listen(Pass(-2, 0, prefixes=(A,), people=("910101001001",)))
    plain.until("hello"), desk.until("hello")

    report("I1", MIDDLE[A], number_of_worker())

    assert "worker" not in plain.until("change", ref="I1").data["feature"]["properties"]
    assert desk.until("change", ref="I1").data["feature"]["properties"]["worker"] == "Ann"


def test_an_incident_that_leaves_a_territory_is_taken_off_there(city: None, listen: Open, owner):
    of_a, of_c = listen(A_ALONE), listen(C_ALONE)
    of_a.until("hello"), of_c.until("hello")
    report("I1", MIDDLE[A], number_of_worker())
    of_a.until("change", ref="I1")

    with owner.cursor() as cursor:
        cursor.execute("BEGIN")
        cursor.execute(
            "UPDATE incident SET point = ST_SetSRID(ST_MakePoint(%s, %s), 4326) WHERE number = 'I1'",
            MIDDLE[C],
        )
        cursor.execute(
            "INSERT INTO step_taken (incident_id, move, from_stage, to_stage, level, taken_at, actor)"
            " SELECT id, 'move_place', 'REPORTED', 'REPORTED', 'COMMUNITY', now(), '' FROM incident"
        )
        cursor.execute("COMMIT")

    assert "feature" not in of_a.until("change", ref="I1").data
    assert of_c.until("change", ref="I1").data["units"] == [C]


def test_what_was_missed_is_told_again_and_only_that(city: None, listen: Open):
    first, witness = listen(EVERYTHING), listen(EVERYTHING)
    first.until("hello"), witness.until("hello")
    report("I1", MIDDLE[A], number_of_worker())
    first.until("change", ref="I1")
    first.close()
    report("I2", MIDDLE[A], number_of_worker())
    report("I3", MIDDLE[B], number_of_worker())
    witness.until("change", ref="I3")

    again = listen(EVERYTHING, last_event_id=first.last_id)

    missed = []
    while (event := again.next()).name != "hello":
        missed.append(event.data["ref"])
    assert missed == ["I2", "I3"]
    report("I4", MIDDLE[A], number_of_worker())
    assert again.until("change").data["ref"] == "I4"


def test_a_slow_transaction_is_neither_missed_nor_told_twice(city: None, listen: Open, owner):
    stream = listen(EVERYTHING)
    stream.until("hello")
    with owner.cursor() as cursor:
        cursor.execute("BEGIN")
        cursor.execute("UPDATE asset SET state = 'damaged' WHERE id = (SELECT min(id) FROM asset)")
        report("I1", MIDDLE[A], number_of_worker())
        stream.until("change", ref="I1")
        cursor.execute("COMMIT")
        cursor.execute("SELECT code FROM asset WHERE state = 'damaged'")
        [code] = cursor.fetchone()

    stream.until("change", kind="asset", ref=code)
    report("I2", MIDDLE[A], number_of_worker())
    assert stream.next().data["ref"] == "I2"

    behind = listen(EVERYTHING, last_event_id=stream.last_id)
    assert behind.next().name in ("change", "hello")


@pytest.mark.parametrize(
    "position",
    ["nonsense", "0000000000:1:1:1:", "ffff:99:5:4:", "abc:1:18446744073709551616:1:", "a:1:3:9:7,5"],
)
def test_a_position_that_is_not_ours_means_reload(listen: Open, position: str):
    assert listen(EVERYTHING, last_event_id=position).next().name == "reload"


def test_a_position_older_than_the_log_is_kept_means_reload(listen: Open):
    stream = listen(EVERYTHING)
    epoch, _, snapshot = stream.next().id.split(":", 2)

    late = listen(EVERYTHING, last_event_id=f"{epoch}:{int(time.time()) - 700}:{snapshot}")

    assert late.next().name == "reload"


def test_a_listener_can_limit_itself_to_units(city: None, listen: Open):
    stream = listen(EVERYTHING, scopes=f"{C},{B}")
    stream.until("hello")

    report("I1", MIDDLE[A], number_of_worker())
    report("I2", MIDDLE[C], number_of_worker())

    assert stream.until("change").data["ref"] == "I2"


def test_the_stream_ends_with_its_token(listen: Open):
    began = time.monotonic()
    stream = listen(EVERYTHING, now=time.time() - 298.5)

    assert stream.next().name == "hello"
    assert stream.next_or_end() is None
    assert time.monotonic() - began < 10


def test_the_stream_ends_when_rights_are_taken_away(city: None, listen: Open):
    user = User.objects.create(username="leaver")
    stream = listen(Pass(user.id, 0, everywhere=True))
    stream.until("hello")

    User.objects.filter(id=user.id).update(permission_epoch=1)

    deadline = time.monotonic() + 8
    while (event := stream.next_or_poke(add_lamp, *MIDDLE[A])) is not None:
        assert time.monotonic() < deadline, event
    assert listen(Pass(user.id, 0, everywhere=True)).answer.status == 403
    assert listen(Pass(user.id, 1, everywhere=True)).answer.status == 200


def test_a_bulk_write_is_one_event_without_references(city: None, listen: Open, owner):
    stream = listen(EVERYTHING)
    stream.until("hello")

    with owner.cursor() as cursor:
        cursor.execute(
            "INSERT INTO asset (public_id, code, asset_class_id, name, geom)"
            " SELECT gen_random_uuid(), '', c.id, '', a.geom"
            " FROM asset a, asset_class c, generate_series(1, 70) WHERE c.scheme = 'test'"
        )

    told = stream.until("change", kind="asset").data
    assert told["ref"] is None
    assert A in told["units"]


def test_scopes_that_are_no_codes_are_refused(listen: Open):
    assert listen(EVERYTHING, scopes="everything").answer.status == 400


def test_qgis_is_notified_of_layers_that_changed(city: None, owner):
    with owner.cursor() as cursor:
        cursor.execute("LISTEN qgis")
    add_lamp(*MIDDLE[A])

    deadline = time.monotonic() + 10
    while "asset" not in {notice.payload for notice in owner.notifies}:
        assert time.monotonic() < deadline
        select.select([owner], [], [], 1)
        owner.poll()


def test_a_listener_may_come_back_to_another_process(city: None, server: Server):
    worker, token = number_of_worker(), issue(EVERYTHING)
    with serving(CITY) as other:
        refs: list[str] = []
        stream = Stream(server, token)
        stream.until("hello")
        for number in range(30):
            report(f"I{number:02}", MIDDLE[A], worker)
            refs.append(stream.until("change").data["ref"])
            stream.close()
            stream = Stream(other if number % 2 else server, token, stream.last_id)
            while (event := stream.next()).name != "hello":
                refs.append(event.data["ref"])
        stream.close()

    assert refs == [f"I{number:02}" for number in range(30)]
