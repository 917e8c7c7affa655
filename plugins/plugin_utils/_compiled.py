# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection zstack.aios.
"""Import modules of this collection with compiled code that an earlier process has kept.

The collection loader of Ansible compiles each imported file again in every process, a third of the start-up of a task. Python's own loader keeps
the compiled code in ``__pycache__``, as Ansible lets it do for the plugins of a collection. The import system stays as Ansible has set it up: the
modules are only in ``sys.modules`` before the first import statement asks for them.
"""

from __future__ import annotations

import importlib
import importlib.machinery
import importlib.util
import os
import sys

_PLUGINS = __name__.rpartition(".plugin_utils.")[0]
_PREFIXES = ("%s.module_utils." % _PLUGINS, "%s.plugin_utils." % _PLUGINS)
_DIRECTORY = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))


def import_compiled(name: str) -> None:
    """Import a module, and before it those that it imports; what is not found here is left to Ansible.

    :param name: the name of the module below ``plugins``, such as ``plugin_utils._action``.
    """
    _import("%s.%s" % (_PLUGINS, name), set())


def _import(name: str, pending: set[str]) -> None:
    path = os.path.join(_DIRECTORY, *name[len(_PLUGINS) + 1:].split(".")) + ".py"
    if name in sys.modules or name in pending or not os.path.isfile(path):
        return
    pending.add(name)
    loader = importlib.machinery.SourceFileLoader(name, path)
    code = loader.get_code(name)
    # The names that a module imports are among the names of its code.
    for imported in code.co_names if code else ():
        if imported.startswith(_PREFIXES):
            _import(imported, pending)
    spec = importlib.util.spec_from_file_location(name, path, loader=loader)
    if spec is None or name in sys.modules:
        return
    parent, _dot, last = name.rpartition(".")
    package = importlib.import_module(parent)
    module = sys.modules[name] = importlib.util.module_from_spec(spec)
    try:
        loader.exec_module(module)
    except BaseException:
        del sys.modules[name]
        raise
    setattr(package, last, module)
