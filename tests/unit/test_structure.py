# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The code structure of docs/architecture.md: four packages, imports that point down, files and classes that a reader can keep in mind."""

from __future__ import annotations

import ast
import graphlib
import pathlib

import pytest

PLUGINS = pathlib.Path(__file__).parents[2] / "plugins"
UTILS = PLUGINS / "module_utils"
PREFIX = "ansible_collections.zstack.aios.plugins.module_utils."
# From the bottom to the top: each package may import itself and those before it.
PACKAGES = ("_protocol", "_resources", "_pipeline", "_catalog")
# The only modules of the protocol that the pure part may use.
FOR_PURE = {"_protocol.errors", "_protocol.text"}
# Pure: these read no file and send nothing.
PURE = ("_pipeline.plan", "_pipeline.checks", "_pipeline.texts")
WITH_IO = {"os", "io", "socket", "ssl", "subprocess", "requests", "urllib3", "time", "pathlib", "shutil", "tempfile", "threading"}
FILE_LINES, CLASS_LINES = 420, 220


def imported(tree: ast.AST):
    """Yield the names that a module imports, with those inside functions."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module or ""
            yield from ("%s.%s" % (node.module, alias.name) for alias in node.names)


def read(path: pathlib.Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


MODULES = {"%s.%s" % (path.parent.name, path.stem): read(path) for path in sorted(UTILS.glob("*/*.py")) if path.name != "__init__.py"}
IMPORTS = {
    name: {found[len(PREFIX):] for found in imported(tree) if found.startswith(PREFIX)} & MODULES.keys() for name, tree in MODULES.items()}


def test_there_are_four_packages_and_no_module_beside_them():
    # The empty __init__.py of _protocol keeps pylint from taking its http.py for the one of the standard library.
    found = {str(path.relative_to(UTILS)) for path in UTILS.rglob("*.py") if path.name != "__init__.py"}
    assert {name.split("/")[0] for name in found} == set(PACKAGES)
    assert not [name for name in found if name.split("/")[1].startswith("_")]
    assert all(IMPORTS[name] for name in ("_protocol.client", "_resources.model", "_pipeline.runner", "_catalog.run"))


@pytest.mark.parametrize("name", MODULES)
def test_imports_point_down(name):
    allowed = PACKAGES[:PACKAGES.index(name.split(".")[0]) + 1]
    assert {other for other in IMPORTS[name] if other.split(".")[0] not in allowed} == set()


def test_no_import_is_circular():
    list(graphlib.TopologicalSorter(IMPORTS).static_order())


@pytest.mark.parametrize("name", [name for name in MODULES if name in PURE or name.startswith("_resources.")])
def test_the_pure_part_does_no_io_and_uses_only_errors_and_text_of_the_protocol(name):
    assert {found.split(".")[0] for found in imported(MODULES[name])} & WITH_IO == set()
    assert {other for other in IMPORTS[name] if other.startswith("_protocol.")} <= FOR_PURE


@pytest.mark.parametrize("name", [name for name in MODULES if name not in ("_protocol.ending", "_protocol.sign_in")])
def test_pauses_end_when_the_process_has_to(name):
    """Use ``STOP.pause`` of `_protocol.ending`; only the pause between two sign-outs lasts."""
    assert not [node.lineno for node in ast.walk(MODULES[name]) if isinstance(node, ast.Attribute) and ast.unparse(node) == "time.sleep"]


@pytest.mark.parametrize("path", sorted(PLUGINS.rglob("*.py")), ids=lambda path: str(path.relative_to(PLUGINS)))
def test_files_and_classes_are_short(path):
    if path.parent.name != "modules":  # most of a module's file is its documentation
        assert len(path.read_text(encoding="utf-8").splitlines()) <= FILE_LINES
    long = [node.name for node in ast.walk(read(path)) if isinstance(node, ast.ClassDef) and (node.end_lineno or 0) - node.lineno > CLASS_LINES]
    assert long == []


@pytest.mark.parametrize("path", sorted(PLUGINS.rglob("*.py")), ids=lambda path: str(path.relative_to(PLUGINS)))
def test_no_type_is_tested_with_typing(path):
    """``isinstance(value, t.Mapping)`` takes several times as long as with ``collections.abc.Mapping``, and the values of a result are many."""
    tested = [node.args[1] for node in ast.walk(read(path)) if isinstance(node, ast.Call) and ast.unparse(node.func) == "isinstance"]
    kinds = [kind for node in tested for kind in (node.elts if isinstance(node, ast.Tuple) else [node])]
    assert [ast.unparse(kind) for kind in kinds if ast.unparse(kind).startswith("t.")] == []
