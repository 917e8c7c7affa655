# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The services that a model is bound to: by name, by uuid, and exactly these."""

from __future__ import annotations

import pytest

from ansible_collections.zstack.aios.plugins.module_utils._pipeline.checks import validate
from ansible_collections.zstack.aios.plugins.module_utils._pipeline.observe import observe
from ansible_collections.zstack.aios.plugins.module_utils._pipeline.plan import make_plan
from ansible_collections.zstack.aios.plugins.module_utils._pipeline.runner import finish
from ansible_collections.zstack.aios.plugins.module_utils._protocol.errors import AmbiguousError, MissingError, OptionError
from ansible_collections.zstack.aios.plugins.module_utils._resources.model import MODEL
from ansible_collections.zstack.aios.tests.unit.support.fake_client import FakeClient, refused

MODELS, SERVICES = "/v1/ai/models", "/v1/ai/model-services"
UUID = "0f1e2d3c4b5a49788695a4b3c2d1e0f1"
A, B, C = ("%s0f1e2d3c4b5a4978869a4b3c2d1e0f1" % letter for letter in "abc")


def platform(bound, default=None):
    """Return a platform with one model that is bound to services, and three services."""
    refs = [{"modelServiceUuid": uuid, "modelUuid": UUID, "isDefault": uuid == default} for uuid in bound]
    return {
        MODELS: [{"uuid": UUID, "name": "m", "modelServiceRefs": refs}],
        SERVICES: [{"uuid": A, "name": "a"}, {"uuid": B, "name": "b"}, {"uuid": C, "name": "c"}],
    }


def task(**options):
    """Return the options of a task."""
    return {"state": "present", "delete_mode": "Permissive", "server_side_check": False, "version_check": False, "name": "m", **options}


def plan_of(bound, default=None, **options):
    """Return the steps of a task as (call, last part of the path), and the plan."""
    client = FakeClient(platform(bound, default))
    resolved, observed = observe(client, MODEL, task(**options))
    plan = make_plan(MODEL, resolved, observed)
    return [(step.call.name, step.path.rsplit("/", 1)[1]) for step in plan.steps], plan


def test_names_are_resolved_and_missing_services_are_bound():
    assert plan_of([A], model_services=["a", "b"])[0] == [("BindModelToService", B)]
    assert plan_of([A, B, C], model_services=["a", "b"])[0] == []


@pytest.mark.parametrize("option", ["model_services", "model_service_uuids"])
def test_exact_also_unbinds_the_rest(option):
    wanted = ["b"] if option == "model_services" else [B]
    steps, plan = plan_of([A, C], **{option: wanted, "model_services_exact": True})
    assert steps == [("BindModelToService", B), ("UnbindModelFromService", A), ("UnbindModelFromService", C)]
    assert plan.before == {"name": "m", "model_service_uuids": [A, C]} and plan.after == {"name": "m", "model_service_uuids": [B]}
    assert plan.steps[1].call.method == "DELETE" and plan.steps[1].path == "/v1/ai/models/%s/model-services/%s" % (UUID, A)
    assert plan_of([B], **{option: wanted, "model_services_exact": True})[0] == []
    assert plan_of([A, C], **{option: wanted, "model_services_exact": False})[0] == [("BindModelToService", B)]


def test_an_empty_exact_list_removes_every_binding():
    assert plan_of([A, B], model_services=[], model_services_exact=True)[0] == [("UnbindModelFromService", A), ("UnbindModelFromService", B)]


def test_the_default_service_counts_as_listed_and_is_bound_first():
    steps, plan = plan_of([A, C], A, model_services=["b"], default_model_service="c", model_services_exact=True)
    assert steps == [("BindModelToService", B), ("UpdateModel", UUID), ("UnbindModelFromService", A)]
    assert plan_of([B, C], C, model_services=["b"], default_model_service="c", model_services_exact=True)[0] == []
    assert plan_of([], default_model_service="c")[0] == [("BindModelToService", C), ("UpdateModel", UUID)]


def test_exact_without_a_list_is_refused():
    with pytest.raises(OptionError, match="^model_services_exact: true requires the list"):
        validate(MODEL, task(model_services_exact=True))
    validate(MODEL, task(model_services_exact=True, model_services=[]))


def test_a_name_without_one_service_is_refused():
    with pytest.raises(MissingError, match="^model_services: there is no model service named 'd'"):
        plan_of([A], model_services=["a", "d"])
    client = FakeClient({**platform([]), SERVICES: [{"uuid": A, "name": "a"}, {"uuid": B, "name": "a"}]})
    with pytest.raises(AmbiguousError, match="Give model_service_uuids instead"):
        observe(client, MODEL, task(model_services=["a"]))


def test_a_binding_that_another_run_has_removed_is_not_our_change():
    store = platform([A, B])

    def gone(write):
        store[MODELS] = platform([A])[MODELS]
        return refused("SYS.1006")

    client = FakeClient(store, [gone])
    resolved, observed = observe(client, MODEL, task(model_services=["a"], model_services_exact=True))
    result = finish(client, MODEL, make_plan(MODEL, resolved, observed), resolved, observed, False)[0]
    assert (result["changed"], result["steps"]) == (False, [])
