# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Secrets between an action plugin and its module."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.zstack.aios.plugins.module_utils._pipeline.private import ARGUMENT, Private, is_private, seal, unseal


@given(st.text(), st.text("0123456789abcdef", min_size=64, max_size=64))
def test_only_the_key_unseals(text, key):
    sealed = seal(text, key)
    assert unseal(sealed, key) == text
    assert len(text) < 8 or (text not in sealed and seal(text, key[:-1] + "x") != sealed)


def test_what_is_not_sealed_is_no_result():
    with pytest.raises(ValueError):
        unseal("7d1c5f0b9a3e4c2d8b6f1e0a9c8d7b6g", "0" * 64)


def test_the_argument_is_taken_from_those_of_the_module():
    arguments = {"name": "a", ARGUMENT: Private({"ZSTACK_SESSION_UUID": "x"}, "k").as_argument()}
    assert Private.from_arguments(arguments) == Private({"ZSTACK_SESSION_UUID": "x"}, "k")
    assert arguments == {"name": "a"}
    assert Private.from_arguments(arguments) == Private()


@pytest.mark.parametrize("name, expected", [
    ("ZSTACK_ACCOUNT_PASSWORD", True), ("https_proxy", True), ("HTTP_PROXY", True), ("no_proxy", True), ("PATH", False), ("PYTHONPATH", False),
    ("SSL_CERT_FILE", False), ("REQUESTS_CA_BUNDLE", False),
])
def test_variables(name, expected):
    assert is_private(name) is expected
