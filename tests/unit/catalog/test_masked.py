# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The mask that Ansible shows instead of a secret is not accepted as a value, neither in a catalog nor in a task."""

from __future__ import annotations

import time

import pytest
from simulator.testing import patience
from ansible_collections.zstack.aios.plugins.module_utils._catalog.items import read_catalog
from ansible_collections.zstack.aios.plugins.module_utils._pipeline.checks import mask_warnings, validate
from ansible_collections.zstack.aios.plugins.module_utils._protocol.connection import Connection
from ansible_collections.zstack.aios.plugins.module_utils._protocol.errors import OptionError
from ansible_collections.zstack.aios.plugins.module_utils._resources.model import MODEL
from ansible_collections.zstack.aios.plugins.module_utils._resources.model_service_clone import MODEL_SERVICE_CLONE

MASKED = ["********", "VALUE_SPECIFIED_IN_NO_LOG_PARAMETER"]


def read(path=None, **lists):
    return read_catalog({"path": path, "models": None, "model_service_clones": None, "version_check": True, "server_side_check": False, **lists})


@pytest.mark.parametrize("masked", MASKED)
def test_a_catalog_refuses_it_with_its_place(tmp_path, masked):
    path = tmp_path / "models.yml"
    path.write_text(
        "models:\n  - name: a\n    model_center: c\n    description: %r\n  - name: %r\n  - name: b\n    user_tags: [x, %r]\n    token: %r\n"
        % (masked, masked, masked, masked), encoding="utf-8")
    found = read(str(path))
    assert [(error.place.line, error.option) for error in found.errors] == [(4, "description"), (5, "name"), (7, "user_tags"), (8, "token")]
    assert all("is the mask that Ansible shows instead of a secret" in error.message for error in found.errors)


@pytest.mark.parametrize("options", [
    {"description": "********"}, {"description": " ********\n"}, {"model_center": "********"}, {"model_id": "********"}, {"token": "********"},
    {"user_tags": ["a", "********"]},
])
def test_inline_items_and_tasks_refuse_it(options):
    item = {"name": "a", **options}
    option, = options
    errors = read(models=[item]).errors
    assert [error.option for error in errors] == [option] and str(errors[0]).startswith("models[0] (a): %s: ********" % option)
    with pytest.raises(OptionError, match="^%s: [*]{8} is the mask that Ansible shows" % option):
        validate(MODEL, item)


@pytest.mark.parametrize("options", [
    {"architecture_images": [{"cpu_architecture": "x86_64", "docker_image": "********"}]}, {"vendor_to_spec_uuids_map": {"NVIDIA": ["********"]}},
    {"vendor_to_spec_uuids_map": {"********": ["a"]}}, {"source_service": "********"},
])
def test_it_is_found_inside_of_values(options):
    option, = options
    with pytest.raises(OptionError, match="^%s: [*]{8}" % option):
        validate(MODEL_SERVICE_CLONE, {"name": "a", "source_service": "s", **options})


@pytest.mark.parametrize(("text", "warns"), [
    ("reset the ******** by mail", True), ("/m/********/x", True), ("a\nx ********\nb", True), ("a\n\n********\n\nb", False), ("*********", False),
    ("*******", False), ("a ********* b", False), ("plain", False),
])
def test_a_text_that_was_masked_in_part_warns(text, warns):
    found = read(models=[{"name": "a", "description": text}])
    assert not found.errors
    assert found.warnings == (["models[0] (a): description contains ********, which Ansible shows instead of a secret. "
                               "Check that the text does not come from a masked result."] if warns else [])


def test_the_look_at_long_texts_does_not_take_long():
    start = time.process_time()
    for text in ("a" * 10 ** 6, "*" * 10 ** 6, "********\n" * 10 ** 5, "**** " * 10 ** 5):
        assert mask_warnings(MODEL, {"description": text}) == []
    assert time.process_time() - start < patience(5)


@pytest.mark.parametrize("options", [
    {"account_name": "admin", "account_password": "********"}, {"session_uuid": "********"},
    {"access_key_id": "a", "access_key_secret": "VALUE_SPECIFIED_IN_NO_LOG_PARAMETER"}])
def test_nobody_signs_in_with_it(options):
    with pytest.raises(OptionError, match="is the mask that Ansible shows instead of a secret") as caught:
        Connection.from_params({"host": "h", "timeout": 1, "wait_timeout": 1, "retries": 0, **options}, {})
    assert caught.value.message.startswith(list(options)[-1] + ": ")
