#!/usr/bin/env python3
"""Django's own command line, for engineers. People who run a city use `geogrid`."""

import os
import sys

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "geogrid.settings")
    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)
