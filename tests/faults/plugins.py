# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Run any plugin of the collection over the network in memory: the modules that the directories list, the lookup and the inventory."""
from __future__ import annotations

import contextlib
import functools
import importlib
import json
import pathlib
import tempfile
import typing as t
from unittest import mock

from ansible.errors import AnsibleError
from ansible.inventory.data import InventoryData
from ansible.parsing.dataloader import DataLoader
from ansible.template import Templar

from ansible_collections.zstack.aios.plugins.inventory import zstack_ai as inventory
from ansible_collections.zstack.aios.plugins.lookup import zstack_ai as lookup
from ansible_collections.zstack.aios.plugins.module_utils._pipeline.module import ModuleSpec
from ansible_collections.zstack.aios.plugins.module_utils._protocol.client import Client
from ansible_collections.zstack.aios.plugins.plugin_utils import _reader

from .network import FIRST_PORT, HOST, Network
from .tasks import RETRIES, SIGN_INS, TIMEOUT, WAIT_TIMEOUT, Outcome, observed, run_spec

PLUGINS = pathlib.Path(__file__).parents[2] / "plugins"
# Defaults of the lookup and the inventory that are not null.
DEFAULTS: dict[str, t.Any] = {"kind": "model", "cache": False, "compose": {}, "groups": {}, "keyed_groups": [], "hostvars_prefix": "", "strict": False}


def modules() -> list[str]:
    """Return the names of all modules."""
    return sorted(path.stem for path in (PLUGINS / "modules").glob("*.py") if path.stem != "__init__")


def readers() -> list[str]:
    """Return the names of the lookup and inventory plugins, as the matrix shows them."""
    return sorted("%s %s" % (kind, path.stem) for kind in ("lookup", "inventory") for path in (PLUGINS / kind).glob("*.py") if path.stem != "__init__")


@functools.cache
def spec_of(module: str) -> ModuleSpec | None:
    """Return what a module is; its action plugin names it. None for one that only works on files."""
    return getattr(importlib.import_module("ansible_collections.zstack.aios.plugins.action." + module).ActionModule, "spec", None)


def is_silent(module: str) -> bool:
    """Return whether a module sends no request."""
    spec = spec_of(module)
    return spec is None or spec.offline


def run_module(network: Network, run: int, module: str, given: t.Mapping[str, t.Any], sign_in: str = "password") -> Outcome:
    """Run one task of any module."""
    return run_spec(network, run, t.cast(ModuleSpec, spec_of(module)), given, sign_in)


def connection_of(run: int, sign_in: str) -> dict[str, t.Any]:
    """Return the connection options of a plugin."""
    return {"host": HOST, "port": FIRST_PORT + run, "retries": RETRIES, "timeout": TIMEOUT, "wait_timeout": WAIT_TIMEOUT, **SIGN_INS[sign_in]}


class Given:
    """Replaces Ansible's configuration of a plugin: only what is given counts."""

    given: dict[str, t.Any]

    def set_options(self, task_keys: t.Any = None, var_options: t.Any = None, direct: t.Any = None) -> None:
        """Take the options over."""
        self.given = dict(direct or {})

    def get_option(self, option: str, hostvars: t.Any = None) -> t.Any:
        """Return an option, or its default."""
        return self.given.get(option, DEFAULTS.get(option))

    def get_options(self, hostvars: t.Any = None) -> dict[str, t.Any]:
        """Return every option."""
        return {**DEFAULTS, **self.given}


class _Lookup(Given, lookup.LookupModule):
    pass


class _Inventory(Given, inventory.InventoryModule):
    def _read_config_data(self, path: str) -> dict[str, t.Any]:
        self.set_options(direct=json.loads(pathlib.Path(path).read_text(encoding="utf-8")))
        return self.given

    def get_cache_key(self, path: str) -> str:
        """Return no key: nothing is cached."""
        return ""


def read_lookup(network: Network, run: int, names: list[str], options: t.Mapping[str, t.Any], sign_in: str = "password") -> Outcome:
    """Look names up."""
    plugin = _Lookup(None, Templar(DataLoader()))
    return observed(network, run, lambda: _answered(lambda: {"found": plugin.run(names, {}, **connection_of(run, sign_in), **options)}))


def read_inventory(network: Network, run: int, options: t.Mapping[str, t.Any], sign_in: str = "password") -> Outcome:
    """Read an inventory file."""
    with tempfile.TemporaryDirectory() as place:
        file = pathlib.Path(place) / "zstack_ai.yml"
        file.write_text(json.dumps({**connection_of(run, sign_in), **options}), encoding="utf-8")

        def read() -> dict[str, t.Any]:
            found = InventoryData()
            _Inventory().parse(found, DataLoader(), str(file), cache=False)
            return {"hosts": {name: host.get_vars() for name, host in found.hosts.items()}}

        return observed(network, run, lambda: _answered(read))


@contextlib.contextmanager
def _opened(connection: t.Any) -> t.Iterator[Client]:
    """Replace what shares clients and handles signals in a process of Ansible."""
    with contextlib.closing(Client(connection)) as client:
        yield client


def _answered(work: t.Callable[[], dict[str, t.Any]]) -> tuple[bool, dict[str, t.Any]]:
    """Return whether a plugin has succeeded, and its result or its error as a module reports one."""
    try:
        with mock.patch.object(_reader.Reader, "warn"), mock.patch.object(_reader, "_opened", _opened):
            return True, work()
    except AnsibleError as error:
        cause: BaseException | None = error
        while cause is not None and not hasattr(cause, "error"):
            cause = cause.__cause__ or cause.__context__
        return False, {"msg": str(error), "error": getattr(cause, "error", {})}
