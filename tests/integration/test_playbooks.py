# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Playbooks as users write them, each in the worker and as modules, with results equal to the last key."""

from __future__ import annotations

from .test_cases import CASES, MODEL, NEW_MODEL, PAGE_CLONE, SERVICE


def task(kind, options, **keywords):
    module = "zstack.aios.zstack_ai_model" if kind == "model" else "zstack.aios.zstack_ai_model_service_clone"
    return {"name": "Task", module: options, **keywords}


def own_names(options, number):
    """Return the case's options with names that no other case has, so that all cases fit into one playbook."""
    changed = dict(options)
    for key in ("name", "model_id"):
        if options.get(key) in (NEW_MODEL["name"], NEW_MODEL["model_id"], PAGE_CLONE["name"]) and "uuid" not in options:
            changed[key] = "%s-%d" % (options[key], number)
    return changed


def test_every_case(collection):
    """All cases of test_cases in one playbook, each in check mode and then for real."""
    tasks = []
    for number, (kind, options, first) in enumerate(CASES.values()):
        mine = own_names(options, number)
        tasks += [task(kind, own_names(first, number))] if first else []
        tasks += [task(kind, mine, check_mode=True), task(kind, mine)]
    results = collection.worker_and_module(*tasks, prepare=lambda: collection.simulator.configure(reserve_deleted_uuids=False))
    assert not [result["msg"] for result in results if result["failed"]]
    assert len(results) == len(tasks)
    for entry, planned, done in zip(tasks, results, results[1:]):
        if entry.get("check_mode"):
            assert [planned[key] for key in ("changed", "diff", "steps", "drift")] == [done[key] for key in ("changed", "diff", "steps", "drift")]


def test_failures(collection, simulator):
    good = {"uuid": MODEL, "vendor": "x"}
    tasks = [
        task("model", {**good, "no_such_option": 1}),
        task("model", {"vendor": "x"}),
        task("model", {**good, "size": "many"}),
        task("model", {**good, "state": "gone"}),
        task("model", {**good, "model_center": "a", "model_center_uuid": "b"}),
        task("model", {**good, "name": "x" * 256}),
        task("model", {"uuid": "0" * 32, "vendor": "x"}),
        task("model", {**good, "account_password": "wrong"}),
        task("model", {**good, "model_center": "nowhere"}),
        task("model", {**good, "port": 70000}),
        task("model", {**good, "account_name": "", "account_password": ""}),
        task("clone", {"name": "x"}),
        task("clone", {"source_service_uuid": SERVICE, "name": "x", "framework": "NoSuch"}),
        task("clone", {"source_service_uuid": SERVICE, "name": "x", "architecture_images": [{"cpu_architecture": "x86_64"}]}),
        task("clone", {"source_service": "vllm-base", "source_service_uuid": SERVICE, "name": "x"}),
        task("clone", {"name": "vllm-base", "state": "absent"}),
    ]
    results = collection.worker_and_module(*[{**entry, "ignore_errors": True} for entry in tasks])
    assert len(results) == len(tasks)
    assert not [number for number, result in enumerate(results) if not result.get("failed") or not result["msg"]]


def test_check_and_diff_print_a_review_and_write_nothing(collection, simulator):
    done = collection.playbook(task("model", {"uuid": MODEL, "vendor": "Alibaba"}), task("clone", PAGE_CLONE), arguments=["--check", "--diff"])
    assert done.returncode == 0, done.stdout
    assert '-    "vendor": "Qwen"' in done.stdout and '+    "vendor": "Alibaba"' in done.stdout
    assert '+    "framework": "HuggingFace"' in done.stdout
    assert not simulator.writes()


def test_an_empty_check_of_the_examples_of_the_pages(collection, simulator):
    """The two vendor pages, three times over: plan, apply, nothing left."""
    tasks = [task("model", {"uuid": MODEL, "name": "example", "vendor": "Alibaba"}), task("clone", PAGE_CLONE)]
    planned = collection.play(*tasks, arguments=["--check", "--diff"])
    done = collection.play(*tasks)
    again = collection.play(*tasks)
    assert [result["changed"] for result in planned + done + again] == [True, True, True, True, False, False]
    assert [result["diff"] for result in planned] == [result["diff"] for result in done]
    assert [result["steps"] for result in planned] == [result["steps"] for result in done]
