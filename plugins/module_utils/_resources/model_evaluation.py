# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection zstack.aios.
"""The table of evaluations: DeployModelEvalService starts one, UpdateModelEvaluationTask and DeleteModelEvaluationTask manage its task
(AI API page, sections 7, 10 and 11)."""

from __future__ import annotations

import dataclasses
import math
import re
import typing as t

from ansible_collections.zstack.aios.plugins.module_utils._protocol.errors import BelowMinimumError, OptionError
from ansible_collections.zstack.aios.plugins.module_utils._protocol.text import trim
from ansible_collections.zstack.aios.plugins.module_utils._resources.common import (
    DATASETS_REF, EVALUATION_TASKS, GROUPS, MODEL_REF, SERVICES, adopt_any, check_tags, plain_tags,
)
from ansible_collections.zstack.aios.plugins.module_utils._resources.fields import INTEGER, NAME_SET, PORT, TEXT, FieldType, Number
from ansible_collections.zstack.aios.plugins.module_utils._resources.model_service_group import (
    BACKENDS, check_backend, check_probes, deploying_fields,
)
from ansible_collections.zstack.aios.plugins.module_utils._resources.remembered import scalar_text
from ansible_collections.zstack.aios.plugins.module_utils._resources.table import (
    Call, Field, Lookup, Observed, Param, Readiness, Ref, Related, Resource,
)

TASK_TYPES = ("Performance", "Capability")
APIS = ("openai", "dashscope")
# The groups of evaluations, with more fields than other groups (AI API page, section 2).
EVALUATION_GROUPS = "/v1/ai/model-eval-services/instances/groups/"
# The page documents only Running, so other states are recognized by their word stems.
_FAILED = re.compile(r"fail|error|stop|cancel|abort|timeout|timed", re.IGNORECASE)
_ENDED = re.compile(r"complete|succe|finish|done|ended", re.IGNORECASE)


class Decimal(FieldType):
    """A number with a fraction. The server stores some of them as 32-bit floats, so nearly equal values are equal."""

    argument: t.ClassVar[dict[str, t.Any]] = {"type": "float"}

    def read(self, raw: t.Any) -> t.Any:
        return None if raw is None else float(raw)

    def same(self, wanted: t.Any, found: t.Any) -> bool:
        return found is not None and math.isclose(wanted, found, rel_tol=1e-6, abs_tol=1e-9)

    def check(self, option: str, value: t.Any) -> None:
        if not math.isfinite(value):
            raise OptionError("%s: %s is not a finite number. Give a number such as 0.7." % (option, value))


class TextMap(FieldType):
    """A map of texts, such as HTTP headers."""

    argument: t.ClassVar[dict[str, t.Any]] = {"type": "dict"}

    def want(self, value: t.Any) -> t.Any:
        return {str(key): scalar_text(item) for key, item in value.items()}

    def read(self, raw: t.Any) -> t.Any:
        return self.want(raw) if isinstance(raw, dict) else None

    def same(self, wanted: t.Any, found: t.Any) -> bool:
        return wanted == (found or {})

    def send(self, value: t.Any) -> t.Any:
        return self.want(value)

    def check(self, option: str, value: t.Any) -> None:
        for key, item in value.items():
            if item is None or isinstance(item, (dict, list)):
                raise OptionError("%s: the value of %s is not text. Give text, or omit it." % (option, key))


class IfShown(FieldType):
    """A value that not every inventory shows: a value that is not shown is equal to any other.

    :param inner: the type of the value.
    """

    def __init__(self, inner: FieldType) -> None:
        self.inner = inner
        self.argument = inner.argument  # type: ignore[misc]
        self.want, self.read, self.send, self.show = inner.want, inner.read, inner.send, inner.show  # type: ignore[method-assign]
        self.check, self.length = inner.check, inner.length  # type: ignore[method-assign]

    def same(self, wanted: t.Any, found: t.Any) -> bool:
        return found is None or self.inner.same(wanted, found)


DECIMAL = Decimal()
TEXT_MAP = TextMap()


def readiness(inventory: t.Mapping[str, t.Any]) -> Readiness:
    """Return the state of an evaluation."""
    status = str(inventory.get("status") or "")
    if _FAILED.search(status):
        return Readiness(status, failure=" ".join(filter(None, ("status", status, str(inventory.get("opaque") or "")))))
    return Readiness(status, done=bool(_ENDED.search(status) or inventory.get("endTime")))


def _datasets(observed: Observed) -> list[t.Any] | None:
    refs = [ref.get("datasetUuid") for ref in observed.inventory.get("datasetRefInventories") or []]
    return refs or ([observed.inventory["datasetUuid"]] if observed.inventory.get("datasetUuid") else None)


def _evaluated(observed: Observed) -> list[t.Any] | None:
    uuid = observed.inventory.get("evaluatedServiceGroupUuid")
    return [uuid] if uuid else None


def _task_type(observed: Observed) -> t.Any:
    # The meaning of the member type of a task is not published.
    return next((observed.inventory[key] for key in ("taskType", "type") if observed.inventory.get(key) in TASK_TYPES), None)


