# Sourced by the other commands: an environment with the locked requirements and a browser. POSIX sh.
# Sets: root, python (the environment's own). Takes: lock (a file name), and apart (a word) for an environment of its own,
# which has no browser and no command. Quiet on the second run.

root=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd -P)

say() { printf '%s\n' "$*" >&2; }
die() { say "$*"; exit 1; }

find_python() {
  for name in python3 python3.14 python3.13 python3.12 python3.11 python; do
    found=$(command -v "$name" 2>/dev/null) || continue
    if "$found" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
      printf '%s\n' "$found"
      return 0
    fi
  done
  return 1
}

# The checkout's own folder where it may be written, else the person's cache.
place_environment() {
  name=.venv${apart:+-$apart}
  if [ -n "${ROLLCALL_VENV:-}" ]; then
    venv=$ROLLCALL_VENV${apart:+-$apart}
  elif { [ -d "$root/$name" ] && [ -w "$root/$name" ]; } || { [ ! -e "$root/$name" ] && [ -w "$root" ]; }; then
    venv=$root/$name
  else
    key=$(printf '%s' "$root" | cksum | cut -d' ' -f1)
    venv=${XDG_CACHE_HOME:-${HOME:-/tmp}/.cache}/rollcall/venv-$key${apart:+-$apart}
  fi
  python=$venv/bin/python
}

make_environment() {
  base=$(find_python) || die "Python 3.11 or later is needed and was not found. Install it, then run this again."
  say "Making the environment with $("$base" -V 2>&1) ..."
  mkdir -p "$(dirname "$venv")"
  if ! "$base" -m venv --clear "$venv" >&2; then
    rm -rf "$venv"
    if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
      apt-get update -q >&2 && apt-get install -qy python3-venv >&2 && "$base" -m venv --clear "$venv" >&2 ||
        die "The venv module of $base does not work. Install it (Debian: apt-get install python3-venv), then run this again."
    else
      die "The venv module of $base does not work. Install it (Debian: apt-get install python3-venv), then run this again."
    fi
  fi
}

install_lock() {
  stamp=$venv/.rollcall-$lock
  want=$(cksum <"$root/$lock")
  [ -x "$python" ] && [ -f "$stamp" ] && [ "$(cat "$stamp")" = "$want" ] && return 0
  [ -x "$python" ] && "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || make_environment
  count=$(grep -c '^[A-Za-z0-9]' "$root/$lock")
  if [ -n "${apart:-}" ]; then size=150; else size=700; fi
  say "Installing $count packages of $lock, about $size MB on disk; this takes a minute or two."
  "$python" "$root/bin/install.py" "$root/$lock" "$count" >&2 ||
    die "The requirements could not be installed; the lines above say why."
  [ -n "${apart:-}" ] || make_command
  printf '%s\n' "$want" >"$stamp"
}

make_command() {
  printf '#!/bin/sh\nexec "%s" "%s" "$@"\n' "$python" "$root/rollcall.py" >"$venv/bin/rollcall"
  chmod 755 "$venv/bin/rollcall"
}

place_environment
install_lock
cd "$root"
PYTHONPATH=$root${PYTHONPATH:+:$PYTHONPATH}
export PYTHONPATH
[ -n "${apart:-}" ] || "$python" -m worker.browser.install
