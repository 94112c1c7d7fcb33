"""Run the benchmarks: `python -m tests.benchmarks [A4 A8 ...]`; SMALL=1 in the environment: the small size.

Each prints its figures and returns 0 when they are within the bounds it states.
"""

import os
import re
import subprocess
import sys
import time
from pathlib import Path

HERE = Path(__file__).parent
_LINE = re.compile(r"([a-z])(\d+)_")  # a8_intake.py measures line A8


def benchmarks() -> dict[str, list[str]]:
    """Modules by line: {"A4": ["a4_import"], ...}, in the order of their numbers."""
    found: dict[str, list[str]] = {}
    lines = [(match, path.stem) for path in HERE.glob("*.py") if (match := _LINE.match(path.stem))]
    for match, stem in sorted(lines, key=lambda found: (found[0][1], int(found[0][2]), found[1])):
        found.setdefault(f"{match[1].upper()}{match[2]}", []).append(stem)
    return found


def main(asked: list[str]) -> int:
    known = benchmarks()
    wanted = [line.upper() for line in asked] or list(known)
    if unknown := [line for line in wanted if line not in known]:
        print(
            f"There is no benchmark {', '.join(unknown)}; there are {', '.join(known) or 'none'}.",
            file=sys.stderr,
        )
        return 2
    small = os.environ.get("SMALL") == "1"
    names = [(line, name) for line in wanted for name in known[line]]
    codes = [_run(line, name, small) for line, name in names]
    failed = [name for (_, name), code in zip(names, codes, strict=True) if code != 0]
    if failed:
        print(f"Not within their bounds: {', '.join(failed)}", file=sys.stderr)
    return 1 if failed else 0


def _run(line: str, name: str, small: bool) -> int:
    """A process for each: one that breaks or grows is no matter to the next."""
    head = f"\n-- {line} {name}{' (small: that it runs; its times are not judged)' if small else ''}"
    program = f"import sys; from tests.benchmarks.{name} import main; sys.exit(main({small}))"
    began = time.monotonic()
    if small:
        ended = subprocess.run(
            [sys.executable, "-c", program],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        print(f"{head}\n{ended.stdout}", end="", flush=True)
    else:
        print(head, flush=True)
        ended = subprocess.run([sys.executable, "-c", program], text=True, check=False)
    took = f"-- {line} {name}: exit code {ended.returncode}, {time.monotonic() - began:.1f} s"
    print(took, file=sys.stderr, flush=True)  # the last line of stdout is the benchmark's own
    return ended.returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
