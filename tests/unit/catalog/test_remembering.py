# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Digests are computed once, and only where the server does not show the value."""

from __future__ import annotations

import hashlib

import pytest
from ansible_collections.zstack.aios.plugins.module_utils._catalog.files import Place
from ansible_collections.zstack.aios.plugins.module_utils._catalog.items import Item
from ansible_collections.zstack.aios.plugins.module_utils._catalog.kinds import KINDS, ItemSpec
from ansible_collections.zstack.aios.plugins.module_utils._catalog.planning import plan_items
from ansible_collections.zstack.aios.plugins.module_utils._catalog.remembering import prepare_digests
from ansible_collections.zstack.aios.plugins.module_utils._pipeline.snapshot import Snapshot
from ansible_collections.zstack.aios.plugins.module_utils._resources import remembered
from ansible_collections.zstack.aios.tests.unit.support.fake_client import FakeClient

KIND, SERVICE = "model_service_groups", "5" * 32
TABLE = KINDS[KIND]


@pytest.fixture
def computed(monkeypatch):
    """The texts whose digests are computed; the digest itself is a quick one here."""
    found = []

    def scrypt(text, **options):
        found.append(text)
        return hashlib.sha256(text + options["salt"]).digest()

    monkeypatch.setattr(remembered.hashlib, "scrypt", scrypt)
    remembered._digest.cache_clear()
    yield found
    remembered._digest.cache_clear()


def platform(count, yaml, digest=True):
    """Groups with a variable each, and the items that want it."""
    rows, tags, items = [], [], []
    for number in range(count):
        variables = {"KEY": "value-%d" % number}
        row = {"uuid": "%032x" % number, "name": "g%d" % number, "modelServiceUuid": SERVICE, "status": "Running", "yaml": yaml % number}
        rows.append({**row, "instances": [{"name": "i", "status": "Running", "url": "http://192.0.2.1"}]})
        if digest:
            tags.append({"uuid": "%032x" % (1000 + number), "resourceUuid": row["uuid"], "resourceType": TABLE.vo,
                         "tag": remembered.digest_text("environment_variables", variables)})
        options = ItemSpec(TABLE).validate({"name": row["name"], "model_service": "svc", "environment_variables": variables})[0]
        items.append(Item(number, KIND, number, Place(), TABLE, {**options, "version_check": True, "server_side_check": False}))
    store = {TABLE.path: rows, "/v1/user-tags": tags, "/v1/ai/model-services": [{"uuid": SERVICE, "name": "svc"}]}
    return items, Snapshot(FakeClient(store), [TABLE.vo])


@pytest.mark.parametrize("yaml, digest, expected", [
    ("services: []  # %d", True, 20), ("env: ['KEY:value-%d']", True, 0), ("env: ['KEY:value-%d', 'OF:service']", True, 20),
    ("services: []  # %d", False, 0),
], ids=["hidden", "shown", "shown among others", "without a digest"])
def test_each_digest_is_computed_at_most_once(computed, yaml, digest, expected):
    items, snapshot = platform(20, yaml, digest)
    computed.clear()
    remembered._digest.cache_clear()
    assert prepare_digests(items, snapshot) == expected == len(computed)
    tasks = plan_items(items, snapshot)
    assert {task.planned for task in tasks} <= {"none", "update"} and len(computed) == expected
    assert [task.planned for task in tasks] == ["none" if digest else "update"] * 20
