# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection zstack.aios.
"""The source of a catalog: commit, branch and pipeline, and whether it is the planned one. Pure."""

from __future__ import annotations

import json
import re
import typing as t

SCHEMA = "zstack.aios/catalog-report"

# The variables that AWX, GitLab and GitHub set. AWX passes its branch as an Ansible variable instead.
VARIABLES = (
    "PROJECT_REVISION", "JOB_ID", "AWX_HOST",
    "CI_COMMIT_SHA", "CI_MERGE_REQUEST_SOURCE_BRANCH_NAME", "CI_COMMIT_REF_NAME", "CI_PROJECT_URL", "CI_PIPELINE_URL", "CI_PIPELINE_ID",
    "GITHUB_SHA", "GITHUB_HEAD_REF", "GITHUB_REF_NAME", "GITHUB_SERVER_URL", "GITHUB_REPOSITORY", "GITHUB_RUN_ID",
)
# A file of a catalog in the output of `git status`, which quotes unusual names.
_CATALOG_FILE = re.compile(r"[.]ya?ml\"?$")

Source = dict[str, t.Any]


def source_of(environment: t.Mapping[str, str], git: t.Sequence[str] = (), branch: str | None = None) -> Source:
    """Return the source of the catalog.

    :param environment: the variables of `VARIABLES` that are set.
    :param git: the lines of ``git status --porcelain=v2 --branch`` for the catalog; none outside of a repository.
    :param branch: the branch of the project, as AWX passes it.
    :returns: ``revision``, ``branch``, ``dirty`` (whether files of the catalog differ from the commit; None without git), ``commit_url``, ``pipeline``
        (``name`` and ``url``, or None).
    """
    found: dict[str, t.Any] = {"revision": None, "branch": None, "dirty": None, "commit_url": None, "pipeline": None}
    if git:
        heads = dict(line[2:].split(" ", 1) for line in git if line.startswith("# branch.") and " " in line[2:])
        revision, head = heads.get("branch.oid", ""), heads.get("branch.head")
        found["revision"] = revision if re.fullmatch("[0-9a-f]{40,64}", revision) else None
        found["branch"] = None if head in (None, "(detached)") else head
        found["dirty"] = any(_CATALOG_FILE.search(line) for line in git if not line.startswith("#"))
    for pipeline in (_awx, _gitlab, _github):
        given = pipeline({name: text for name, text in environment.items() if text}, branch)
        if given:
            return {**found, **{name: value for name, value in given.items() if value}}
    return found


def _awx(given: t.Mapping[str, str], branch: str | None) -> Source | None:
    if "PROJECT_REVISION" not in given:
        return None
    job = given.get("JOB_ID")
    url = "%s/#/jobs/playbook/%s" % (given["AWX_HOST"].rstrip("/"), job) if job and "AWX_HOST" in given else None
    return {"revision": given["PROJECT_REVISION"], "branch": branch, "pipeline": {"name": "AWX job %s" % job, "url": _link(url)} if job else None}


def _gitlab(given: t.Mapping[str, str], branch: str | None) -> Source | None:
    if "CI_COMMIT_SHA" not in given:
        return None
    revision, number = given["CI_COMMIT_SHA"], given.get("CI_PIPELINE_ID")
    project = given.get("CI_PROJECT_URL")
    return {
        "revision": revision, "branch": given.get("CI_MERGE_REQUEST_SOURCE_BRANCH_NAME") or given.get("CI_COMMIT_REF_NAME"),
        "commit_url": _link("%s/-/commit/%s" % (project, revision) if project else None),
        "pipeline": {"name": "GitLab pipeline %s" % number, "url": _link(given.get("CI_PIPELINE_URL"))} if number else None}


def _github(given: t.Mapping[str, str], branch: str | None) -> Source | None:
    if "GITHUB_SHA" not in given:
        return None
    revision, number = given["GITHUB_SHA"], given.get("GITHUB_RUN_ID")
    project = "%s/%s" % (given["GITHUB_SERVER_URL"], given["GITHUB_REPOSITORY"]) if {"GITHUB_SERVER_URL", "GITHUB_REPOSITORY"} <= given.keys() else None
    return {
        "revision": revision, "branch": given.get("GITHUB_HEAD_REF") or given.get("GITHUB_REF_NAME"),
        "commit_url": _link("%s/commit/%s" % (project, revision) if project else None),
        "pipeline": {
            "name": "GitHub run %s" % number, "url": _link("%s/actions/runs/%s" % (project, number) if project else None)} if number else None}


def _link(url: str | None) -> str | None:
    """Return the address if a page may link to it."""
    return url if url and re.fullmatch(r"https?://[^\s\"'<>\\\x00-\x1f]+", url) else None


def planned_by(text: str, path: str) -> dict[str, t.Any]:
    """Return ``revision`` and ``digest`` of a plan.

    :param text: content of its JSON report.
    :param path: name of the file, for messages.
    :raises ValueError: if it is not the report of a catalog.
    """
    try:
        report = json.loads(text)
    except ValueError as error:
        raise ValueError("catalog_plan: %s is not a JSON report: %s. Use the file plan.json of a plan." % (path, error)) from error
    planned = {name: report.get(name) for name in ("revision", "digest")} if isinstance(report, dict) and report.get("schema") == SCHEMA else {}
    if not planned or not all(isinstance(value, (str, type(None))) for value in planned.values()):
        raise ValueError("catalog_plan: %s is not the report of a catalog. Use the file plan.json of a plan." % path)
    return planned


def refusal(source: Source, path: str, planned: t.Mapping[str, t.Any] | None, origin: str) -> str:
    """Return why this catalog must not be applied; empty if its commit is the planned one.

    :param path: directory of the catalog, as the user wrote it.
    :param planned: ``revision`` of the plan; empty if the plan does not cover this host.
    :param origin: the source of the plan.
    """
    if not planned:
        return (
            "%s contains plans of other hosts, but not of this one. Nothing was changed, because the changes were not reviewed. "
            "Plan this host as well, and apply that plan." % origin)
    if planned.get("revision") == source["revision"]:
        return ""
    return (
        "The plan was created from %s (%s), but the catalog %s is at %s. Nothing was changed, because the changes of this commit were not reviewed. "
        "Plan it and apply that plan, or check out the planned commit." % (_commit(planned.get("revision")), origin, path, _commit(source["revision"])))


def _commit(revision: t.Any) -> str:
    return "commit %s" % revision if revision else "an unknown commit"


def webhook_refusal(branch: str, event: str | None, payload: t.Any) -> str:
    """Return why the event of a webhook is refused; empty if it is a push to the branch.

    :param branch: the only branch whose pushes are accepted; empty for any.
    :param event: the type of the event, such as ``push`` (GitHub) or ``Push Hook`` (GitLab); None if no webhook started the job.
    :param payload: the data of the Git server.
    """
    if not branch or not event:
        return ""
    reference = payload.get("ref") if isinstance(payload, dict) else None
    if event in ("push", "Push Hook") and reference == "refs/heads/%s" % branch and set(str(payload.get("after") or "")) != {"0"}:
        return ""
    return (
        "The webhook's event %s%s is not a push to the branch %s (catalog_webhook_branch). Nothing was read or changed. "
        "Limit the webhook to that branch if the Git server can." % (event, " for %s" % reference if reference else "", branch))
