# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Secrets in output: `scanner` finds them in any spelling and in part, `parrot` is a server that repeats them, `matrix` runs every module against it."""
from __future__ import annotations
