"""A private PostgreSQL with PostGIS, its roles, backup and restore. Standard library only (and Typer for the commands)."""
