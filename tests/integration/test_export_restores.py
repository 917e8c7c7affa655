# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Any platform: its export plans to no change, restores it on an empty platform, and is the export of what it restored."""

from __future__ import annotations

import json
import typing as t
import uuid

import pytest
import yaml
from ansible_collections.zstack.aios.plugins.module_utils._catalog.specs import EXPORT
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from simulator.seeding import default_seed

from .test_catalog import Runner
from .test_cases import A100, CENTER, L40S, OTHER_CENTER, PATTERN, SERVICE, X86_IMAGE

PLAIN = "c0a1e5d37b2f4c869d0e1f2a3b4c5d6e"
THIRD_CENTER = "654c5fdd49374bb0a2fd7877f0a877cf"
CLASS = {"tag": "AI::Text-Generation", "tagPatternUuid": "9c1e3b5d7f9a4c0e8b4d6f8a0c2e4b6d"}

Document = dict[str, t.Any]


def base() -> Document:
    """Return a platform without models: three centers, two of them with the same name, and two services to clone."""
    seed = {key: rows for key, rows in default_seed().items() if key not in ("models", "user_tags")}
    seed["model_centers"] = [*seed["model_centers"], {**seed["model_centers"][0], "uuid": THIRD_CENTER, "name": "center-1"}]
    seed["tag_patterns"] = [*seed["tag_patterns"], {"uuid": PATTERN, "name": "env", "value": "prod", "color": "#1A2B3C"}]
    return seed


def uuids(letter: str, count: int) -> list[str]:
    """Uuids that the server takes for new objects."""
    return [uuid.uuid5(uuid.NAMESPACE_OID, letter + str(number)).hex for number in range(count)]


def optional(**values: t.Sequence[t.Any]) -> st.SearchStrategy[Document]:
    """Fields, each with one of its values or not there at all."""
    return st.fixed_dictionaries({}, optional={name: st.sampled_from(given) for name, given in values.items()})


# Values that the API cannot clear, an empty list or a null for a type, have a separate test below.
CLONES = optional(
    description=["", "Chat: no. 1\n\n# two", "null"], readme=["", "# R"], gpuComputeCapability=["", "7.5"], startCommand=["", "python a.py"],
    pythonVersion=["", "3.10"], condaVersion=["", "24.10"], yaml=["", "a: 1\nb: [x]\n", "no: yes"], type=["Endpoint", "App"], source=["Other", "Bentoml"],
    framework=["vLLM", "Other"], requestCpu=[0, 8], requestMemory=[0, 2 ** 40], size=[0, 7], system=[False], supportDistributed=[True, False],
    containerCommand=["", "/bin/sh"], containerArgs=["", "-c 'a b'"], installPath=["/opt/x"],
)
MODELS = optional(
    description=["", "~", "a\tb"], vendor=["", "Alibaba"], parameters=["", "{\"a\": null}"], gpuConstraintDescription=["", "80 GB"], logo=["", "aGk="],
    introduction=["", "# I"], size=[0, 2 ** 40], version=["", "1.0"], recommendedGpuNum=["", "1,4"],
)
SHOWN = st.sampled_from([[], ["env:prod"], ["b", "a: 1"]])


@st.composite
def platforms(draw: t.Any) -> Document:
    """Return what a platform holds beside the base: few names, so that many are given several times."""
    services, models, user_tags, system_tags = [], [], [], []

    def tag(row: Document) -> None:
        user_tags.extend({"resourceUuid": row["uuid"], "tag": text} for text in draw(SHOWN))
        system_tags.extend({"resourceUuid": row["uuid"], "tag": "ai::owner::" + text[:1]} for text in draw(SHOWN))

    for key in uuids("s", draw(st.integers(0, 4))):
        images = [{"cpuArchitecture": "x86_64", **draw(st.sampled_from([{"vmImageUuid": X86_IMAGE}, {"dockerImage": "r/a:1"}]))}]
        row = {"uuid": key, "name": draw(st.sampled_from(["vllm-a", "vllm-b", "o'dd = 1", "vllm-base"])), "modelCenterUuid": CENTER,
               "modelServiceImages": images, "vendorToSpecUuidsMap": {"NVIDIA": draw(st.sampled_from([[A100], [L40S, A100]]))}, **draw(CLONES)}
        services.append(row)
        tag(row)
    bindable = [SERVICE, PLAIN, *(row["uuid"] for row in services)]
    for key in uuids("m", draw(st.integers(0, 4))):
        bound = draw(st.lists(st.sampled_from(bindable), unique=True, max_size=3))
        default = draw(st.sampled_from([None, *bound]))
        row = {"uuid": key, "name": draw(st.sampled_from(["qwen", "llama"])), "modelCenterUuid": draw(st.sampled_from([CENTER, OTHER_CENTER, THIRD_CENTER])),
               "installPath": "/models/m", "modelServiceRefs": [{"modelServiceUuid": service, "isDefault": service == default} for service in bound],
               **draw(st.sampled_from([{}, {"modelId": "org/" + key[:4]}])), **draw(MODELS)}
        models.append(row)
        tag(row)
        user_tags.extend({"resourceUuid": key, **given} for given in draw(st.sampled_from([[], [CLASS], [{"tag": "prod", "tagPatternUuid": PATTERN}]])))
    return {"models": models, "model_services": services, "user_tags": user_tags, "system_tags": system_tags}


