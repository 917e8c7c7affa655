# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Single parameters inside the yaml of a service or an instance group.

The shape is that of the published clone example; where the vendor puts startupParameters and inferenceParams is not known.
"""
from __future__ import annotations

import yaml

# parameter -> key of the first entry of `services`
PLACES = {"serviceName": "name", "servicePorts": "ports", "serviceLivez": "livez", "serviceReadyz": "readyz",
          "serviceBootupTime": "serviceBootupTime", "serviceInstallPath": "installPath", "serviceStartCommand": "startCommand"}
ENVIRONMENT = ("environmentParameters", "environmentVariables")


def edited_yaml(text: str | None, parts: dict) -> str | None:
    """Return a yaml text with single parts replaced; without parts, the text as it is."""
    if not parts:
        return text
    try:
        document = yaml.safe_load(text or "")
    except yaml.YAMLError:
        document = None
    document = document if isinstance(document, dict) else {}
    services = document.get("services")
    if not isinstance(services, list) or not services or not isinstance(services[0], dict):
        services = document["services"] = [{}]
    for name, value in parts.items():
        if name in PLACES:
            services[0][PLACES[name]] = value
        elif name in ENVIRONMENT:
            document["env"] = [f"{key}:{item}" for key, item in value.items()]
        else:
            document[name] = value
    return yaml.safe_dump(document, sort_keys=False, allow_unicode=True)
