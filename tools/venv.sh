#!/bin/sh
# Makes .venv beside the Makefile, and says what to do where the system cannot.
set -eu

python=${PYTHON:-}
if [ -z "$python" ]; then
    for candidate in python3 python3.11 python3.12 python3.13 python3.14; do
        if command -v "$candidate" >/dev/null 2>&1 \
            && "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))'; then
            python=$candidate
            break
        fi
    done
fi
if [ -z "$python" ]; then
    echo "Ecorad needs Python 3.11 or newer. On Debian 12: sudo apt-get install python3 python3-venv" >&2
    exit 3
fi

if [ -x .venv/bin/python ] && .venv/bin/python -m pip --version >/dev/null 2>&1; then
    exit 0
fi

# Debian keeps ensurepip in a package of its own.
if ! "$python" -c 'import ensurepip, venv' >/dev/null 2>&1; then
    package="python$("$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])')-venv"
    if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
        echo "Installing $package ..." >&2
        apt-get update -q >&2
        DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends "$package" >&2
    else
        echo "This Python cannot make virtual environments. Run: sudo apt-get install $package" >&2
        exit 3
    fi
fi

"$python" -m venv --clear .venv
