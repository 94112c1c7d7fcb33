"""The page of roles says what the code obeys."""

from geogrid.organisations.roles import ACTION_WORDS, Action
from geogrid.setup.roles_page import PAGE, page


def test_the_page_is_current():
    assert PAGE.read_text("utf-8") == page(), "run `python -m geogrid.setup.roles_page`"


def test_every_action_has_words():
    assert set(ACTION_WORDS) == set(Action)
