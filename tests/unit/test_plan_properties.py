# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The planner on any task and any object: after a plan was applied, the next plan is empty."""

from __future__ import annotations

import json

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from ansible_collections.zstack.aios.plugins.module_utils._pipeline.checks import validate
from ansible_collections.zstack.aios.plugins.module_utils._pipeline.plan import make_plan, unapplied
from ansible_collections.zstack.aios.plugins.module_utils._protocol.errors import DriftError, OptionError
from ansible_collections.zstack.aios.plugins.module_utils._resources.table import SELF
from ansible_collections.zstack.aios.tests.unit.support.samples import CENTER, KINDS, ONE, TWO, holding, wanting

MODEL, CLONE = KINDS["model"], KINDS["clone"]
TAG_OPTIONS = ("user_tags", "system_tags", "tag_uuids", "model_service_uuids")
NEEDED = {"model": {"name": "n", "install_path": "p", "model_center_uuid": CENTER}, "clone": {"name": "n"}}
tags = st.lists(st.sampled_from(("a", "b", "c", ONE, TWO)), max_size=4)


def values_of(kind, options):
    """Return a strategy for values of some options."""
    return st.fixed_dictionaries({}, optional={
        option: tags if option in TAG_OPTIONS else st.sampled_from((kind.samples[option].one, kind.samples[option].two)) for option in options})


def managed(kind):
    """Options that may be drawn independently of each other."""
    return [option for option in kind.samples if option != "resource_uuid"]


@st.composite
def tasks(draw, name):
    """Return a task of a kind and what the server holds: an object that may have any of the options, or none."""
    kind = KINDS[name]
    options = draw(values_of(kind, managed(kind)))
    options.update({option: value for option, value in NEEDED[name].items() if option not in options})
    has = draw(st.one_of(st.none(), values_of(kind, [option for option in managed(kind) if option != "clear_default_model_service"])))
    policy = draw(st.sampled_from(("update", "replace"))) if name == "clone" else "update"
    options = wanting(kind, options, on_drift=policy)
    if options.get("cpu_architectures") and options.get("architecture_images"):
        # Anything else contradicts itself, and what the server makes of it is not known.
        options["cpu_architectures"] = [image["cpu_architecture"] for image in options["architecture_images"]]
    try:
        validate(kind.table, options)
    except OptionError:
        assume(False)
    return options, has


class World:
    """A server that executes the steps, and knows nothing of the planner's reasons."""

    def __init__(self, kind, has):
        self.kind = kind
        self.has = None if has is None else dict(has)

    def observed(self):
        """Return what the server shows."""
        return None if self.has is None else holding(self.kind, self.has)

    def unmark(self):
        """The default is none any more; its service stays bound."""
        old = self.has.pop("default_model_service_uuid", None)
        if old:
            self.has["model_service_uuids"] = sorted({*self.has.get("model_service_uuids", []), old})

    def do(self, step, options):
        """Carry one step out: only what is in its parameters has an effect."""
        if step.call.method == "DELETE":
            self.has = None
            return
        if step.call.creates:
            assert self.has is None, "a second object"
            self.has = {}
        assert self.has is not None
        for option in step.fields:
            sample = self.kind.samples[option]
            if step.call.name in ("CreateUserTag", "AttachTagToResources", "BindModelToService"):
                added = step.entry
                assert step.call.name == "BindModelToService" or SELF in (step.params.get("resourceUuid"), *step.params.get("resourceUuids", []))
                self.has[option] = sorted({*self.has.get(option, []), added})
                continue
            place = step.root if option in ("user_tags", "system_tags") else step.params
            assert sample.api in place, option
            if option in TAG_OPTIONS:
                self.has[option] = sorted({*self.has.get(option, []), *place[sample.api]})
            elif option == "clear_default_model_service":
                self.unmark()
            else:
                if option == "default_model_service_uuid":
                    self.unmark()
                self.has[option] = options[option]
                if option == "architecture_images":
                    self.has["cpu_architectures"] = [image["cpu_architecture"] for image in options[option]]
        known = {sample.api for sample in self.kind.samples.values()} | {"resourceType", "resourceUuid", "resourceUuids", "tag"}
        assert set(step.params) | set(step.root) <= known


def assert_same_values(options, predicted, found, drift):
    """The object has the values that the diff predicted."""
    assert set(predicted) == set(found)
    for name in set(predicted) - drift:
        if name in TAG_OPTIONS:
            # A tag pattern and a class come and go as user tags as well, whose text the planner cannot know.
            assert set(options[name]) <= set(predicted[name]) & set(found[name])
        else:
            assert predicted[name] == found[name]


def check(kind, options, has):
    """Plan, carry out, plan again."""
    world = World(kind, has)
    try:
        plan = make_plan(kind.table, options, world.observed())
    except DriftError:
        assume(False)
    for step in plan.steps:
        world.do(step, options)
    after = world.observed()
    assert unapplied(kind.table, plan, options, after) == []
    again = make_plan(kind.table, options, after)
    assert again.steps == () and not again.changed, again
    # What cannot be repaired is still told, unless the repair of another field brought it about; nothing new is.
    drift = {item.field for item in plan.drift}
    assert {item.field for item in again.drift} <= drift
    assert again.before == again.after
    if not any(step.call.method == "DELETE" for step in plan.steps):
        assert_same_values(options, plan.after, again.before, drift)
    assert plan.changed is bool(plan.steps)
    assert plan.changed or plan.before == plan.after
    return plan


@settings(max_examples=150)
@given(tasks("model"))
def test_a_model_is_settled_after_one_run(task):
    check(MODEL, *task)


@settings(max_examples=150)
@given(tasks("clone"))
def test_a_clone_is_settled_after_one_run(task):
    check(CLONE, *task)


@given(st.sampled_from(sorted(KINDS)).flatmap(lambda name: st.tuples(st.just(name), tasks(name))))
def test_absent_is_settled_after_one_run(drawn):
    name, (options, has) = drawn
    kind = KINDS[name]
    world = World(kind, has)
    if has and has.get("system"):
        has = {**has, "system": False}
        world = World(kind, has)
    options = {**options, "state": "absent"}
    plan = make_plan(kind.table, options, world.observed())
    assert len(plan.steps) == (has is not None)
    for step in plan.steps:
        world.do(step, options)
    assert world.observed() is None and not make_plan(kind.table, options, None).changed


@given(tasks("clone"))
def test_a_report_never_changes_anything(task):
    options, has = task
    assume(has is not None)
    plan = make_plan(CLONE.table, {**options, "on_drift": "report"}, World(CLONE, has).observed())
    assert plan.steps == () and not plan.changed and plan.before == plan.after


@given(st.sampled_from(sorted(KINDS)).flatmap(lambda name: st.tuples(st.just(name), tasks(name))))
def test_planning_changes_nothing_that_it_is_given(drawn):
    name, (options, has) = drawn
    kind = KINDS[name]
    observed = World(kind, has).observed()
    before = json.dumps([options, observed and [observed.inventory, observed.user_tags, observed.system_tags]], sort_keys=True)
    try:
        one = make_plan(kind.table, options, observed)
    except DriftError:
        assume(False)
    assert before == json.dumps([options, observed and [observed.inventory, observed.user_tags, observed.system_tags]], sort_keys=True)
    assert make_plan(kind.table, options, observed) == one
