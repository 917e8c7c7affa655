# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The lookup against the simulator: uuids and objects by name, in few requests, with the errors of the modules and no session left."""

from __future__ import annotations

import typing as t

import pytest

from ansible_collections.zstack.aios.plugins.module_utils._pipeline.finding import find_named
from ansible_collections.zstack.aios.plugins.module_utils._protocol.errors import AmbiguousError, MissingError
from ansible_collections.zstack.aios.plugins.module_utils._resources.views import VIEWS
from ansible_collections.zstack.aios.tests.integration.conftest import Collection
from simulator.testing import ACCESS_KEY

pytestmark = pytest.mark.core

MODEL, SDXL, SERVICE = "059d19eb310f36d4a7f43f51eaab87b8", "2c8e4b0a6d1f4e5c9a3b7d5f1e0c2a4b", "d76744cb53f9378abf42b907df3efb6e"
CENTER = "ebf96ce1de2c46fa8af9d503c29bb93d"
TWINS = [{"uuid": "%032x" % number, "name": "twin", "installPath": "/m", "modelCenterUuid": center} for number, center in (
    (1, CENTER), (2, "432c5fdd49374bb0a2fd7877f0a877cf"))]
HOSTILE = ["a,b", "it's", "x>=y", "{{ 7 * 7 }}", "c"]
LOOKUP = "zstack.aios.zstack_ai"


def show(expression: str, **keywords: t.Any) -> dict[str, t.Any]:
    """Return a task that evaluates an expression."""
    return {"name": "Show", "ansible.builtin.debug": {"msg": "{{ %s }}" % expression}, "ignore_errors": True, **keywords}


def environment(collection: Collection, **more: str) -> dict[str, str]:
    """Return the connection as environment variables."""
    return {"ZSTACK_HOST": collection.simulator.host, "ZSTACK_PORT": str(collection.simulator.port), **more}


ADMIN = {"ZSTACK_ACCOUNT_NAME": "admin", "ZSTACK_ACCOUNT_PASSWORD": "password"}


def test_lookups_in_a_playbook(collection: Collection) -> None:
    simulator = collection.simulator
    simulator.seed({"models": [*TWINS, *({"name": name, "installPath": "/m", "modelCenterUuid": CENTER} for name in HOSTILE)],
                    "instance_groups": [{"uuid": "4" * 32, "name": "g", "status": "Running", "type": "Container", "yaml": "env:\n- TOKEN:hf_very_secret\n"}]})
    results = collection.play(
        show("lookup('%s', 'qwen2.5-7b', kind='model')" % LOOKUP),
        show("query('%s', 'stable-diffusion-xl', 'qwen2.5-7b', kind='model')" % LOOKUP),
        show("lookup('%s', 'vllm-base', kind='model_service', inventory=true)" % LOOKUP),
        show("lookup('%s', 'twin', kind='model', model_center='center-1')" % LOOKUP),
        show("query('%s', hostile, kind='model', inventory=true) | map(attribute='name')" % LOOKUP),
        show("lookup('%s', 'twin', kind='model')" % LOOKUP),
        show("lookup('%s', 'qwen2.5-8b', kind='model')" % LOOKUP),
        show("lookup('%s', 'qwen2.5-7b', knid='model')" % LOOKUP),
        show("lookup('%s', 'center-1', kind='model_center', model_center='center-1')" % LOOKUP),
        show("lookup('%s', 'g', kind='model_service_group', inventory=true).yaml" % LOOKUP),
        show("lookup('%s', 'qwen2.5-7b', kind='model', account_password='very-wrong-password')" % LOOKUP, vars={"zstack_aios_account_name": "admin"}),
        show("lookup('%s', 'qwen2.5-7b', kind='model')" % LOOKUP, vars={
            "zstack_aios_access_key_id": ACCESS_KEY["access_key_id"], "zstack_aios_access_key_secret": "{{ key }}", "key": ACCESS_KEY["access_key_secret"]}),
        vars={"hostile": HOSTILE[:3] + HOSTILE[4:], "zstack_aios_host": "{{ address }}", "address": simulator.host, "zstack_aios_port": simulator.port},
        environment=ADMIN)
    messages = [str(result["msg"]) for result in results]
    assert messages[0] == MODEL and results[1]["msg"] == [SDXL, MODEL]
    service = results[2]["msg"]
    assert (service["uuid"], service["framework"], service["model_center_uuid"]) == (SERVICE, "vLLM", CENTER)
    assert messages[3] == "%032x" % 1 and results[4]["msg"] == HOSTILE[:3] + HOSTILE[4:]
    assert "zstack.aios.zstack_ai: 2 models are named 'twin': " in messages[5] and "Give model_center or model_center_uuid" in messages[5]
    assert "there is no model named 'qwen2.5-8b'. The nearest are: 'qwen2.5-7b'" in messages[6] and MODEL in messages[6]
    assert "knid: there is no such option. Did you mean kind?" in messages[7] and "does not belong to another one" in messages[8]
    assert messages[9].strip() == "env:\n- TOKEN:********"
    assert "ID.1000" in messages[10] and "very-wrong-password" not in messages[10] and messages[11] == MODEL
    assert "hf_very_secret" not in str(results)
    assert simulator.stats()["sessions"] == 0 and not simulator.writes()


