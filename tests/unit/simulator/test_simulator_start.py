# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the simulator prints when it starts, and texts in the spelling of Java."""
from __future__ import annotations

from simulator.command import sign_in_block
from simulator.errors import java_list
from simulator.kinds import KINDS
from simulator.options import Config
from simulator.seeding import load_seed
from simulator.server import Simulator
from simulator.store import Store


def block(seed, host="127.0.0.1"):
    simulator = Simulator(Store(":memory:"), Config())
    load_seed(simulator.world, seed)
    return sign_in_block(simulator.world, host, 8081).splitlines()


def test_start_prints_how_to_sign_in():
    assert block({}, "0.0.0.0") == [
        "Sign in with:", "export ZSTACK_HOST=127.0.0.1", "export ZSTACK_PORT=8081", "export ZSTACK_PROTOCOL=http",
        "export ZSTACK_CONTEXT_PATH=/zstack", "export ZSTACK_ACCOUNT_NAME=admin", "export ZSTACK_ACCOUNT_PASSWORD=password"]


def test_other_password_is_not_printed():
    seed = {"accounts": [{"uuid": "36c27e8ff05c4780bf6d2fa65700f22e", "name": "admin", "password": "other", "type": "SystemAdmin"}]}
    assert block(seed)[-1].startswith("# export ZSTACK_ACCOUNT_PASSWORD=")


def test_lists_are_printed_as_in_java():
    assert java_list(("A", "B")) == "[A, B]"


def test_unsupported_framework_lists_java_values(client, ids):
    body = {"updateModelService": {"framework": "none"}}
    details = client.do("PUT", f"/v1/ai/model-services/{ids.service}", body).details
    assert "supported are [" in details and "'" not in details.split("supported are ")[1]


def test_class_names_of_the_server():
    assert KINDS["tag_patterns"].inventory == "org.zstack.header.tag.TagPatternInventory"
    assert KINDS["access_keys"].inventory == "org.zstack.accessKey.AccessKeyInventory"
