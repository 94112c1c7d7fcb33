"""The server goes where it may and nowhere else, and comes back in time whatever is there."""

import socket
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assets.cameras.allowing import NotAllowed, address_for, read_entry
from assets.cameras.fetching import MOST_BYTES, NoPicture, Source, Why, fetch
from tests.cameras.little_camera import NAME, PASSWORD, little_camera

pytestmark = pytest.mark.slow
METADATA = "169.254.169.254"


def entries(*said):
    return [read_entry(one) for one in said]


def resolving(**known):
    """A resolver for these names; addresses are themselves."""

    def resolve(host, port):
        if host in known:
            return known[host].split()
        socket.inet_pton(socket.AF_INET6 if ":" in host else socket.AF_INET, host)
        return [host]

    return resolve


class TestAllowing:
    @pytest.mark.parametrize(
        ("host", "port", "allowed", "address"),
        [
            ("10.20.3.4", 80, "10.20.0.0/16", "10.20.3.4"),
            ("10.20.3.4", 554, "10.20.0.0/16:554", "10.20.3.4"),
            ("10.20.3.4", 8080, "10.20.3.4:*", "10.20.3.4"),
            ("cam.example", 443, "cam.example", "93.184.216.34"),
            ("CAM.example.", 443, "cam.example", "93.184.216.34"),
            ("a.cams.example", 80, "*.cams.example", "93.184.216.34"),
            ("inside.example", 80, "10.0.0.0/8", "10.1.1.1"),
            ("fd00::7", 80, "fd00::/8", "fd00::7"),
            ("fd00::7", 81, "[fd00::]/8:81", "fd00::7"),
        ],
    )
    def test_what_the_list_reaches_is_connected_to_by_its_address(self, host, port, allowed, address):
        known = resolving(
            **{
                "cam.example": "93.184.216.34",
                "a.cams.example": "93.184.216.34",
                "inside.example": "10.1.1.1",
            }
        )

        assert address_for(host, port, entries(allowed), known) == address

    @pytest.mark.parametrize(
        ("host", "port", "allowed"),
        [
            ("10.20.3.4", 80, ""),
            ("10.21.3.4", 80, "10.20.0.0/16"),
            ("10.20.3.4", 22, "10.20.0.0/16"),
            ("127.0.0.1", 80, "cam.example"),
            ("evil.example", 80, "cam.example"),
            ("cams.example", 80, "*.cams.example"),
            ("evilcams.example", 80, "*.cams.example"),
            ("cam.example", 80, "cam.example"),  # resolves to 127.0.0.1
            ("a.cam.example", 80, "*.cam.example"),  # resolves to a private address
            ("mapped.example", 80, "mapped.example"),  # ::ffff:10.0.0.1
            (METADATA, 80, f"{METADATA}/32"),
            (METADATA, 80, "0.0.0.0/0"),
            ("0.0.0.0", 80, "0.0.0.0/0"),  # noqa: S104  nothing is bound
            ("224.0.0.1", 80, "0.0.0.0/0"),
            ("fe80::1", 80, "::/0"),
        ],
    )
    def test_what_it_does_not_reach_is_not(self, host, port, allowed):
        known = resolving(
            **{
                "evil.example": "93.184.216.34",
                "cams.example": "93.184.216.34",
                "evilcams.example": "93.184.216.34",
                "cam.example": "127.0.0.1",
                "a.cam.example": "192.168.0.9",
                "mapped.example": "::ffff:10.0.0.1",
            }
        )

        with pytest.raises(NotAllowed):
            address_for(host, port, entries(allowed) if allowed else [], known)

    @pytest.mark.parametrize(
        "said", ["", "http://cam", "10.0.0.0/99", "cam.example:port", "ca m", "*", "a/b"]
    )
    def test_an_entry_that_is_none_is_said_at_the_start(self, said):
        with pytest.raises(ValueError, match=r"."):
            read_entry(said)


@pytest.fixture(scope="module")
def camera():
    with little_camera() as served:
        yield served


def asking(camera, path, patience_s=5.0, **who):
    return fetch(Source(camera.address(path), **who), entries(f"127.0.0.1:{camera.port}"), patience_s)


class TestFetching:
    def test_a_jpeg_comes_whole(self, camera):
        assert asking(camera, "/jpeg") == camera.picture

    @pytest.mark.parametrize("path", ["/basic", "/digest"])
    def test_it_logs_in_as_the_camera_asks(self, camera, path):
        assert asking(camera, path, username=NAME, password=PASSWORD) == camera.picture
        with pytest.raises(NoPicture) as refused:
            asking(camera, path, username=NAME, password="wrong")
        assert refused.value.why is Why.REFUSES_US

    @pytest.mark.parametrize(
        ("path", "why"),
        [
            ("/missing", Why.WRONG_ANSWER),
            ("/html", Why.NO_JPEG),
            ("/png", Why.NO_JPEG),
            ("/half", Why.NO_JPEG),
            ("/short", Why.UNREACHABLE),
            ("/gibberish", Why.UNREACHABLE),
            ("/packed", Why.WRONG_ANSWER),
            ("/announces_much", Why.TOO_LARGE),
            ("/endless", Why.TOO_LARGE),
        ],
    )
    def test_anything_else_is_named(self, camera, path, why):
        with pytest.raises(NoPicture) as refused:
            asking(camera, path)
        assert refused.value.why is why
        assert MOST_BYTES < 10**8

    @pytest.mark.parametrize("path", ["/silent", "/dripping"])
    def test_a_slow_camera_is_left_in_time(self, camera, path):
        began = time.monotonic()

        with pytest.raises(NoPicture) as refused:
            asking(camera, path, patience_s=0.4)

        assert refused.value.why is Why.TOO_SLOW
        assert time.monotonic() - began < 3

    def test_a_camera_that_sends_elsewhere_is_not_followed(self, camera):
        with little_camera() as elsewhere:
            camera.elsewhere = elsewhere.address()

            with pytest.raises(NoPicture) as refused:
                asking(camera, "/moved")

            assert refused.value.why is Why.SENDS_ELSEWHERE and elsewhere.asked == []

    def test_nothing_is_asked_of_a_host_that_is_not_allowed(self, camera):
        before = len(camera.asked)

        for address in (
            camera.address(),
            camera.address().replace("127.0.0.1", "localhost"),
            camera.address().replace("127.0.0.1", "2130706433"),
            camera.address().replace("127.0.0.1", "[::ffff:127.0.0.1]"),
            camera.address().replace("127.0.0.1", "cam.example@127.0.0.1"),
            "file:///etc/passwd",
            "gopher://127.0.0.1/",
            "http://",
            "http://127.0.0.1:99999/",
        ):
            with pytest.raises(NoPicture) as refused:
                fetch(Source(address), entries("10.0.0.0/8:*", "cam.example:*"))
            assert refused.value.why in (Why.NOT_ALLOWED, Why.UNREACHABLE)
        assert len(camera.asked) == before

    def test_nobody_there_is_unreachable(self):
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))
            port = taken.getsockname()[1]

            with pytest.raises(NoPicture) as refused:
                fetch(Source(f"http://127.0.0.1:{port}/"), entries("127.0.0.1:*"))
        assert refused.value.why is Why.UNREACHABLE

    def test_a_source_that_is_printed_says_nothing(self):
        assert "secret" not in repr(Source("http://secret/", "secret", "secret"))

    @given(st.text(max_size=60))
    def test_any_address_is_answered_with_a_reason(self, said):
        with pytest.raises(NoPicture):
            fetch(Source("http://" + said), [])
