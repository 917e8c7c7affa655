# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Where the reference pages are, for tests that hold the tables against them. They are not part of the collection."""

from __future__ import annotations

import functools
import os
import pathlib
import typing as t

import pytest
import yaml

VARIABLE = "ZSTACK_AIOS_SHARED"
PAGE = pathlib.PurePath("reference", "zstack-ai-api.yml")


@functools.cache
def find(page: pathlib.PurePath) -> pathlib.Path | None:
    """Return a page of the folder with the reference pages, or None if it does not exist."""
    here = pathlib.Path(__file__)
    folders = [pathlib.Path(os.environ[VARIABLE])] if os.environ.get(VARIABLE) else []
    for start in (here.absolute(), here.resolve()):
        folders.extend(parent / "shared" for parent in start.parents)
    return next((folder / page for folder in folders if (folder / page).is_file()), None)


def api() -> dict[str, t.Any]:
    """Return the page of all AI calls; skips the test if it does not exist."""
    path = find(PAGE)
    if path is None:
        pytest.skip("The reference page %s does not exist; name the folder that holds it in %s." % (PAGE, VARIABLE))
    return _load(path)


@functools.cache
def _load(path: pathlib.Path) -> dict[str, t.Any]:
    with open(path, encoding="utf-8") as stream:
        return yaml.safe_load(stream)
