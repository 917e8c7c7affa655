# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The security page lists the current calls, in both languages."""

from __future__ import annotations

import importlib.util
import pathlib

import pytest

ROOT = pathlib.Path(__file__).parents[2]
PAGES = ("docs/security.md", "docs/zh/security.md")


def call_list():
    """Return the tool that writes the list."""
    spec = importlib.util.spec_from_file_location("call_list", ROOT / "tests" / "tools" / "call_list.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("path", PAGES)
def test_the_page_lists_every_call_of_every_module(path):
    page = (ROOT / path).read_text(encoding="utf-8")
    assert page == call_list().page_with_list(page), "run tests/tools/call_list.py %s" % path
    assert "UnbindModelFromService (DELETE `/v1/ai/models/{uuid}/model-services/{value}`)" in page


@pytest.mark.parametrize("module", sorted(path.stem for path in (ROOT / "plugins" / "modules").glob("zstack_ai_*.py")))
def test_every_module_is_named(module):
    page = (ROOT / "docs" / "security.md").read_text(encoding="utf-8")
    assert "`%s`" % module in page or module.endswith("_info") and "info modules" in page