def read(catalog: Runner, **options: t.Any) -> Document:
    """Return the exported document."""
    return yaml.safe_load(catalog.run(EXPORT, **options)["content"])


def differences(before: t.Any, after: t.Any, path: str = "") -> list[str]:
    """Return where two documents differ."""
    if type(before) is not type(after) or not isinstance(before, (dict, list)) or (isinstance(before, list) and len(before) != len(after)):
        return [] if before == after else ["%s: %r -> %r" % (path, before, after)]
    keys = dict.fromkeys([*before, *after]) if isinstance(before, dict) else range(len(before))
    pairs = [(key, before.get(key), after.get(key)) if isinstance(before, dict) else (key, before[key], after[key]) for key in keys]
    return [line for key, old, new in pairs for line in differences(old, new, "%s.%s" % (path, key))]


def values_of(state: Document) -> list[Document]:
    """Return what the platform holds, without uuids of rows and dates; each object with its tags and bindings."""
    names = {row["uuid"]: row["name"] for row in state["model_services"]}
    rows = []
    for row in [*state["models"], *state["model_services"]]:
        # The server trims what it is sent; a seed is stored as it is.
        kept = {key: value for key, value in row.items() if value not in (None, "", []) and key not in ("uuid", "createDate", "lastOpDate")}
        plain = {key: value.strip() if isinstance(value, str) else value for key, value in kept.items()}
        plain["modelServiceImages"] = [
            {key: image.get(key) for key in ("cpuArchitecture", "vmImageUuid", "dockerImage")} for image in row.get("modelServiceImages", [])]
        plain["modelServiceRefs"] = sorted((names[ref["modelServiceUuid"]], ref["isDefault"]) for ref in row.get("modelServiceRefs", []))
        plain["tags"] = sorted(tag["tag"] for kind in ("user_tags", "system_tags") for tag in state[kind] if tag["resourceUuid"] == row["uuid"])
        if plain.get("modelId") == row["uuid"]:
            del plain["modelId"]
        plain["supportDistributed"] = bool(row.get("supportDistributed"))
        plain["vendorToSpecUuidsMap"] = {vendor: sorted(specs) for vendor, specs in (row.get("vendorToSpecUuidsMap") or {}).items()}
        rows.append(plain)
    return sorted(rows, key=lambda row: json.dumps(row, sort_keys=True))


@pytest.fixture
def catalog(collection: t.Any, tmp_path: t.Any) -> Runner:
    return Runner(collection, tmp_path)


@given(platform=platforms(), source=st.sampled_from([SERVICE, PLAIN]))
@settings(max_examples=12, phases=[Phase.generate], deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
def test_any_platform(catalog: Runner, platform: Document, source: str) -> None:
    simulator = catalog.simulator
    simulator.reset(base())
    simulator.seed(platform)
    exported = read(catalog, source_service_uuid=source)
    before = values_of(simulator.state())
    unchanged = catalog.run(list_unchanged=True, **exported)
    assert unchanged["changed"] is False and unchanged["warnings"] == []
    assert {entry["action"] for entry in unchanged["entries"]} <= {"none"}
    simulator.reset(base())
    catalog.run(**exported)
    assert differences(exported, read(catalog, source_service_uuid=source)) == []
    assert differences(before, values_of(simulator.state())) == []
