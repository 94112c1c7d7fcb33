"""`python -m geogrid.setup`: says how to set the city up, while nobody runs it."""

import os

import django


def main() -> None:
    """Print the invitation, if there is one."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "geogrid.settings")
    django.setup()
    from geogrid.setup.door import invitation

    said = invitation()
    if said:
        print(said, flush=True)


if __name__ == "__main__":
    main()
