# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The examples of modules, filters and the README, each run in the case that it exists for: a difference, a failure, an object that does not exist.

One playbook runs them all. Each case is a play with a host and a server state of its own; a failure ends only that play.
"""

from __future__ import annotations

import ast
import copy
import json
import pathlib
import re
import subprocess
import typing as t

import pytest
import yaml
from ansible.release import __version__
from simulator.testing import patience

from .conftest import Collection

# One process runs the playbook.
pytestmark = pytest.mark.xdist_group("examples")

ROOT = pathlib.Path(__file__).resolve().parents[2]
CENTER = "ebf96ce1de2c46fa8af9d503c29bb93d"
BASE = "d76744cb53f9378abf42b907df3efb6e"
SHANGHAI = {"uuid": "5d7b2c9e41f04a6c8b3e9a1f70c2d684", "name": "center-shanghai", "url": "http://192.0.2.44:8000", "managementIp": "192.0.2.44"}


def service(number: int, name: str, **fields: t.Any) -> dict[str, t.Any]:
    """Return a seeded service."""
    return {"uuid": "%032x" % (0xfeed00 + number), "name": name, "modelCenterUuid": CENTER, **fields}


def model(number: int, name: str, **fields: t.Any) -> dict[str, t.Any]:
    """Return a seeded model."""
    return {"uuid": "%032x" % (0xbeef00 + number), "name": name, "modelCenterUuid": CENTER, "installPath": "/models/" + name, **fields}


class Case(t.NamedTuple):
    """The examples of one page, in one situation.

    :param page: a module, `FILTERS`, `READS`, or a Markdown file.
    :param seed: objects on the platform, besides those of the demo.
    :param config: changes to the configuration of the simulator.
    :param catalog: text of the catalog that the examples read.
    :param fails: the tasks that fail, with what their messages contain.
    :param goes_on: whether the play continues after them.
    :param check: whether the whole page is run in check mode.
    :param variables: variables of the play.
    :param shows: what the result of a task contains, as JSON text, by task.
    :param from_environment: whether the connection comes from the environment, as in the guides, and not from ``module_defaults``.
    """

    page: str
    seed: dict[str, t.Any] = {}
    config: dict[str, t.Any] = {}
    catalog: str = ""
    fails: dict[str, str] = {}
    goes_on: bool = False
    check: bool = False
    variables: dict[str, t.Any] = {}
    shows: dict[str, str] = {}
    from_environment: bool = False


FILTERS, READS = "filters", "info modules and the lookup plugin"
CONNECTION = ("host", "port", "account_name", "account_password", "access_key_id", "access_key_secret", "server_timezone")
QWEN3 = service(1, "vllm-qwen3", modelCenterUuid=SHANGHAI["uuid"])
OTHER_MODEL = model(1, "other", uuid="8c1f0a9be2d34c5f9a6d7e80b1c2d3e4", modelServiceRefs=[{"modelServiceUuid": BASE, "isDefault": True}])
CLONES = {
    "images": [{"uuid": "21cb9f654e9d4feab962ce3f5eec5796", "name": "image", "architecture": "x86_64"}],
    "model_services": [service(2, "other-base", uuid="d76744cb53f9478abf42b907df3efb6e"), service(3, "old", uuid="4f1e8d2a6b0c4c7d9e5f3a1b2c8d7e60")],
}
EVALUATIONS = {"model_services": [service(4, "eval-base")], "datasets": [{"uuid": "d" * 32, "name": "news-2026", "modelCenterUuid": CENTER}]}
CATALOG = "models:\n  - {name: Qwen3-8B, model_center: center-1, install_path: /m}\n"
MISSPELT = "models:\n  - {name: Qwen3-8B, model_center: center-1, instal_path: /m}\n"
UNRESOLVED = "models:\n  - {name: Qwen3-8B, model_center: nowhere, install_path: /m}\n"
PLATFORM = {"model_centers": [SHANGHAI], "model_services": [service(5, "vLLM")]}
SERVING = {
    "model_centers": [SHANGHAI], "model_services": [service(5, "vLLM"), service(6, "evaluator", type="ModelEval")],
    "datasets": [{"uuid": "%032x" % 0xda7a, "name": "reasoning-100", "url": "file:///datasets/reasoning", "modelCenterUuid": SHANGHAI["uuid"]}]}
EXISTING = model(3, "Qwen3-8B", modelCenterUuid=SHANGHAI["uuid"], modelId="Qwen/Qwen3-8B", version="2.5")
TEAM = [{"name": "team-%d" % number, "model_id": "team/%d" % number, "install_path": "/m"} for number in range(2)]
READERS = [{"uuid": "%032x" % 1, "name": "reader", "password": "password"}]
# Before 2.19, what a template yields is text.
NOTHING = '"msg": 0' if tuple(map(int, __version__.split(".")[:2])) >= (2, 19) else '"msg": "0"'
PUSH = {"awx_webhook_event_type": "push", "awx_webhook_payload": {"ref": "refs/heads/other"}}

CASES: dict[str, Case] = {
    "models": Case("zstack_ai_model", seed={"model_centers": [SHANGHAI], "model_services": [QWEN3], "models": [OTHER_MODEL]},
                   shows={"Show the planned calls": "AddModel"}),
    "models-that-differ": Case(
        "zstack_ai_model", seed={"model_centers": [SHANGHAI], "models": [EXISTING]},
        fails={"Check that the model matches the task": "These options cannot be changed: version"}),
    "models-in-check-mode": Case(
        "zstack_ai_model", check=True, seed={"model_centers": [SHANGHAI]},
        fails={"Set the parameters of a model, which are sent as JSON": "There is no model with model_id 'Qwen/Qwen3-8B'"}),
    "centers": Case("zstack_ai_model_center"),
    "services": Case("zstack_ai_model_service"),
    "clones-that-differ": Case(
        "zstack_ai_model_service_clone", seed=CLONES, goes_on=True, fails={"Fail if an option differs": "These options differ: request_cpu"}),
    "groups": Case("zstack_ai_model_service_group", config={"deploy_ms": 1100}, shows={"Show the URL of the endpoint": "http://127.0.0.1:"}),
    "groups-in-check-mode": Case(
        "zstack_ai_model_service_group", check=True, shows={"Show the URL of the endpoint": '"msg": []'},
        fails={"Restart the group once": "There is no model service group with name 'qwen-chat'"}),
    "datasets": Case("zstack_ai_dataset"),
    "proxies": Case("zstack_ai_user_proxy_config", variables={"proxy_password": "proxy-secret"}),
    "evaluations": Case("zstack_ai_model_evaluation", seed=EVALUATIONS),
    "evaluations-below-the-minimum": Case(
        "zstack_ai_model_evaluation", seed=EVALUATIONS, config={"evaluation_score": 70.0},
        fails={"Evaluate the model, and fail below the minimum": "70"}),
    "sessions": Case("zstack_session", seed={"models": [model(2, "qwen3-32b")]}),
    "sessions-that-are-refused": Case("zstack_session", variables={"vault_zstack_password": "wrong-one"}, fails={"Sign in": "ID.1000"}),
    "catalogs": Case("zstack_ai_catalog", seed=PLATFORM, catalog=CATALOG, shows={"Show the plan summary": '"none": 1'}),
    "catalogs-that-fail": Case("zstack_ai_catalog", catalog=UNRESOLVED, fails={"Apply the catalog": "nowhere"}),
    "exports": Case("zstack_ai_catalog_export", seed={**PLATFORM, "accounts": READERS}, shows={"Show the catalog": "model_service_clones: []"}),
    "reports": Case("zstack_ai_catalog_report", catalog=CATALOG),
    "reports-of-a-misspelt-catalog": Case("zstack_ai_catalog_report", catalog=MISSPELT, fails={"Write and show the report": "The catalog has 1 error"}),
    "filters": Case(
        FILTERS, catalog=CATALOG, goes_on=True, variables={**PUSH, "report": "{{ plan | zstack.aios.catalog_report }}"}, fails={
            "Refuse another commit than the planned one": "an unknown commit (plan.json), but the catalog catalog is at commit bbb",
            "Work on pushes to main only": "other"},
        shows={"Show the headline of this host's plan": "no plan", "Show the number of changes of all slices": NOTHING}),
    "reads": Case(READS, shows={
        "Read the models without a default service": "stable-diffusion-xl", "Show the framework of a service": "vLLM",
        "Read the services that use an image": "vllm-base", "Read the datasets that do not belong to the platform, with their tags": "faq-zh"}),
    "calls": Case("zstack_ai_call", variables={"vault_proxy_password": "s3cr3t-proxy"}, seed={
        "model_centers": [{**SHANGHAI, "uuid": "1c1c2d3c4b5a49788695a4b3c2d1e0f1"}], "models": [model(4, "qwen-old", vendor="Alibaba")]},
        shows={"Delete several models with one call": '"job_uuid"'}),
    "validations": Case("zstack_ai_catalog_validate", catalog=CATALOG),
    "validations-of-a-misspelt-catalog": Case(
        "zstack_ai_catalog_validate", catalog=MISSPELT, fails={"Validate the catalog of the repository": "instal_path"}),
    "endpoints": Case("zstack_ai_inference_endpoint", config={"deploy_ms": 1100}, shows={"Show the URL of the endpoint": "http://127.0.0.1:"}),
    "readme": Case("README.md", fails={"Fail if an option differs": "These options differ: request_cpu"}, goes_on=True),
    "performance-guide": Case("docs/guides/performance.md", from_environment=True),
    "role-catalog": Case("roles/catalog/README.md", seed=PLATFORM, catalog=CATALOG),
    "role-endpoint": Case("roles/inference_endpoint/README.md", config={"deploy_ms": 1100}, shows={"Show the URL of the endpoint": "http://127.0.0.1:"}),
    "catalog-page": Case("docs/catalog.md", seed=SERVING, shows={"Show the exported models": "{{ not_a_variable }}"}),
}


def tasks_of(entries: list[dict[str, t.Any]]) -> t.Iterator[dict[str, t.Any]]:
    """Yield the tasks, those of plays taken out of them; a role of a play becomes a task."""
    for entry in entries:
        if "hosts" in entry:
            yield from ({"ansible.builtin.import_role": {"name": role["role"]}, "vars": role["vars"]} for role in entry.get("roles", []))
            yield from tasks_of(entry.get("tasks", []) + entry.get("post_tasks", []))
        else:
            yield entry


def is_example(text: str) -> bool:
    """Return whether a block of YAML on a page is run: tasks, plays, or a catalog."""
    return re.match(r"- |model\w*:", text) is not None


def examples(page: str, directory: pathlib.Path) -> list[dict[str, t.Any]]:
    """Return the tasks that a page shows; a catalog that it shows becomes a task that applies it."""
    if page.endswith(".md"):
        blocks = re.findall(r"(?<! -->\n)^```yaml\n(.*?)^```", (ROOT / page).read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
        texts = [block for block in blocks if block.startswith("- ")]
        catalogs = [block for block in blocks if is_example(block) and block not in texts]
        for number, catalog in enumerate(catalogs):
            (directory / "catalog").mkdir(exist_ok=True)
            (directory / "catalog" / ("%d.yml" % number)).write_text(catalog, encoding="utf-8")
        if catalogs:
            texts.append(yaml.safe_dump([{"name": "Apply the catalogs of the page", "zstack.aios.zstack_ai_catalog": {"path": "catalog"}}]))
    elif page == FILTERS:
        texts = [yaml.safe_load(path.read_text(encoding="utf-8"))["EXAMPLES"] for path in sorted((ROOT / "plugins" / "filter").glob("*.yml"))]
        # The plan comes first; the other examples use what it registers.
        texts.sort(key=lambda text: "register: plan" not in text)
    else:
        paths = [*sorted((ROOT / "plugins" / "modules").glob("*_info.py")), ROOT / "plugins" / "lookup" / "zstack_ai.py"] if page == READS else [
            ROOT / "plugins" / "modules" / (page + ".py")]
        texts = [
            node.value.value for path in paths for node in ast.parse(path.read_text(encoding="utf-8")).body
            if isinstance(node, ast.Assign) and node.targets[0].id == "EXAMPLES"]
    found = list(tasks_of([entry for text in texts for entry in yaml.safe_load(text) or ()]))
    assert found
    return found


def names(tasks: list[dict[str, t.Any]]) -> t.Iterator[str]:
    """Yield the names of tasks, also of those in blocks."""
    for task in tasks:
        if "block" in task:
            yield from names(task["block"] + task.get("always", []))
        elif "name" in task:
            yield task["name"]


def here(task: dict[str, t.Any]) -> dict[str, t.Any]:
    """Return the task without a connection of its own."""
    return {
        name: {option: item for option, item in value.items() if option not in CONNECTION} if name == "zstack.aios.zstack_ai_call" else value
        for name, value in task.items()}


def in_directory(task: t.Any, directory: pathlib.Path) -> t.Any:
    """Return the task with the paths of the examples below a directory."""
    if isinstance(task, dict):
        return {
            key: str(directory / value) if (key, value) == ("path", "catalog") else in_directory(value, directory)
            for key, value in task.items()}
    if isinstance(task, list):
        return [in_directory(entry, directory) for entry in task]
    return task.replace("{{ playbook_dir }}", str(directory)) if isinstance(task, str) else task


def play(collection: Collection, host: str, case: Case, directory: pathlib.Path) -> dict[str, t.Any]:
    """Return the play of one case."""
    directory.mkdir()
    if case.catalog:
        (directory / "catalog").mkdir()
        (directory / "catalog" / "models.yml").write_text(case.catalog, encoding="utf-8")
    shown = examples(case.page, directory)
    control = "http://%s:%d/_simulator/" % (collection.simulator.host, collection.simulator.port)
    steps = (("POST", "reset", {"seed": "default"}), ("POST", "seed", case.seed), ("PUT", "config", {"deploy_ms": 1, "evaluation_ms": 1, **case.config}))
    sent = [[method, control + path, json.dumps(body)] for method, path, body in steps]
    prepared = {"name": "Prepare", "check_mode": False, "simulator_prepare": {"requests": sent}}
    goes_on = [
        {**task, "ignore_errors": True} if case.goes_on and task.get("name") in case.fails else task
        for task in map(here, in_directory(copy.deepcopy(shown), directory))]
    # A play whose only host has failed would end the playbook.
    ended = [{"name": "Prepare", "ansible.builtin.meta": "noop"}]
    connection = collection.connection()
    if case.page == "zstack_session":
        connection = {"host": connection["host"], "port": connection["port"], "session_uuid": "{{ zstack.session_uuid | default(omit) }}"}
    return {
        "hosts": host, "gather_facts": False, "connection": "local", "check_mode": case.check, "tasks": [prepared, {"block": goes_on, "rescue": ended}],
        "vars": {
            **{prefix + option: connection[option] for prefix in ("zstack_aios_", "zstack_")
               for option in ("host", "port", "account_name", "account_password") if option in connection},
            "vault_hub_token": "s3cr3t-token", "vault_zstack_password": "password", "vault_account_password": "password", "models": TEAM,
            "ansible_python_interpreter": "{{ ansible_playbook_python }}", **case.variables},
        **({"environment": {"ZSTACK_" + option.upper(): str(value) for option, value in connection.items()}} if case.from_environment else {
            "module_defaults": {"group/zstack.aios.zstack": connection}})}


@pytest.fixture(scope="module", name="results")
def results_fixture(running_simulator: t.Any, tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[dict[str, t.Any]]]:
    """The results of each case."""
    directory = tmp_path_factory.mktemp("examples")
    collection = Collection(running_simulator, directory)
    # Ansible looks for files beside the playbook.
    (directory / "catalog").mkdir()
    (directory / "catalog" / "models.yml").write_text(yaml.safe_dump({"models": [{"name": "{{ not_a_variable }}"}]}), encoding="utf-8")
    (directory / "vllm-long-context.yaml").write_text("services:\n  - name: chat\n    ports: [3000]\n", encoding="utf-8")
    playbook, record = directory / "examples.yml", directory / "record.jsonl"
    playbook.write_text(yaml.safe_dump([play(collection, host, case, directory / host) for host, case in CASES.items()]), encoding="utf-8")
    environment = collection.environment(
        CI_COMMIT_SHA="b" * 40, RECORD_FILE=str(record),
        ANSIBLE_CALLBACK_PLUGINS=str(pathlib.Path(__file__).parent / "callbacks"), ANSIBLE_CALLBACKS_ENABLED="record",
        ANSIBLE_ACTION_PLUGINS=str(pathlib.Path(__file__).parent / "actions"))
    done = subprocess.run(
        ["ansible-playbook", "--inventory", ",".join(CASES) + ",", str(playbook)], env=environment, cwd=directory, capture_output=True, text=True,
        check=False, timeout=patience(600))
    assert record.exists(), done.stdout + done.stderr
    found: dict[str, list[dict[str, t.Any]]] = {host: [] for host in CASES}
    for line in map(json.loads, record.read_text(encoding="utf-8").splitlines()):
        found[line["host"]].append(line)
    return found


@pytest.mark.parametrize("host", CASES)
def test_examples_show_what_they_are_for(results: dict[str, list[dict[str, t.Any]]], host: str, tmp_path: pathlib.Path) -> None:
    case = CASES[host]
    failed = {entry["task"]: json.dumps(entry["result"]) for entry in results[host] if entry["kind"] == "failed"}
    assert set(failed) == set(case.fails), failed
    for task, text in case.fails.items():
        assert text in failed[task]
    for task, text in case.shows.items():
        (shown,) = [json.dumps(entry["result"]) for entry in results[host] if entry["task"] == task]
        assert text in shown, shown
    if case.goes_on or not case.fails:
        tasks, expected = {entry["task"] for entry in results[host]}, {"Prepare", *names(examples(case.page, tmp_path))}
        # A role has tasks of its own.
        assert tasks == expected or (case.page.startswith("roles/") and tasks > expected)


def test_every_page_with_examples_is_run() -> None:
    modules = {path.stem for path in (ROOT / "plugins" / "modules").glob("*.py") if path.stem != "__init__" and not path.stem.endswith("_info")}
    assert modules <= {case.page for case in CASES.values()}
