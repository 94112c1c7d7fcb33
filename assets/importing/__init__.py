"""Imports of assets, buildings and roads: a profile maps the columns, the pipeline of core does the rest."""
