"""However often and in whatever order calls are repeated: one incident for each key, and the same answer."""

import threading

from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from incidents.intake import Receipt, Report, report
from incidents.models import Incident
from tests.incidents.conftest import MIDDLE, MORNING, A, B, People

calls = st.lists(
    st.tuples(st.sampled_from(["user:1", "user:2"]), st.sampled_from(["k1", "k2", "k3"])), max_size=12
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(calls)
def test_each_key_of_a_client_is_one_incident(city: People, calls: list[tuple[str, str]]) -> None:
    before = Incident.objects.count()
    answers: dict[tuple[str, str], object] = {}
    # A prefix of its own for each example: they share the test's transaction.
    mark = str(before)

    for client, key in calls:
        said = Report("web", f"{client} {key}", *MIDDLE[A])
        taken = report(said=said, actor=city.oona, at=MORNING, client=client, idempotency_key=f"{mark}-{key}")
        assert taken.is_new == ((client, key) not in answers)
        assert answers.setdefault((client, key), taken.answer) == taken.answer

    assert Incident.objects.count() - before == len(answers)


def test_the_same_call_eight_times_at_once_is_one_incident(lasting_city: People) -> None:
    said = Report("web", "积水", *MIDDLE[B])
    start, taken = threading.Barrier(8), list[Receipt]()

    def send() -> None:
        start.wait()
        taken.append(
            report(said=said, actor=lasting_city.oona, at=MORNING, client="user:1", idempotency_key="k")
        )
        connection.close()

    threads = [threading.Thread(target=send) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(taken) == 8 and sum(receipt.is_new for receipt in taken) == 1
    assert len({receipt.answer["number"] for receipt in taken}) == 1
    assert Incident.objects.count() == 1


def test_a_digest_does_not_depend_on_how_the_report_was_written() -> None:
    one = Report(channel="web", description="x", lng=1.0)
    same = Report(lng=1.0, description="x", channel="web")

    assert one.digest() == same.digest() != Report(channel="web", description="y", lng=1.0).digest()
