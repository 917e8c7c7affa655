# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A simulated ZStack management node with the AI (AIOS) API.

Start it with ``python3 tests/simulator``; see README.md in this directory.
Comments of the form "REST page, 3.3" name the section of the protocol reference that a behaviour was taken from,
"AI page, 10" the section of the reference of the AI calls.
"""
from __future__ import annotations
