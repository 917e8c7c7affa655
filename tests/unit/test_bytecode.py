# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The compiled code of the collection is stored and used again, unlike by the loader of Ansible."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap

import pytest

from ansible_collections.zstack.aios.plugins.plugin_utils._bytecode import BytecodeFinder
from ansible_collections.zstack.aios.tests.simulator.testing import patience

PLUGINS = "ansible_collections.zstack.aios.plugins"
IN_TREE = os.path.join(os.path.dirname(__file__), "..", "..", "plugins", "module_utils")


def test_code_that_ansible_has_loaded_is_stored(tmp_path):
    code = """
        from ansible.plugins.loader import action_loader, init_plugin_loader
        init_plugin_loader()
        assert action_loader.find_plugin("zstack.aios.zstack_ai_model")
        assert action_loader.get("zstack.aios.zstack_ai_model", class_only=True)
        import ansible_collections.zstack.aios.plugins.module_utils._resources.model as model
        print(model.__spec__.loader.__class__.__name__)
        print(model.__cached__)
    """
    environ = {**os.environ, "PYTHONPYCACHEPREFIX": str(tmp_path)}
    environ.pop("PYTHONDONTWRITEBYTECODE", None)
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(code)], capture_output=True, encoding="utf-8", timeout=patience(60), check=False, env=environ)
    assert done.returncode == 0, done.stderr
    loader, cached = done.stdout.split()
    assert loader == "SourceFileLoader" and cached.startswith(str(tmp_path)) and os.path.exists(cached)


@pytest.mark.parametrize("name, path, is_found", [
    ("%s.module_utils._protocol.text" % PLUGINS, [os.path.join(IN_TREE, "_protocol")], True),
    ("%s.module_utils._protocol.nothing" % PLUGINS, [os.path.join(IN_TREE, "_protocol")], False),
    ("%s.module_utils._protocol" % PLUGINS, [IN_TREE], False),
    ("%s.module_utils._pipeline" % PLUGINS, [IN_TREE], False),
    ("%s.module_utils._protocol.text" % PLUGINS, None, False),
    ("%s.modules.zstack_ai_model" % PLUGINS, [os.path.join(IN_TREE, "..", "modules")], False),
    ("ansible_collections.other.aios.plugins.module_utils.text", [os.path.join(IN_TREE, "_protocol")], False),
])
def test_only_modules_of_this_collection_are_found(name, path, is_found):
    spec = BytecodeFinder().find_spec(name, path)
    assert (spec is not None and spec.origin == os.path.join(path[0], "text.py")) is is_found
