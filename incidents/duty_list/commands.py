"""`geogrid import duty-list FILE`."""

from pathlib import Path
from typing import Annotated

import typer
from django.utils import timezone

from assets import catalogue
from geogrid.core.actor import System
from geogrid.core.errors import Invalid
from incidents.duty_list.actions import load_duty_list
from incidents.duty_list.conditions import ClassKind
from incidents.duty_list.importing import Preview, Target, apply, preview

FIRST = 20


def duty_list(
    file: Annotated[Path, typer.Argument(help="XLSX with the nine columns 大类代码 ... 处置时限.")],
    scheme: Annotated[str, typer.Option(help="Scheme of its classes.")] = catalogue.SCHEME,
    version: Annotated[str, typer.Option(help="Version of the scheme.")] = catalogue.VERSION,
    kind: Annotated[
        ClassKind, typer.Option(help="Kind of classes where a sheet's name does not tell it.")
    ] = ClassKind.EVENT,
    write: Annotated[bool, typer.Option("--apply", help="Make it the next edition; else only look.")] = False,
    end_gone: Annotated[bool, typer.Option(help="Conditions that the file does not list end.")] = False,
    partial: Annotated[bool, typer.Option(help="Take what is right although cells are wrong.")] = False,
) -> None:
    """Look at a city's duty list, and with --apply make it the next edition."""
    if not file.is_file():
        raise Invalid(f"没有文件 {file}。There is no file {file}.")
    data, target = file.read_bytes(), Target(scheme, version, kind)
    seen = preview(data, target)
    _say(seen)
    if not write:
        typer.echo("Nothing was written; --apply makes it the next edition. 未写入。")
        return
    _, edition = apply(
        data=data,
        target=target,
        actor=System("import"),
        at=timezone.now(),
        note=f"导入 Imported: {file.name}",
        end_gone=end_gone,
        partial=partial,
        expected=seen.edition,
    )
    typer.echo(
        f"Edition {edition.number} is in force. 已生效。" if edition else "Nothing differs. 没有变化。"
    )


def preset() -> None:
    """Bring in what GeoGrid itself says of every class that never had a filing condition."""
    added = load_duty_list(actor=System("import"), at=timezone.now())
    typer.echo(f"{added} filing conditions added. 已添加 {added} 条立案条件。")


def _say(seen: Preview) -> None:
    plan = seen.plan
    typer.echo(
        f"{len(plan.new_classes)} new classes, {len(plan.new)} new conditions, {len(plan.changed)} changed, "
        f"{plan.unchanged} unchanged, {len(plan.gone)} gone, {len(plan.held)} classes held, "
        f"{len(plan.mistakes)} mistakes"
    )
    for mistake in plan.mistakes[:FIRST]:
        typer.echo(f"  {mistake}", err=True)
    if len(plan.mistakes) > FIRST:
        typer.echo(f"  ... and {len(plan.mistakes) - FIRST} more", err=True)
    if seen.unknown_units:
        typer.echo(f"Units kept as text only 未匹配的单位: {', '.join(seen.unknown_units[:FIRST])}")
