# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The bare script: what the same work costs without Ansible. One session, one query and one comparison for each model.

    bare_script.py MODELS.json URL

It prints how many models differ from the file.
"""

from __future__ import annotations

import hashlib
import json
import sys

import requests

# The options of a model, and their names in the API
FIELDS = {
    "description": "description",
    "vendor": "vendor",
    "introduction": "introduction",
    "gpu_constraint_description": "gpuConstraintDescription",
    "recommended_gpu_num": "recommendedGpuNum",
}


def main(path: str, url: str) -> None:
    with open(path, encoding="utf-8") as file:
        models = json.load(file)
    http = requests.Session()
    password = hashlib.sha512(b"password").hexdigest()
    answer = http.put(url + "/v1/accounts/login", json={"logInByAccount": {"accountName": "admin", "password": password}}, timeout=60)
    answer.raise_for_status()
    session = answer.json()["inventory"]["uuid"]
    http.headers["Authorization"] = "OAuth " + session
    differing = 0
    for model in models:
        conditions = [("q", "name=" + model["name"]), ("q", "modelCenterUuid=" + model["model_center_uuid"])]
        answer = http.get(url + "/v1/ai/models", params=conditions, timeout=60)
        answer.raise_for_status()
        rows = answer.json()["inventories"]
        if len(rows) != 1 or any(rows[0].get(theirs) != model[ours] for ours, theirs in FIELDS.items()):
            differing += 1
    http.delete(url + "/v1/accounts/sessions/" + session, timeout=60).raise_for_status()
    print("%d differ" % differing)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
