# Part of scripts/setup, which sets $stamps: the virtual environment .venv, every package pinned by its digest.
# shellcheck shell=bash disable=SC2154

install_python_packages() {
    local lock=requirements.lock
    [ "$1" = test ] && lock=requirements-dev.lock
    if ! .venv/bin/python -c 'import sys; sys.exit(sys.version_info[:2] != (3, 11))' 2>/dev/null; then
        say "Making .venv with $(python3.11 --version)"
        rm -rf .venv
        rm -f "$stamps"/requirements*.lock
        quietly python3.11 -m venv .venv
    fi
    local wanted
    wanted="$(sha256sum <"$lock") $(stat --format=%i .venv)" # a new .venv is empty, whatever the stamp says
    if ! stamped "$lock" "$wanted"; then
        say "Installing $(grep -c '==' "$lock") Python packages"
        # Without compiling: Python does that for the few modules it imports, which takes a fraction of the time.
        quietly .venv/bin/python -m pip install --quiet --disable-pip-version-check --no-input --no-compile \
            --require-hashes -r "$lock"
        stamp "$lock" "$wanted"
        # The other lock has the same versions or is a part of this one, so its stamp stays true.
        [ "$1" = test ] && stamp requirements.lock "$(sha256sum <requirements.lock) $(stat --format=%i .venv)"
        say "Python packages are there"
    fi
    link_geogrid
}

# Puts the clone itself on the path of .venv, and the command `geogrid` beside its python.
link_geogrid() {
    local site=.venv/lib/python3.11/site-packages
    [ "$(cat "$site/geogrid.pth" 2>/dev/null)" = "$PWD" ] || printf '%s\n' "$PWD" >"$site/geogrid.pth"
    if [ ! -x .venv/bin/geogrid ]; then
        # shellcheck disable=SC2016
        printf '#!/bin/sh\nexec "$(dirname "$(readlink -f "$0")")/python" -m geogrid "$@"\n' >.venv/bin/geogrid
        chmod +x .venv/bin/geogrid
    fi
}
