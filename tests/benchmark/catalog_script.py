# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The bare script for a catalog: read the same files, read the platform in pages, compare the same fields.

    catalog_script.py DIRECTORY URL

It prints how many objects differ from the files.
"""

from __future__ import annotations

import hashlib
import pathlib
import sys
import typing as t

import requests
import yaml

LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
# Key in the catalog: path, and the options of an item with their names in the API
KINDS: dict[str, tuple[str, dict[str, str]]] = {
    "models": ("/v1/ai/models", {
        "install_path": "installPath", "description": "description", "vendor": "vendor", "parameters": "parameters", "model_id": "modelId",
        "size": "size", "version": "version", "introduction": "introduction", "logo": "logo", "recommended_gpu_num": "recommendedGpuNum",
        "gpu_constraint_description": "gpuConstraintDescription",
    }),
    "model_service_clones": ("/v1/ai/model-services", {
        "description": "description", "readme": "readme", "yaml": "yaml", "request_cpu": "requestCpu", "request_memory": "requestMemory",
        "framework": "framework", "size": "size", "gpu_compute_capability": "gpuComputeCapability", "install_path": "installPath",
        "python_version": "pythonVersion", "conda_version": "condaVersion", "start_command": "startCommand", "container_command": "containerCommand",
        "container_args": "containerArgs", "support_distributed": "supportDistributed",
    }),
}


def pages(http: requests.Session, url: str) -> list[dict[str, t.Any]]:
    """Return all rows of a path."""
    rows: list[dict[str, t.Any]] = []
    while True:
        answer = http.get(url, params={"limit": 1000, "start": len(rows), "sort": "+uuid"}, timeout=60)
        answer.raise_for_status()
        page = answer.json()["inventories"]
        rows.extend(page)
        if len(page) < 1000:
            return rows


def main(directory: str, url: str) -> None:
    wanted: dict[str, list[dict[str, t.Any]]] = {kind: [] for kind in KINDS}
    for path in sorted(pathlib.Path(directory).glob("*.yml")):
        for kind, items in yaml.load(path.read_text(encoding="utf-8"), Loader=LOADER).items():
            wanted[kind].extend(items)
    http = requests.Session()
    password = hashlib.sha512(b"password").hexdigest()
    answer = http.put(url + "/v1/accounts/login", json={"logInByAccount": {"accountName": "admin", "password": password}}, timeout=60)
    answer.raise_for_status()
    session = answer.json()["inventory"]["uuid"]
    http.headers["Authorization"] = "OAuth " + session
    centers = {row["name"]: row["uuid"] for row in pages(http, url + "/v1/ai/model-centers")}
    differing = 0
    for kind, (path, fields) in KINDS.items():
        found: dict[t.Any, list[dict[str, t.Any]]] = {}
        for row in pages(http, url + path):
            found.setdefault((row["name"], row.get("modelCenterUuid") if kind == "models" else None), []).append(row)
        for item in wanted[kind]:
            rows = found.get((item["name"], centers[item["model_center"]] if kind == "models" else None), [])
            if len(rows) != 1 or any(rows[0].get(theirs) != item[ours] for ours, theirs in fields.items() if ours in item):
                differing += 1
    http.delete(url + "/v1/accounts/sessions/" + session, timeout=60).raise_for_status()
    print("%d differ" % differing)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
