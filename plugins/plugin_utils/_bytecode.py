# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection zstack.aios.
"""Reuse the compiled code of this collection between processes.

The collection loader of Ansible compiles each imported file again in every process, which is a third of the start-up of a task.
Python's own loader stores compiled code in `__pycache__`, as Ansible lets it do for the plugins of a collection.
"""

from __future__ import annotations

import importlib.abc
import importlib.machinery
import sys
import types
import typing as t

_PLUGINS = __name__.rpartition(".plugin_utils.")[0]
_PREFIXES = ("%s.module_utils." % _PLUGINS, "%s.plugin_utils." % _PLUGINS)


class BytecodeFinder(importlib.abc.MetaPathFinder):
    """Finds the modules of this collection; everything else, packages included, is left to the next finder."""

    def __init__(self) -> None:
        self._finders: dict[str, importlib.machinery.FileFinder] = {}

    def find_spec(self, fullname: str, path: t.Sequence[str] | None, target: types.ModuleType | None = None) -> importlib.machinery.ModuleSpec | None:
        """As the interface requires.

        :param path: the directories of the parent package.
        """
        if path is None or len(path) != 1 or not fullname.startswith(_PREFIXES):
            return None
        if path[0] not in self._finders:
            self._finders[path[0]] = importlib.machinery.FileFinder(
                path[0], (importlib.machinery.SourceFileLoader, importlib.machinery.SOURCE_SUFFIXES))
        spec = self._finders[path[0]].find_spec(fullname)
        return None if spec is None or spec.loader is None or spec.submodule_search_locations is not None else spec


def reuse_bytecode() -> None:
    """Use the finder in this process."""
    if not any(isinstance(finder, BytecodeFinder) for finder in sys.meta_path):
        sys.meta_path.insert(0, BytecodeFinder())
