"""The front door: `rollcall COMMAND`. The commands are in `cli/`."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

from cli.main import main

__all__ = ["main"]

if __name__ == "__main__":
    main(prog_name="rollcall")
