# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Secrets that are words, texts of the server that a terminal would obey, and credentials in URLs, through real Ansible."""

from __future__ import annotations

import json

import pytest
import yaml

from ansible_collections.zstack.aios.plugins.module_utils._protocol.text import trim

from .test_cases import CENTER, MODEL

HOSTILE = "\x1b]0;title\x07 \x1b[2J \x9b31m \u202egpj.exe\u2066 \u200b"
EXPORT = {"name": "Export", "zstack.aios.zstack_ai_catalog_export": {}, "ignore_errors": True}


def test_masked_text_is_no_data(collection, simulator, tmp_path):
    """The password that a ZStack is installed with is a word that occurs in descriptions."""
    def prepare():
        simulator.seed({"models": [{
            "uuid": "a" * 32, "name": "pm", "modelCenterUuid": CENTER, "installPath": "/m/password/x", "description": "reset the password by mail"}]})
    prepare()
    directory = tmp_path / "catalog"
    results = collection.worker_and_module(
        EXPORT, {"name": "Read", "zstack.aios.zstack_ai_model": {"uuid": "a" * 32, "vendor": "x"}},
        {"name": "Write", "zstack.aios.zstack_ai_catalog_export": {"path": str(directory)}},
        {"name": "Plan", "zstack.aios.zstack_ai_catalog": {"path": str(directory)}, "check_mode": True}, prepare=lambda: (prepare(), clear(directory)))
    exported, read, written, planned = results
    assert exported["failed"] and exported["msg"].startswith("path: line ") and "Set path to write the catalog to files" in exported["msg"]
    assert "content" not in exported
    assert read["model"]["description"] == "reset the ******** by mail"
    assert "The result is masked in model.description, model.install_path" in str(read["warnings"])
    assert planned["changed"] is False and not written["failed"]
    model = next(item for item in yaml.safe_load((directory / "models.yml").read_text(encoding="utf-8"))["models"] if item["name"] == "pm")
    assert (model["description"], model["install_path"]) == ("reset the password by mail", "/m/password/x")


WEAK = ("1", "e", "update", "true", "name")


def test_weak_passwords_corrupt_nothing(collection, simulator, tmp_path):
    """Whatever short word or number the password is, every result is the same as with a strong one, to the last key."""
    passwords = ("a strong password", *WEAK)
    accounts = [{"name": "account-%d" % number, "password": password, "type": "SystemAdmin"} for number, password in enumerate(passwords)]

    def prepare():
        # Only the administrator sees what is not shared.
        simulator.seed({
            "accounts": accounts, "model_centers": [{"uuid": "b" * 32, "name": "e", "url": "http://192.0.2.1", "_shared": True}], "models": [
                {"uuid": uuid * 32, "name": name, "modelCenterUuid": "b" * 32, "installPath": "/e/true", "vendor": "name", "description": "e", "size": 1,
                 "_shared": True} for uuid, name in (("a", "update 1"), ("c", "true"), ("d", "name"))]})

    (tmp_path / "catalog").mkdir()
    (tmp_path / "catalog" / "c.yml").write_text("models:\n- {name: x, model_center: center-1, nope: 1}\n", encoding="utf-8")
    signed_in = {"account_name": "{{ item.name }}", "account_password": "{{ item.password }}"}
    catalog = {"models": [
        {"name": "update 1", "vendor": "true", "size": 1}, {"name": "true"}, {"name": "1", "model_center": "e", "install_path": "/1"},
        {"name": "name", "state": "absent"}], "name": "name", "list_unchanged": True}
    tasks = [
        {"zstack.aios.zstack_ai_catalog": {**catalog, **signed_in}, "check_mode": True},
        {"zstack.aios.zstack_ai_catalog": {"path": str(tmp_path / "catalog"), **signed_in}, "ignore_errors": True},
        {"zstack.aios.zstack_ai_catalog_export": signed_in},
        {"zstack.aios.zstack_ai_model": {"uuid": "a" * 32, "name": "true", "parameters": {"e": 1, "name": True}, **signed_in}, "check_mode": True},
        {"zstack.aios.zstack_ai_model": {"name": "update", "model_center": "1", **signed_in}, "ignore_errors": True},
        {"zstack.aios.zstack_ai_model": {"name": "update", "size": "true", **signed_in}, "ignore_errors": True},
    ]
    prepare()
    worker = collection.play(*({**task, "name": "Task", "loop": accounts} for task in tasks))
    both = collection.worker_and_module(*({**task, "name": "Task", "loop": accounts[:3:2]} for task in tasks[::2]), prepare=prepare)
    for results, count, amount in ((worker, len(accounts), len(tasks)), (both, 2, 3)):
        results = [result for result in results if "item" in result]
        assert len(results) == amount * count
        for first in range(0, len(results), count):
            strong, *others = [
                {key: value for key, value in result.items() if key not in ("item", "_ansible_item_label", "invocation")}
                for result in results[first:first + count]]
            assert "*" * 8 not in str(strong) and all(weak == strong for weak in others), others
    assert [result["changed"] for result in worker if "item" in result][::len(accounts)] == [True, False, False, True, False, False]


