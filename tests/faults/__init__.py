# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Faults against the collection: schedules from a seed, checked against a model, and the matrix of every fault at every request.

Everything runs in one process and in virtual time: `network` connects the collection's client to the simulator through sockets in memory.
"""
from __future__ import annotations
