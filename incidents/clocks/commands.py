"""`geogrid import holidays`."""

from typing import Annotated

import typer
from django.utils import timezone

from geogrid.core.actor import System
from incidents.clocks.actions import load_holidays


def holidays(
    years: Annotated[list[int], typer.Argument(help="Years, such as 2026 2027.")],
    country: Annotated[str, typer.Option(help="Two letters; else that of the city's time zone.")] = "",
    part: Annotated[str, typer.Option(help="State or province, where holidays differ.")] = "",
) -> None:
    """Bring in public holidays and make-up working days; what a clerk entered by hand stays."""
    loaded = load_holidays(
        years=years, actor=System("import"), at=timezone.now(), country=country.upper(), subdivision=part
    )
    for year in years:
        if year in loaded:
            typer.echo(f"{year}: {loaded[year]} days")
        else:
            typer.echo(
                f"{year}: 尚无数据，请手工录入。Not known to any package yet: enter it by hand.", err=True
            )
