"""A private PostgreSQL with PostGIS, its roles, backup and restore.

Standard library only; the commands alone use Typer.
"""
