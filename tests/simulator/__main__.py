# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Command line entry: ``python3 tests/simulator``, or ``python3 -m simulator`` in the directory ``tests``."""
from __future__ import annotations

import pathlib
import sys

if not __package__:
    # Started by the path of this directory: Python searches it for modules, instead of its parent.
    sys.path[0] = str(pathlib.Path(__file__).resolve().parents[1])

from simulator.command import main

if __name__ == "__main__":
    main()
