# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the unit tests share. Helper modules are in `support`."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, settings

from ansible_collections.zstack.aios.tests.unit.support.clock import Clock, fake_time

# The same examples at every run, and none is too slow on a busy machine.
settings.register_profile(
    "zstack_aios", derandomize=True, deadline=None, max_examples=80, database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture])
settings.load_profile("zstack_aios")


@pytest.fixture
def clock():
    """Time that passes only when the core sleeps."""
    with fake_time() as found:
        assert isinstance(found, Clock)
        yield found


@pytest.fixture
def bare_environment(monkeypatch):
    """No proxy, no CA bundle and no account of the developer reaches the test."""
    import os

    for name in list(os.environ):
        if name.lower().endswith("_proxy") or name.startswith(("ZSTACK_", "REQUESTS_", "CURL_")) or name == "NETRC":
            monkeypatch.delenv(name)
