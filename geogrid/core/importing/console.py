"""What an import says on the terminal."""

from collections.abc import Iterator
from contextlib import contextmanager

import typer
from django.db import OperationalError

from geogrid.core.errors import GeoGridError
from geogrid.core.importing.pipeline import Outcome


@contextmanager
def sentences_for_errors() -> Iterator[None]:
    """What a person can mend is told in a sentence, and the exit code is 2; 130 after Ctrl-C."""
    try:
        yield
    except GeoGridError as error:
        typer.secho(str(error), fg=typer.colors.RED, err=True)
        raise typer.Exit(2) from None
    except OperationalError as error:
        typer.secho(f"The database does not answer: {error}".strip(), fg=typer.colors.RED, err=True)
        raise typer.Exit(2) from None
    except KeyboardInterrupt:
        typer.secho(
            "Interrupted. The same command goes on from here. 已中断，重新执行同一命令即可继续。", err=True
        )
        raise typer.Exit(130) from None


def say_outcome(outcome: Outcome, *, dry_run: bool) -> None:
    """The figures, what the file lacks, and where the report is."""
    if outcome.went_on_from:
        typer.echo(
            f"Went on after {outcome.went_on_from:,} rows of a run that had been cut off. 已从断点继续。"
        )
    head = "Would be (dry run) 试运行" if dry_run else "Done 完成"
    typer.echo(
        f"{head}: {outcome.rows:,} rows 行 = "
        f"{outcome.added:,} added 新增 + {outcome.updated:,} updated 更新 + "
        f"{outcome.unchanged:,} unchanged 未变 + "
        f"{outcome.refused:,} refused 拒绝 + {outcome.skipped:,} skipped 略过; "
        f"{outcome.repaired:,} repaired 修复, {outcome.vanished:,} vanished 消失"
    )
    if outcome.missing_fields:
        typer.echo(f"The file does not carry 文件缺少: {', '.join(outcome.missing_fields)}")
    for path in outcome.report:
        typer.echo(f"Report 报告: {path}")