def _fields() -> tuple[Field, ...]:
    def asked(option: str, api: str, type: FieldType = INTEGER, **more: t.Any) -> Field:
        return Field(option, api, type, Param(), inventory=api, **more)

    joined = IfShown(TEXT)
    return (
        Field("name", "name", TEXT, Param(), Param("5.3.20"), inventory="name"),
        Field("description", "description", TEXT, Param(), Param("5.3.20"), inventory="description"),
        Field(
            "model_service_uuid", "modelServiceUuid", joined, inventory="modelServiceUuid", ref=Ref("model_service", "model service", SERVICES)),
        Field("model_uuid", "modelUuid", joined, Param(), inventory="modelUuid", ref=MODEL_REF),
        Field("dataset_uuids", "datasetUuids", IfShown(NAME_SET), Param(), reads=_datasets, ref=DATASETS_REF),
        Field(
            "model_service_group_uuids", "modelServiceGroupUuids", IfShown(NAME_SET), Param(), reads=_evaluated,
            ref=Ref("model_service_groups", "model service group", GROUPS)),
        Field("task_type", "taskType", joined, Param(), reads=_task_type, choices=TASK_TYPES),
        asked("limits", "limits"),
        asked("temperature", "temperature", DECIMAL),
        asked("top_k", "topK"),
        asked("top_p", "topP", DECIMAL),
        asked("max_new_tokens", "maxNewTokens"),
        asked("repetition_penalty", "repetitionPenalty", DECIMAL),
        asked("max_length", "maxLength", Number(128000, 128)),
        asked("prompt", "prompt", TEXT),
        # The name sibling of model_uuid is already called model.
        asked("api_model", "model", TEXT),
        asked("url", "url", TEXT),
        asked("parallel", "parallel", Number(1024)),
        asked("log_every_query", "logEveryQuery", Number(300, 5)),
        asked("api", "api", TEXT, choices=APIS),
        asked("request_headers", "requestHeaders", TEXT_MAP, secret=True),
        asked("connect_timeout", "connectTimeout", Number(120, 5)),
        asked("read_timeout", "readTimeout", Number(120, 5)),
        # The resources of the evaluation: sent once, never compared.
        Field("type", "type", TEXT, Param(), choices=BACKENDS),
        *(field for field in deploying_fields() if field.option != "model_service_group_uuids"),
        Field("environment_variables", "environmentVariables", TEXT_MAP, Param(), secret=True),
        Field("startup_parameters", "startupParameters", TEXT_MAP, Param(), secret=True),
        Field("service_livez", "serviceLivez", TEXT, Param(longest=255)),
        Field("service_readyz", "serviceReadyz", TEXT, Param(longest=255)),
        Field("service_bootup_time", "serviceBootUptime", PORT, Param()),
        # Tags of the creating call are on the group that it creates, and not on the task.
        *(dataclasses.replace(field, create=None) for field in plain_tags()),
    )


def _rules(options: t.Mapping[str, t.Any]) -> None:
    check_tags(options)
    check_probes(options)
    check_backend(options)
    if options["state"] == "absent":
        return
    subject = ("dataset_uuids", "datasets", "prompt")
    if options.get("task_type") is not None and not any(options.get(option) for option in subject):
        raise OptionError("datasets: an evaluation needs datasets or a prompt (ORG_ZSTACK_AI_10069). Give datasets, dataset_uuids or prompt.")
    if options.get("minimum_score") is not None and not options["wait"]:
        raise OptionError("minimum_score: requires the end of the evaluation. Omit wait, or set it to true.")


def _accepts(options: t.Mapping[str, t.Any], inventory: t.Mapping[str, t.Any]) -> None:
    minimum = options.get("minimum_score")
    if minimum is None:
        return
    score = inventory.get("totalScore")
    if score is None:
        raise BelowMinimumError("The evaluation %r ended without a total score, so minimum_score %s is not reached." % (inventory.get("name"), minimum))
    if float(score) < minimum:
        raise BelowMinimumError("The evaluation %r reached the total score %s, which is below minimum_score %s." % (inventory.get("name"), score, minimum))


def _seed(options: t.Mapping[str, t.Any]) -> str:
    lists = [",".join(sorted(map(trim, options.get(option) or []))) for option in ("dataset_uuids", "model_service_group_uuids")]
    return "\n".join(("model_evaluation_task", str(options["model_service_uuid"]), trim(options["name"]), str(options.get("model_uuid")), *lists))


MODEL_EVALUATION = Resource(
    kind="model_evaluation_task",
    title="model evaluation task",
    path=EVALUATION_TASKS,
    vo="ModelEvaluationTaskVO",
    fields=_fields(),
    lookups=(Lookup("uuid", "uuid", final=True), Lookup("name", "name")),
    create=Call("DeployModelEvalService", "PUT", SERVICES + "/eval/{model_service_uuid}", "deployModelEvalService", "5.1.8", creates=True),
    update=Call("UpdateModelEvaluationTask", "PUT", EVALUATION_TASKS + "/{uuid}", "updateModelEvaluationTask", "5.3.20"),
    delete=Call("DeleteModelEvaluationTask", "DELETE", EVALUATION_TASKS + "/{uuid}", None, modes=False),
    required=("name", "model_service_uuid", "zone_uuid", "type", "task_type", "limits"),
    seed=_seed,
    given_uuid="",
    adopts=adopt_any,
    rules=_rules,
    ready=readiness,
    reruns=True,
    created_key="modelServiceGroupUuid",
    related=Related("modelServiceGroupUuid", EVALUATION_GROUPS, ("modelUuid", "modelServiceUuid", "datasetRefInventories"), GROUPS),
    accepts=_accepts,
    extra={"minimum_score": {"type": "float"}},
    hides=lambda inventory: {str(value) for value in (inventory.get("requestHeaders") or {}).values() if value},
)
