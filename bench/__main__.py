"""`python -m bench NAME` calls `bench.NAME.main(argv)`, which prints a JSON line: ours, the floor's, their ratio."""

import sys
from importlib import import_module
from pathlib import Path


def names() -> list[str]:
    """The benchmarks that exist: the modules beside this one that have a `main`."""
    here = Path(__file__).parent
    return sorted(p.stem for p in here.glob("*.py") if not p.stem.startswith("_") and "def main(" in p.read_text())


def run(argv: list[str]) -> None:
    """Runs the benchmark that `argv` names; ends with its usage for an unknown one."""
    if not argv or argv[0] not in names():
        raise SystemExit(f"usage: python -m bench {'|'.join(names())} [options]")
    import_module(f"bench.{argv[0]}").main(argv[1:])


if __name__ == "__main__":
    run(sys.argv[1:])
