# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A role's user gave variables, so messages name variables and not the options that the role passes them to."""

from __future__ import annotations

import pathlib
import re

import pytest
import yaml
from ansible_collections.zstack.aios.plugins.module_utils._catalog.specs import CATALOG, EXPORT
from ansible_collections.zstack.aios.plugins.plugin_utils._variables import in_variables

ROLE = pathlib.Path(__file__).resolve().parents[2] / "roles" / "catalog"
LOADED = yaml.safe_load((ROLE / "vars" / "main.yml").read_text(encoding="utf-8"))
VARIABLES = LOADED["__catalog_variables_of_options"]
OF_EXPORT = {**VARIABLES, **LOADED["__catalog_variables_of_export"]}


def shown(text, variables=None):
    return in_variables({"msg": text}, VARIABLES if variables is None else variables)["msg"]


@pytest.mark.parametrize("text, expected", [
    ("concurrency: 0 is too small. Give 1 or more.", "catalog_concurrency: 0 is too small. Give 1 or more."),
    ("port: 99999 is not a port. Give a number from 1 to 65535.", "zstack_port: 99999 is not a port. Give a number from 1 to 65535."),
    ("ZSTACK_PORT: 99999 is not a port.", "ZSTACK_PORT: 99999 is not a port."),
    ("No credentials given. Give account_name and account_password, or access_key_id and access_key_secret, or session_uuid; or set the "
     "corresponding environment variables, such as ZSTACK_ACCOUNT_NAME and ZSTACK_ACCOUNT_PASSWORD.",
     "No credentials given. Give zstack_account_name and zstack_account_password, or zstack_access_key_id and zstack_access_key_secret, or "
     "zstack_session_uuid; or set the corresponding environment variables, such as ZSTACK_ACCOUNT_NAME and ZSTACK_ACCOUNT_PASSWORD."),
    ("account_name/account_password, access_key_id/access_key_secret are given together.",
     "zstack_account_name/zstack_account_password, zstack_access_key_id/zstack_access_key_secret are given together."),
    ("name: required with prune. Only objects", "catalog_name: required with catalog_prune. Only objects"),
    ("path: give the directory of the catalog, or the items themselves in models or model_services.",
     "catalog_path: give the directory of the catalog, or the items themselves in catalog_models or catalog_model_services."),
    ("path: the catalog is empty: there is no file below catalog. Check that the checkout is complete, or set allow_empty to true if it is empty on purpose.",
     "catalog_path: the catalog is empty: there is no file below catalog. Check that the checkout is complete, or set catalog_allow_empty to true if it "
     "is empty on purpose."),
    ("prune_limit: the catalog no longer lists 7 objects that it created: model a, model b. Check it, or raise prune_limit to delete them.",
     "catalog_prune_limit: the catalog no longer lists 7 objects that it created: model a, model b. Check it, or raise catalog_prune_limit to delete them."),
    ("argument 'port' is of type str and we were unable to convert to int", "argument 'zstack_port' is of type str and we were unable to convert to int"),
    ("value of on_error must be one of: continue, stop, got: x", "value of catalog_on_error must be one of: continue, stop, got: x"),
    ("UpdateModel as job 1 has not ended within 5 seconds (wait_timeout).", "UpdateModel as job 1 has not ended within 5 seconds (zstack_wait_timeout)."),
    ("Could not connect to host port 8080: the path /models does not exist", "Could not connect to host port 8080: the path /models does not exist"),
    ("There is a timeout in models of the catalog. Retries: none", "There is a timeout in models of the catalog. Retries: none"),
    ("The catalog has 1 error. Nothing was sent.\nmodels[0] (a): path: x\nfile.yml:3:1: models[0] (b): host: y",
     "The catalog has 1 error. Nothing was sent.\ncatalog_models[0] (a): path: x\nfile.yml:3:1: models[0] (b): host: y"),
    ("1 of 2 items failed, 0 skipped.\nmodels[1] (a): account_name is wrong", "1 of 2 items failed, 0 skipped.\ncatalog_models[1] (a): account_name is wrong"),
])
def test_messages_name_the_variables(text, expected):
    assert shown(text) == expected
    assert shown(text, {}) == text


def test_an_export_has_variables_of_its_own():
    assert shown("path: x is a directory. Give another name.", OF_EXPORT).startswith("catalog_export_path: x")
    assert shown("overwrite: a.yml would change.", OF_EXPORT) == "catalog_export_overwrite: a.yml would change."
    assert shown("model_center: there is no model center named 'x'.", OF_EXPORT).startswith("catalog_export_model_center: ")


def test_warnings_errors_and_errors_are_reworded():
    result = {
        "warnings": ["account_password: its hash is sent. Set protocol to https.", "models[0] (a): b"], "changed": False,
        "error": {"code": "client.option", "details": "port: no"}, "entries": [{"msg": "port: no"}],
        "catalog_errors": [{"file": None, "item": "models[0] (a)", "msg": "path: x"}, {"file": "f.yml", "item": "models[0] (a)", "msg": "y"}]}
    assert in_variables(result, VARIABLES) == {
        "warnings": ["zstack_account_password: its hash is sent. Set zstack_protocol to https.", "catalog_models[0] (a): b"], "changed": False,
        "error": {"code": "client.option", "details": "zstack_port: no"}, "entries": [{"msg": "port: no"}],
        "catalog_errors": [{"file": None, "item": "catalog_models[0] (a)", "msg": "path: x"}, {"file": "f.yml", "item": "models[0] (a)", "msg": "y"}]}


@pytest.mark.parametrize("file, spec, variables", [("reconcile", CATALOG, VARIABLES), ("export", EXPORT, OF_EXPORT)])
def test_every_option_that_the_role_passes_is_mapped(file, spec, variables):
    (task,) = [task for task in yaml.safe_load((ROLE / "tasks" / (file + ".yml")).read_text(encoding="utf-8"))
               if any(str(key).startswith("zstack.aios.zstack_ai_catalog") and "report" not in key for key in task)]
    (given,) = [value for key, value in task.items() if str(key).startswith("zstack.aios.zstack_ai_catalog")]
    documented = yaml.safe_load((ROLE / "meta" / "argument_specs.yml").read_text(encoding="utf-8"))["argument_specs"]["main"]["options"]
    assert set(given) <= set(spec.options)
    for option, value in given.items():
        assert variables[option] in documented
        named = re.findall(r"\b(?:catalog|zstack)_\w+", value)
        assert variables[option] in named or option in ("path", "expected_digest"), option
