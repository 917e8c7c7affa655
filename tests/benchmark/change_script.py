# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The bare script for changes: read the models in pages, and update those that differ, some in parallel.

    change_script.py MODELS.yml URL CONCURRENCY

For each update it sends the call and polls its job, as the documentation of the API shows it. It prints how many models it has updated.
"""

from __future__ import annotations

import concurrent.futures
import hashlib
import pathlib
import sys
import time
import typing as t

import requests
import yaml
from requests.adapters import HTTPAdapter

LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def main(path: str, url: str, concurrency: int) -> None:
    models = yaml.load(pathlib.Path(path).read_text(encoding="utf-8"), Loader=LOADER)["models"]
    http = requests.Session()
    http.mount("http://", HTTPAdapter(pool_maxsize=concurrency))
    password = hashlib.sha512(b"password").hexdigest()
    answer = http.put(url + "/v1/accounts/login", json={"logInByAccount": {"accountName": "admin", "password": password}}, timeout=60)
    answer.raise_for_status()
    session = answer.json()["inventory"]["uuid"]
    http.headers["Authorization"] = "OAuth " + session
    answer = http.get(url + "/v1/ai/models", params={"limit": 1000, "sort": "+uuid"}, timeout=60)
    answer.raise_for_status()
    rows = {row["name"]: row for row in answer.json()["inventories"]}

    def update(model: dict[str, t.Any]) -> None:
        body = {"updateModel": {"description": model["description"]}}
        answer = http.put("%s/v1/ai/models/%s" % (url, rows[model["name"]]["uuid"]), json=body, timeout=60)
        answer.raise_for_status()
        job = url + "/v1/api-jobs/" + answer.json()["location"].rpartition("/")[2]
        while True:
            answer = http.get(job, timeout=60)
            answer.raise_for_status()
            if answer.status_code == 200:
                return
            time.sleep(0.1)

    differing = [model for model in models if rows[model["name"]]["description"] != model["description"]]
    with concurrent.futures.ThreadPoolExecutor(concurrency) as pool:
        list(pool.map(update, differing))
    http.delete(url + "/v1/accounts/sessions/" + session, timeout=60).raise_for_status()
    print("%d differ" % len(differing))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]))
