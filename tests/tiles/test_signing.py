"""Signed tokens: what can be trusted without asking the database."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geogrid.changes.passes import Pass, issue, read
from geogrid.core.signing import BadToken, Signer

NOW = 1_800_000_000.0
codes = st.lists(st.text("0123456789", min_size=1, max_size=15), max_size=4, unique=True)


def test_claims_come_back_as_they_were_signed():
    signer = Signer("test", ["secret"])

    claims = signer.read(signer.sign({"uid": 7, "units": ["910101"]}, now=NOW), now=NOW)

    assert (claims["uid"], claims["units"], claims["exp"]) == (7, ["910101"], NOW + 300)


def test_a_token_is_over_after_five_minutes():
    signer = Signer("test", ["secret"])
    token = signer.sign({}, now=NOW)

    signer.read(token, now=NOW + 299)

    with pytest.raises(BadToken) as refused:
        signer.read(token, now=NOW + 300)
    assert refused.value.expired


def test_while_the_key_is_rotated_both_are_valid_and_then_the_old_one_is_not():
    old, rotating, new = Signer("test", ["old"]), Signer("test", ["new", "old"]), Signer("test", ["new"])
    of_before, of_now = old.sign({}, now=NOW), rotating.sign({}, now=NOW)

    rotating.read(of_before, now=NOW)
    new.read(of_now, now=NOW)

    with pytest.raises(BadToken):
        new.read(of_before, now=NOW)


def test_a_token_of_another_purpose_is_worthless():
    with pytest.raises(BadToken):
        Signer("feed", ["secret"]).read(Signer("photo", ["secret"]).sign({}, now=NOW), now=NOW)


@given(st.integers(0, 300), st.characters(codec="ascii"))
def test_no_letter_of_a_token_can_be_changed(at: int, letter: str):
    signer = Signer("test", ["secret"])
    token = signer.sign({"uid": 7, "units": ["910101", "910102001"]}, now=NOW)
    changed = token[: at % len(token)] + letter + token[at % len(token) + 1 :]

    if changed != token:
        with pytest.raises(BadToken):
            signer.read(changed, now=NOW)


@given(st.text(max_size=200))
def test_nonsense_is_refused_and_not_stumbled_over(nonsense: str):
    with pytest.raises(BadToken):
        Signer("test", ["secret"]).read(nonsense, now=NOW)


@given(codes, codes, st.lists(st.integers(1, 10**6), max_size=3, unique=True), st.booleans(), st.booleans())
def test_a_pass_comes_back_from_its_token(prefixes, people, organisations, everywhere, unplaced):
    granted = Pass(
        user_id=3,
        epoch=2,
        prefixes=tuple(sorted(prefixes)),
        organisations=tuple(sorted(organisations)),
        people=tuple(sorted(people)),
        everywhere=everywhere,
        unplaced=unplaced,
        expires_at=NOW + 300,
    )

    assert read(issue(granted, now=NOW), now=NOW) == granted


def test_a_unit_is_seen_from_above_and_from_below():
    of_street = Pass(1, 0, prefixes=("910101001",))

    assert of_street.sees_units(["910101001002003"])
    assert of_street.sees_units(["910101"])  # a bulk change somewhere in the district may be theirs
    assert not of_street.sees_units(["910101002001001"])
    assert not of_street.sees_units([""])
    assert not of_street.sees_units([])
