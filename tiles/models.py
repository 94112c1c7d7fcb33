"""Tiles have no tables of their own. The module is here because `migrate` signals only apps that have one."""
