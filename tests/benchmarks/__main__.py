"""Run the benchmarks: `python -m tests.benchmarks [A4 A8 ...]`; SMALL=1 in the environment: the small size.

Each prints its figures and returns 0 when they are within the bounds it states.
"""

import importlib
import os
import re
import sys
import time
from pathlib import Path

HERE = Path(__file__).parent


def benchmarks() -> dict[str, list[str]]:
    """Modules by line: {"A4": ["a4_import"], ...}, in the order of their numbers."""
    found: dict[str, list[str]] = {}
    for path in sorted(HERE.glob("a*_*.py"), key=lambda path: (_number(path), path.stem)):
        found.setdefault(f"A{_number(path)}", []).append(path.stem)
    return found


def _number(path: Path) -> int:
    number = re.match(r"a(\d+)_", path.stem)
    return int(number[1]) if number else 0


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
    failed: list[str] = []
    for line in wanted:
        for name in known[line]:
            print(f"\n-- {line} {name}{' (small)' if small else ''}", flush=True)
            began = time.monotonic()
            code = importlib.import_module(f"tests.benchmarks.{name}").main(small)
            print(
                f"-- {line} {name}: {'ok' if code == 0 else 'FAILED'}, {time.monotonic() - began:.1f} s",
                flush=True,
            )
            if code != 0:
                failed.append(name)
    if failed:
        print(f"Not within their bounds: {', '.join(failed)}", file=sys.stderr)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
