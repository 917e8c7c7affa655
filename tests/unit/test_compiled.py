# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The compiled code of the collection is kept between processes, unlike by the loader of Ansible, and the import system stays as it was."""

from __future__ import annotations

import importlib
import json
import os
import subprocess
import sys
import textwrap

import pytest

from ansible_collections.zstack.aios.plugins.plugin_utils import _compiled
from ansible_collections.zstack.aios.tests.simulator.testing import patience

PLUGINS = "ansible_collections.zstack.aios.plugins"
OF_ANSIBLE = """
    import json, sys
    from ansible.plugins.loader import action_loader, init_plugin_loader
    init_plugin_loader()
    # urllib3 1.26 brings a finder of its own.
    finders = lambda: [type(finder).__name__ for finder in sys.meta_path if "Six" not in type(finder).__name__]
    before = finders(), len(sys.path_hooks)
    assert action_loader.get("zstack.aios.zstack_ai_model", class_only=True)
    own = {name: type(module.__loader__).__name__ for name, module in sys.modules.items() if name.startswith("ansible_collections.zstack.aios.plugins.")}
    print(json.dumps({"own": own, "same": before == (finders(), len(sys.path_hooks))}))
"""


def run(tmp_path):
    environ = {**os.environ, "PYTHONPYCACHEPREFIX": str(tmp_path)}
    environ.pop("PYTHONDONTWRITEBYTECODE", None)
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(OF_ANSIBLE)], capture_output=True, encoding="utf-8", timeout=patience(60), check=False, env=environ)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_what_a_plugin_needs_is_compiled_once(tmp_path):
    found = run(tmp_path)
    assert found["same"]
    loaders = {name[len(PLUGINS) + 1:]: loader for name, loader in found["own"].items()}
    for name in ("plugin_utils._action", "module_utils._pipeline.plan", "module_utils._protocol.http", "module_utils._resources.table"):
        assert loaders[name] == "SourceFileLoader", name
    kept = list(tmp_path.rglob("plan.cpython*.pyc"))
    assert len(kept) == 1
    stamp = kept[0].stat().st_mtime_ns
    assert run(tmp_path) == found and kept[0].stat().st_mtime_ns == stamp


@pytest.fixture(name="package")
def fixture_package(tmp_path, monkeypatch):
    """Write modules into a package that replaces the plugins of the collection."""
    root = tmp_path / "stand_in"
    utils = root / "plugin_utils"
    utils.mkdir(parents=True)
    (root / "__init__.py").touch()
    (utils / "__init__.py").touch()
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setattr(_compiled, "_PLUGINS", "stand_in")
    monkeypatch.setattr(_compiled, "_PREFIXES", ("stand_in.plugin_utils.",))
    monkeypatch.setattr(_compiled, "_DIRECTORY", str(root))

    def write(**sources):
        for name, source in sources.items():
            (utils / ("%s.py" % name)).write_text(source, encoding="utf-8")
        importlib.invalidate_caches()

    yield write
    for name in [name for name in sys.modules if name.split(".")[0] == "stand_in"]:
        del sys.modules[name]


def test_imported_modules_come_first_and_are_set_in_their_package(package):
    package(_upper="import os.path\nfrom stand_in.plugin_utils._lower import VALUE\n", _lower="VALUE = 5\n")
    _compiled.import_compiled("plugin_utils._upper")
    upper = sys.modules["stand_in.plugin_utils._upper"]
    assert upper.VALUE == 5
    assert sys.modules["stand_in.plugin_utils"]._lower is sys.modules["stand_in.plugin_utils._lower"]
    _compiled.import_compiled("plugin_utils._upper")
    assert sys.modules["stand_in.plugin_utils._upper"] is upper


def test_a_circle_for_annotations_does_no_harm(package):
    package(
        _upper="import typing as t\nfrom stand_in.plugin_utils._lower import VALUE\n",
        _lower="import typing as t\nif t.TYPE_CHECKING:\n    from stand_in.plugin_utils._upper import t\nVALUE = 5\n")
    _compiled.import_compiled("plugin_utils._lower")
    assert sys.modules["stand_in.plugin_utils._lower"].VALUE == sys.modules["stand_in.plugin_utils._upper"].VALUE == 5


def test_what_is_not_there_is_left_to_the_import_statement(package):
    package(_upper="from stand_in.plugin_utils._missing import VALUE\n")
    _compiled.import_compiled("plugin_utils._absent")
    with pytest.raises(ModuleNotFoundError, match="_missing"):
        _compiled.import_compiled("plugin_utils._upper")
    assert "stand_in.plugin_utils._upper" not in sys.modules
