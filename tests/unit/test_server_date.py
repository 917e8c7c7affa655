# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Dates of the server, in the forms of its Javas (REST protocol page, section 8)."""

from __future__ import annotations

import datetime

import pytest

from ansible_collections.zstack.aios.plugins.module_utils._protocol.text import server_date


@pytest.mark.parametrize("text, date", [
    ("Nov 25, 2025 11:51:50 AM", (2025, 11, 25, 11, 51, 50)), ("Jan 3, 2025 1:05:00 PM", (2025, 1, 3, 13, 5, 0)),
    ("Nov 25, 2025, 12:00:00 AM", (2025, 11, 25, 0, 0, 0)), ("Nov 25, 2025, 12:00:01\u202fPM", (2025, 11, 25, 12, 0, 1)),
])
def test_every_published_form_is_read(text, date):
    assert server_date(text) == datetime.datetime(*date)


@pytest.mark.parametrize("text", [
    None, 7, "", "2025-11-25 11:51:50", "Nov 31, 2025 1:00:00 AM", "Foo 1, 2025 1:00:00 AM", "Nov 1, 2025 1:61:00 AM", "Nov 1, 0000 1:00:00 AM",
    "Nov 25, 2025 11:51:50 AM and more"])
def test_another_form_is_no_date(text):
    assert server_date(text) is None
