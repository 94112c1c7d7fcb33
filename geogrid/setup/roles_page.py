"""`python -m geogrid.setup.roles_page`: docs/roles.md, printed from the table that the code obeys."""

from pathlib import Path

from geogrid.organisations.roles import (
    ACTION_WORDS,
    ANSWERS,
    CITY_WIDE,
    MAY,
    OF_THEIR_UNIT,
    ROLE_NAMES_ZH,
    Action,
    Role,
)

PAGE = Path(__file__).resolve().parents[2] / "docs" / "roles.md"
HEAD = """# Roles and what each may do 角色与权限

Printed from `geogrid/organisations/roles.py` by `python -m geogrid.setup.roles_page`; tests keep it current.

A membership is a role, in an area (the beginning of a unit's code; empty: everywhere), for a unit if one is
named, from-to. Everybody who is signed in sees grid outlines, unit names and public assets, and who answers
where without names. The stranger sees the city's name.

"""


def page() -> str:
    """The whole page."""
    roles = list(Role)
    lines = [
        "| | " + " | ".join(f"{ROLE_NAMES_ZH[role]}<br>{_words(role)}" for role in roles) + " |",
        "|---|" + ":-:|" * len(roles),
    ]
    for action in Action:
        zh, en = ACTION_WORDS[action]
        star = " \\*" if action in CITY_WIDE else ""
        marks = " | ".join("●" if action in MAY[role] else "" for role in roles)
        lines.append(f"| {zh} {en}{star} | {marks} |")
    answering = ", ".join(f"{ROLE_NAMES_ZH[role]} {_words(role)}" for role in ANSWERS)
    theirs = ", ".join(f"{ROLE_NAMES_ZH[role]} {_words(role)}" for role in Role if role in OF_THEIR_UNIT)
    notes = (
        "\\* About the city as a whole: only a membership for everywhere allows it.\n\n"
        f"{theirs}: reaches the business of their own unit, wherever it lies, and no territory.\n\n"
        f"Who answers for a place when on duty, the first asked first: {answering}. Others never do.\n\n"
        "An API token allows the actions it names (or `all`), and never more than its owner.\n"
    )
    return HEAD + "\n".join(lines) + "\n\n" + notes


def _words(role: Role) -> str:
    return role.value.replace("_", " ")


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
