#!/bin/sh
# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Prints the newest Python that is new enough and really runs, or says what is missing: the newest ansible-core needs a new one.
# An interpreter named by the caller (make PYTHON=...) is the only candidate.

set -eu

# pyenv keeps its interpreters off the path.
versions="${PYENV_ROOT:-${HOME:-/nonexistent}/.pyenv}/versions"
candidates="${1:-}"
if [ -z "$candidates" ]; then
    for version in 3.13 3.12 3.11; do
        candidates="$candidates python$version"
        for installed in "$versions/$version".*/bin/python"$version"; do
            [ ! -x "$installed" ] || candidates="$candidates $installed"
        done
    done
    candidates="$candidates python3"
fi

for candidate in $candidates; do
    # A command of that name is not enough: it may be a shim without a Python behind it, or lack the venv module.
    if "$candidate" -c 'import ensurepip, sys, venv; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; then
        command -v "$candidate"
        exit 0
    fi
done

echo "No usable Python among: $candidates" >&2
echo "Python 3.11 or later with the modules venv and ensurepip is needed (on Debian and Ubuntu: the package python3-venv)." >&2
echo "Name one with: make PYTHON=/path/to/python3 ..." >&2
exit 1
