# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The English texts of the repository, each with its place: pages, documentation, messages, task names, docstrings and comments."""

from __future__ import annotations

import ast
import io
import pathlib
import re
import tokenize
import typing as t

import yaml

# Neither ours, nor English, nor written by hand
_EXCLUDED = re.compile(r"^(?:\.git|\.work|LICENSES|schemas|docs/zh|tests/output|changelogs/(?!fragments))/|\.zh-CN\.md$|^tests/unit/style\.yml$|^COPYING$")
_SUFFIXES = (".md", ".py", ".yml", ".yaml", ".j2")
_BLOCK = re.compile(r"#|[-*] |\d+\. |\|")
# The same parser, but ten times as fast where it was compiled
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_TEMPLATE = re.compile(r"\{%.*?%\}|\{\{.*?\}\}|<style>.*?</style>|<[^>]*>", re.DOTALL)


class Text(t.NamedTuple):
    """A text on one line.

    :param line: the line of the file where it begins.
    """

    path: str
    line: int
    text: str


class Source(t.NamedTuple):
    """A file: its texts, and the identifiers of Python with their lines."""

    texts: list[Text]
    identifiers: list[tuple[str, int, str]]


def files(root: pathlib.Path) -> list[str]:
    """Return the paths of the files with English text, relative to the repository."""
    found = (path.relative_to(root).as_posix() for suffix in _SUFFIXES for path in root.rglob("*" + suffix) if path.is_file())
    return sorted(path for path in found if not _EXCLUDED.search(path))


def read(root: pathlib.Path, path: str) -> Source:
    """Return the content of a file."""
    text = (root / path).read_text(encoding="utf-8")
    if path.endswith(".py"):
        tree = ast.parse(text)
        return Source([Text(path, *found) for found in (*_python(tree), *_joined(_python_comments(text)))], [(path, *found) for found in _identifiers(tree)])
    if path.endswith(".md"):
        return Source([Text(path, *found) for found in _markdown(text)], [])
    if path.endswith(".j2"):
        return Source([Text(path, 1, _squeezed(_TEMPLATE.sub(" ", text)))], [])
    return Source([Text(path, *found) for found in (*_scalars(text), *_joined(_yaml_comments(text)))], [])


def _squeezed(text: str) -> str:
    return " ".join(text.split())


def _markdown(text: str) -> t.Iterator[tuple[int, str]]:
    """Yield the paragraphs, headings, list entries and rows of tables outside of code blocks."""
    fenced, start, block = False, 1, []  # type: bool, int, list[str]
    for number, line in enumerate([*text.splitlines(), ""], 1):
        stripped = line.strip()
        fence = stripped.startswith("```")
        if block and (fence or not stripped or _BLOCK.match(stripped)):
            yield start, _squeezed(" ".join(block))
            block = []
        fenced ^= fence
        if stripped and not fenced and not fence:
            start = start if block else number
            block.append(stripped)


def _scalars(text: str, offset: int = 0) -> t.Iterator[tuple[int, str]]:
    """Yield the values of YAML documents that have several words."""
    try:
        nodes: list[t.Any] = [node for node in yaml.compose_all(text, Loader=_LOADER) if node]
    except yaml.YAMLError:
        return
    while nodes:
        node = nodes.pop()
        if isinstance(node, yaml.MappingNode):
            nodes.extend(value for _key, value in node.value)
        elif isinstance(node, yaml.SequenceNode):
            nodes.extend(node.value)
        elif " " in node.value.strip():
            yield node.start_mark.line + 1 + offset, _squeezed(node.value)


def _yaml_comments(text: str) -> t.Iterator[tuple[int, int, str]]:
    for number, line in enumerate(text.splitlines(), 1):
        found = re.search(r"(?:^|\s)#\s?(.*)$", line)
        if found and not re.search(r"[\"'].*#.*[\"']", line):
            yield number, found.start(1), found[1]


def _python_comments(text: str) -> t.Iterator[tuple[int, int, str]]:
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type == tokenize.COMMENT:
            yield *token.start, token.string.lstrip("#!: ")


def _joined(comments: t.Iterable[tuple[int, int, str]]) -> t.Iterator[tuple[int, str]]:
    """Yield comments of several lines as one text."""
    start, last, column, block = 0, 0, -1, []  # type: int, int, int, list[str]
    for line, position, comment in comments:
        if block and (line, position) != (last + 1, column):
            yield start, _squeezed(" ".join(block))
            block = []
        start = start if block else line
        last, column = line, position
        block.append(comment)
    if block:
        yield start, _squeezed(" ".join(block))


def _python(tree: ast.Module) -> t.Iterator[tuple[int, str]]:
    """Yield docstrings and messages, and the YAML documents of a plugin."""
    documents = {
        id(node.value): node.value for node in ast.walk(tree)
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name) and node.targets[0].id in ("DOCUMENTATION", "EXAMPLES", "RETURN")
        and isinstance(node.value, ast.Constant)}
    for node in ast.walk(tree):
        if not isinstance(node, ast.Constant) or not isinstance(node.value, str) or " " not in node.value.strip():
            continue
        if id(node) in documents:
            yield from _scalars(node.value, node.lineno - 1)
            yield from _joined((line + node.lineno - 1, column, text) for line, column, text in _yaml_comments(node.value))
        else:
            yield node.lineno, _squeezed(node.value)


def _identifiers(tree: ast.Module) -> t.Iterator[tuple[int, str]]:
    """Yield the names of variables, parameters, attributes, functions and classes; the names of tests are sentences."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Name):
            yield node.lineno, node.id
        elif isinstance(node, ast.Attribute):
            yield node.lineno, node.attr
        elif isinstance(node, (ast.arg, ast.keyword)) and node.arg:
            yield node.lineno, node.arg
        elif isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)) and not node.name.startswith("test_"):
            yield node.lineno, node.name
        elif isinstance(node, ast.alias) and node.asname:
            yield node.lineno, node.asname