def clear(directory):
    for path in directory.glob("*"):
        path.unlink()


@pytest.mark.parametrize("form", ["json", "yaml"])
def test_the_terminal_gets_nothing_that_it_obeys(collection, simulator, tmp_path, form):
    simulator.seed({"models": [{"uuid": "a" * 32, "name": "odd" + HOSTILE, "modelCenterUuid": CENTER, "installPath": "/x", "description": HOSTILE}]})
    directory = tmp_path / "catalog"
    plan = {"name": "Plan", "zstack.aios.zstack_ai_catalog": {"models": [
        {"uuid": "a" * 32, "description": "new"}, {"uuid": "b" * 32, "name": "odd" + HOSTILE, "model_center": "center-1", "install_path": "/x"}]},
        "check_mode": True, "ignore_errors": True}
    done = collection.playbook(
        plan, {"name": "Show", "zstack.aios.zstack_ai_catalog_export": {"path": str(directory)}, "diff": True}, arguments=["--diff"],
        environment={"ANSIBLE_CALLBACK_RESULT_FORMAT": form})
    assert "\\x1b]0;title\\x07" in done.stdout.replace("\\\\", "\\") and "odd" in done.stdout, done.stdout
    printed = done.stdout + done.stderr
    assert not [char for char in printed if char in HOSTILE.replace(" ", "") and not char.isprintable()], repr(printed)
    text = (directory / "models.yml").read_text(encoding="utf-8")
    assert all(char.isprintable() or char == "\n" for char in text)
    assert next(item for item in yaml.safe_load(text)["models"] if item["name"].startswith("odd"))["description"] == trim(HOSTILE)


def test_credentials_in_a_url_are_sent_and_compared_and_not_shown(collection, simulator):
    task = {"name": "Update", "zstack.aios.zstack_ai_model": {"uuid": MODEL, "description": "from https://u:{{ item }}@h/x?token={{ item }}"},
            "loop": ["one-secret", "two-secret", "two-secret"]}
    results = collection.worker_and_module(task)
    stored = next(row for row in simulator.state()["models"] if row["uuid"] == MODEL)["description"]
    assert stored == "from https://u:two-secret@h/x?token=two-secret"
    assert [result["changed"] for result in results[:3]] == [True, True, False]
    assert results[1]["diff"] == {
        "before": {"description": "from https://********@h/x?token=********"},
        "after": {"description": "from https://********@h/x?token=******** (differs in what is masked)"}}
    for result in results[:3]:
        shown = {key: value for key, value in result.items() if key not in ("item", "_ansible_item_label")}
        assert "-secret" not in json.dumps(shown)