def test_where_the_parent_process_evaluates_no_session_is_left_either(collection: Collection) -> None:
    done = collection.playbook(
        {"name": "Show", "ansible.builtin.debug": {"msg": "{{ uuid }}"}}, environment=environment(collection, **ADMIN),
        name="{{ lookup('%s', 'qwen2.5-7b', kind='model') }}" % LOOKUP, serial="{{ query('%s', 'center-1', kind='model_center') | length }}" % LOOKUP,
        vars={"uuid": "{{ lookup('%s', 'vllm-base', kind='model_service') }}" % LOOKUP})
    assert done.returncode == 0 and SERVICE in done.stdout, done.stdout + done.stderr
    assert collection.simulator.stats()["sessions"] == 0


def test_server_text_is_no_template(collection: Collection) -> None:
    collection.simulator.seed({"models": [{"uuid": "5" * 32, "name": "braces", "description": "{{ 7 * 7 }}", "installPath": "/m", "modelCenterUuid": CENTER}]})
    results = collection.play(
        show("found.description", vars={"found": "{{ lookup('%s', 'braces', kind='model', inventory=true) }}" % LOOKUP}),
        {"name": "Set", "ansible.builtin.set_fact": {"kept": "{{ lookup('%s', 'braces', kind='model', inventory=true) }}" % LOOKUP}},
        show("kept.description ~ '!'"), environment=environment(collection, **ADMIN))
    assert results[0]["msg"] == "{{ 7 * 7 }}" and results[2]["msg"] == "{{ 7 * 7 }}!"


def test_many_names_take_few_requests(collection: Collection) -> None:
    simulator = collection.simulator
    simulator.seed({"models": [{"uuid": "%032x" % number, "name": "m%d" % number, "installPath": "/m", "modelCenterUuid": CENTER} for number in range(300)] + [
        {"uuid": "6" * 32, "name": "a,b", "installPath": "/m", "modelCenterUuid": CENTER}]})
    client = collection.client()
    try:
        for names, requests in ((["m1"], 1), (["m3", "m1", "m3"], 1), (["m1", "a,b"], 2), (["m%d" % number for number in range(300)], 3)):
            simulator.clear_log()
            rows = find_named(client, VIEWS["model"], names, {}, "x")
            assert [row["name"] for row in rows] == names
            assert len([entry for entry in simulator.log() if entry["method"] == "GET"]) == requests
        with pytest.raises(MissingError, match="x: there is no model named 'M1'. The nearest are: 'm1"):
            find_named(client, VIEWS["model"], ["m1", "M1"], {}, "x")
        simulator.seed({"models": [{**TWINS[0], "uuid": "7" * 32, "name": "m1"}]})
        with pytest.raises(AmbiguousError, match="x: 2 models are named 'm1'.*Give its uuid instead"):
            find_named(client, VIEWS["model"], ["m2", "m1"], {"model_center_uuid": CENTER}, "x")
    finally:
        client.close()
