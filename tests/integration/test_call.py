# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""zstack_ai_call against the simulator: in the worker and as a module, and every call of the API."""

from __future__ import annotations

CALL = "zstack.aios.zstack_ai_call"
PROXY_UUID = "0f1e2d3c4b5a49788695a4b3c2d1e0f1"
MASK = "*" * 8
PROXY = {"proxyType": "HTTP", "proxyHost": "proxy.example.com", "proxyPort": "{{ 3128 }}", "proxyPassword": "hunter2-geheim", "useSsl": True,
         "resourceUuid": PROXY_UUID}


def task(call, parameters=None, options=None, **more):
    return {"name": call, CALL: {"call": call, "parameters": parameters or {}, **(options or {})}, "ignore_errors": True, **more}


def test_the_worker_and_the_module_give_the_same(collection, simulator):
    tasks = [
        task("QueryModel", {"q": ["name=qwen2.5-7b"], "fields": "uuid,name"}),
        task("CreateUserProxyConfig", PROXY, check_mode=True),
        task("CreateUserProxyConfig", PROXY),
        task("CreateUserProxyConfig", PROXY),
        task("QueryUserProxyConfig", check_mode=True),
        task("UpdateUserProxyConfig", {"uuid": PROXY_UUID, "proxyPort": 8080}, {"user_tags": ["team-a"]}),
        task("DeleteUserProxyConfig", {"uuid": PROXY_UUID}),
        task("DeleteUserProxyConfig", {"uuid": PROXY_UUID}),
        task("CreateUserProxy", PROXY),
        task("CreateUserProxyConfig", {**PROXY, "proxyPasswort": "hunter2-geheim", "proxyPassword": ["hunter2-geheim"]}),
    ]
    results = collection.both_ways(*tasks)
    read, checked, created, twice, listed, updated, deleted, again, unknown, wrong = results[:10]
    assert read["result"]["inventories"][0]["name"] == "qwen2.5-7b" and read["changed"] is False
    assert checked["changed"] and checked["result"] is None and checked["msg"].endswith("was not sent.") and checked["steps"] == created["steps"]
    inventory = created["result"]["inventory"]
    assert created["changed"] and inventory["uuid"] == PROXY_UUID and (inventory["proxyPort"], inventory["proxyPassword"]) == (3128, MASK)
    assert twice["failed"] and "There is an object with the uuid %s already." % PROXY_UUID in twice["msg"] and twice["error"]["code"] == "SYS.1000"
    assert [row["proxyPassword"] for row in listed["result"]["inventories"]] == [MASK] and not listed["changed"]
    assert updated["result"]["inventory"]["proxyPort"] == 8080
    assert deleted["changed"] and again["changed"] and len(deleted["job_uuid"]) == 32
    assert unknown["failed"] and "Did you mean CreateUserProxyConfig" in unknown["msg"]
    assert wrong["failed"] and "Did you mean proxyPassword" in wrong["msg"]
    assert "hunter2" not in str(results)
    calls = [entry["call"] for entry in simulator.writes()]
    assert calls == ["CreateUserProxyConfig", "CreateUserProxyConfig", "UpdateUserProxyConfig", "DeleteUserProxyConfig", "DeleteUserProxyConfig"]
