"""`python -m geogrid` is the console command."""

from geogrid.cli import main

main()
