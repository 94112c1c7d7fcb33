"""`python -m geogrid.demo`: load the demonstration city and line up its simulated history."""

import os
import sys

import django


def main() -> int:
    """Exit code 2 and a sentence when the database holds another city."""
    os.environ["DJANGO_SETTINGS_MODULE"] = "geogrid.settings"
    django.setup()
    from geogrid.core.errors import GeoGridError
    from geogrid.demo.city import load_city
    from geogrid.demo.tasks import line_up_history
    from geogrid.demo.terrain import bring_terrain

    try:
        if load_city():
            print("Demo city: 90 days of simulated incidents follow in the background", flush=True)
        if bring_terrain():
            print("Demo city: simulated ground; the worker finds its low places", flush=True)
        line_up_history()
    except GeoGridError as error:
        print(f"Error: {error}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
