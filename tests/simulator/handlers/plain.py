# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Kinds whose parameters are fields of the same name: one table creates and changes them all (AI page, 11)."""
from __future__ import annotations

from dataclasses import dataclass, field

from .registry import RUNS, Context


@dataclass(frozen=True)
class Plain:
    """A plain kind.

    :param fields: parameters that are stored under their own name.
    :param create: name of the creating call, `update` of the changing one; None where there is none.
    :param defaults: fields of a new object that the request left out.
    """

    kind: str
    fields: tuple[str, ...]
    create: str | None = None
    update: str | None = None
    defaults: dict = field(default_factory=dict)


PLAIN: tuple[Plain, ...] = (
    Plain("model_centers", ("name", "url", "description", "parameters", "managementIp", "managementPort", "storageNetworkUuid", "serviceNetworkUuid",
                            "containerRegistry", "containerNetwork", "containerStorageNetwork"),
          "AddModelCenter", "UpdateModelCenter", {"status": "Connected"}),
    Plain("model_evaluation_tasks", ("name", "description"), update="UpdateModelEvaluationTask"),
    Plain("user_proxy_configs", ("proxyType", "proxyHost", "proxyPort", "proxyUsername", "proxyPassword", "isEnabled", "proxyProtocolVersion", "useSsl",
                                 "noProxy"),
          "CreateUserProxyConfig", "UpdateUserProxyConfig", {"isEnabled": False, "useSsl": False}),
)


def register(plain: Plain) -> None:
    """Register the calls of one kind."""
    def create(context: Context) -> dict:
        row = context.create(plain.kind, {**plain.defaults, **context.message.given(*plain.fields)})
        return context.inventory(plain.kind, row["uuid"])

    def update(context: Context) -> dict:
        context.change(plain.kind, context.get("uuid"), context.message.given(*plain.fields))
        return context.inventory(plain.kind, context.get("uuid"))

    for name, function in ((plain.create, create), (plain.update, update)):
        if name:
            RUNS[name] = function


for _plain in PLAIN:
    register(_plain)
