# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Every sign-in method, with random secrets, and a task of every module, with random secrets in its objects."""
from __future__ import annotations

import copy
import dataclasses
import random
import typing as t

from faults.kinds import A, EVAL_SERVICE, KINDS, QUESTIONS
from simulator.auth import ADMIN_UUID

from .scanner import random_hex, random_secret, sha512

ENGINEER, PROJECT = "7a9c1e3b5d7f4a9c8e0b2d4f6a8c0e1b", "9c1e3b5d7f9a4c1e8b2d4f6a8c0e2b3d"
KEY_ID = "AKIDOFTHELEAKTESTS01"
Options = dict[str, t.Any]


@dataclasses.dataclass(frozen=True)
class Account:
    """One sign-in method to the account of the administrator.

    :param options: of a task. With an empty text as `session_uuid`, a session is to be opened first.
    :param secrets: name to secret.
    :param code: the two-factor code that the server demands.
    """

    options: Options
    secrets: dict[str, str]
    code: str | None = None


class Secrets:
    """Random secrets of accounts and objects. The same for the same seed."""

    def __init__(self, seed: int) -> None:
        random_ = random.Random(seed)
        names = ("password", "user", "ldap", "virtual id", "token", "environment", "startup", "header", "proxy", "yaml", "user proxy")
        self.texts = {name: random_secret(random_) for name in names}
        self.key = random_secret(random_, "+/=#!$")
        self.code = "%06d" % random_.randrange(100000, 1000000)
        self.unused_session = random_hex(random_)
        self.accounts = {
            "account": self._account("password", account_name="admin"),
            "user": self._account("user", login_type="user", account_name="admin", user_name="operator-2"),
            "ldap": self._account("ldap", login_type="ldap", account_name="jroe"),
            "iam2": self._account("virtual id", login_type="iam2", account_name="architect"),
            "iam2 with project": self._account("virtual id", login_type="iam2", account_name="architect", project_name="speech-2"),
            "iam2_ldap": self._account("ldap", login_type="iam2_ldap", account_name="vroe", project_name="speech-2"),
            "account with code": self._account("password", self.code, account_name="admin"),
            "ldap with code": self._account("ldap", self.code, login_type="ldap", account_name="jroe"),
            "access key": Account({"access_key_id": KEY_ID, "access_key_secret": self.key}, {"access key": self.key}),
            "session": Account({"session_uuid": ""}, {}),
        }

    def _account(self, secret: str, code: str | None = None, **options: str) -> Account:
        password = self.texts[secret]
        more = {"two_factor_code": code} if code else {}
        return Account({**options, "account_password": password, **more}, {
            "password": password, "SHA-512 of the password": sha512(password), **({"two-factor code": code} if code else {})}, code)

    @property
    def of_objects(self) -> dict[str, str]:
        """The secrets of objects: name to secret."""
        return {name: self.texts[name] for name in ("token", "environment", "startup", "header", "yaml", "user proxy")}

    def seed(self) -> dict[str, t.Any]:
        """Return a seed document of the simulator with the accounts, and what the tasks of `tasks` refer to."""
        texts = self.texts
        return {
            "accounts": [{"uuid": ADMIN_UUID, "name": "admin", "password": texts["password"], "type": "SystemAdmin"}],
            "users": [{"uuid": "1e3b5d7f9a1c4e3b8d4f6a8c0e2b4d5f", "name": "operator-2", "password": texts["user"], "accountUuid": ADMIN_UUID}],
            "ldap_entries": [{"uid": "jroe", "password": texts["ldap"], "accountUuid": ADMIN_UUID},
                             {"uid": "vroe", "password": texts["ldap"], "virtualIDUuid": ENGINEER}],
            "iam2_virtual_ids": [{"uuid": ENGINEER, "name": "architect", "password": texts["virtual id"]}],
            "iam2_projects": [{"uuid": PROJECT, "name": "speech-2", "linkedAccountUuid": ADMIN_UUID, "virtualIDUuids": [ENGINEER]}],
            "access_keys": [{"uuid": "3b5d7f9a1c3e4b5d8f6a8c0e2b4d6f7a", "AccessKeyID": KEY_ID, "AccessKeySecret": self.key}],
            "model_services": [EVAL_SERVICE], "datasets": [QUESTIONS],
        }

    def tasks(self) -> dict[str, Options]:
        """Return a task of each module, with secrets wherever an option is for one."""
        texts = self.texts
        in_yaml = "services:\n- name: a\n  env:\n  - 'HF_TOKEN:%s'\n" % texts["yaml"].replace("'", "''")
        with_secrets: dict[str, Options] = {
            "model": {"token": texts["token"]}, "dataset": {"token": texts["token"]},
            "group": {"environment_variables": {"HF_TOKEN": texts["environment"]}, "startup_parameters": {"--api-key": texts["startup"]}},
            "evaluation": {"request_headers": {"X-Key": texts["header"]}, "environment_variables": {"HF_TOKEN": texts["environment"]},
                           "startup_parameters": {"--api-key": texts["startup"]}},
            "clone": {"yaml": in_yaml}, "model_service": {"yaml": in_yaml}, "model_center": {},
            "user_proxy_config": {"proxy_password": texts["user proxy"]},
        }
        objects = {name: {**kind.task(A), **with_secrets[name]} for name, kind in KINDS.items()}
        found = {KINDS[name].module: task for name, task in objects.items()}
        listed = {KINDS[name].catalog: [task] for name, task in objects.items() if KINDS[name].catalog}
        parts = {"model": objects["model"], "model_service_group": {**objects["group"], "name": "served", "model": "qwen3-32b"}}
        found.update({
            "zstack_ai_catalog": {"name": "team", "list_unchanged": True, **listed},
            "zstack_ai_catalog_export": {"filter": {"name": "*"}},
            "zstack_ai_catalog_validate": {**listed, "models": [objects["model"], {**objects["model"], "size": "x" + texts["token"]}]},
            "zstack_ai_inference_endpoint": {key: {name: value for name, value in part.items() if name != "state"} for key, part in parts.items()},
            "zstack_ai_call": {"call": "AddModel", "parameters": {
                "name": "called", "modelCenterUuid": QUESTIONS["modelCenterUuid"], "installPath": "/called", "token": texts["token"]}},
            "zstack_session": {},
            "zstack_ai_model_info": {"tags": True}, "zstack_ai_model_center_info": {}, "zstack_ai_model_service_info": {},
            "zstack_ai_model_service_group_info": {}, "zstack_ai_dataset_info": {}, "zstack_ai_model_evaluation_task_info": {},
            "zstack_ai_trained_model_record_info": {},
        })
        return copy.deepcopy(found)
