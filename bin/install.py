"""Installs a lock file with pip and says how far it is: `install.py LOCK COUNT`. Needs the standard library only."""

import subprocess
import sys

_EVERY = 10
_PREFIXES = ("Collecting ", "Requirement already satisfied")


def main(lock: str, count: int) -> int:
    """Returns pip's exit code; its output is shown where it fails."""
    command = [sys.executable, "-m", "pip", "install", "--disable-pip-version-check", "--progress-bar", "off"]
    command += ["--require-hashes", "-r", lock]
    lines, seen = [], 0
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as pip:
        for line in pip.stdout or ():
            lines.append(line)
            if line.startswith(_PREFIXES):
                seen += 1
                _show(f"  {min(seen, count)} of {count}: {line.split()[1].partition('==')[0]}", seen)
            elif line.startswith("Installing collected packages"):
                _show("  All are here; unpacking them ...", 0)
    _show("", 0)
    if pip.returncode:
        sys.stderr.writelines(lines[-40:])
    return pip.returncode


def _show(line: str, number: int) -> None:
    """Rewrites one line on a terminal; elsewhere writes every tenth."""
    if sys.stderr.isatty():
        sys.stderr.write("\r\033[K" + line)
    elif line and number % _EVERY == 0:
        sys.stderr.write(line + "\n")
    sys.stderr.flush()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], int(sys.argv[2])))
