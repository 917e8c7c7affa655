# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection zstack.aios.
"""The files of a catalog, and how they are read: only regular files, each one once, and with a limited size."""

from __future__ import annotations

import dataclasses
import os
import stat

SUFFIXES = (".yml", ".yaml")
MOST_BYTES = 8 * 2 ** 20
VAULT_HEADER = b"$ANSIBLE_VAULT;"
_TYPES = ((stat.S_ISFIFO, "a FIFO"), (stat.S_ISCHR, "a device"), (stat.S_ISBLK, "a device"), (stat.S_ISSOCK, "a socket"), (stat.S_ISDIR, "a directory"))


class Unreadable(Exception):
    """A file that cannot be read; the message states why and what to do."""


@dataclasses.dataclass
class Survey:
    """The content of a directory.

    :param files: the catalog files, sorted.
    :param refused: paths that belong to the catalog and cannot be read, each with the reason.
    :param warnings: one for each ignored path.
    """

    files: list[str] = dataclasses.field(default_factory=list)
    refused: list[tuple[str, str]] = dataclasses.field(default_factory=list)
    warnings: list[str] = dataclasses.field(default_factory=list)


def survey(path: str) -> Survey:
    """Return the catalog files below a directory, or the one file. Hidden files and directories are ignored.

    Links are followed if they stay inside the directory; each file is read once, under its own name if it is inside the directory.
    """
    result = Survey()
    if not os.path.isdir(path):
        result.files = [path]
        return result
    root = os.path.realpath(path)
    found: dict[str, str] = {}
    seen = {root}
    # Directories themselves come before links to directories.
    waiting: list[tuple[str, str]] = [(path, root)]
    linked: list[tuple[str, str]] = []
    while waiting or linked:
        directory, real = waiting.pop() if waiting else linked.pop(0)
        for name in _names(directory, result):
            full = os.path.join(directory, name)
            is_link = os.path.islink(full)
            target = os.path.realpath(full) if is_link else os.path.join(real, name)
            is_directory = os.path.isdir(full)
            if is_link and os.path.commonpath([root, target]) != root:
                _leave_out(full, target, is_directory, result)
            elif is_directory:
                if is_link:
                    linked.append((full, target))
                elif target not in seen:
                    seen.add(target)
                    waiting.append((full, target))
            elif name.endswith(SUFFIXES):
                _add(full, target, is_link, found, result)
        linked = [pair for pair in linked if pair[1] not in seen]
        if not waiting and linked:
            seen.add(linked[0][1])
    result.files = sorted(found.values())
    return result


def _names(directory: str, result: Survey) -> list[str]:
    try:
        return sorted(name for name in os.listdir(directory) if not name.startswith("."))
    except OSError as error:
        result.refused.append((directory, "the directory cannot be read: %s" % error.strerror))
        return []


def _leave_out(full: str, target: str, is_directory: bool, result: Survey) -> None:
    if is_directory:
        result.warnings.append(
            "%s is a link to %s, which is outside of the catalog, so it is ignored. Move the directory into the catalog, or set path to a "
            "directory that contains both." % (full, target))
    elif full.endswith(SUFFIXES):
        result.refused.append((full, (
            "this is a link to %s, which is outside of the catalog. Move the file into the catalog, or set path to a directory that contains both") % target))


def _add(full: str, target: str, is_link: bool, found: dict[str, str], result: Survey) -> None:
    try:
        _check_type(os.stat(full))
    except OSError as error:
        result.refused.append((full, "the file cannot be read: %s" % error.strerror))
    except Unreadable as error:
        result.refused.append((full, str(error)))
    else:
        if not is_link or target not in found:
            found[target] = full


def _check_type(info: os.stat_result) -> None:
    if not stat.S_ISREG(info.st_mode):
        kind = next((text for matches, text in _TYPES if matches(info.st_mode)), "something else")
        raise Unreadable("this is %s and not a regular file. A catalog consists of regular files" % kind)


def read_file(path: str) -> bytes:
    """Return the content of a catalog file.

    :raises Unreadable: for a file that is not regular, too large, or encrypted as a whole.
    :raises OSError: when it cannot be opened.
    """
    # Opening a FIFO or a device may block or have side effects, so the type is checked first; the second check detects a file that was replaced in the
    # meantime.
    _check_type(os.stat(path))
    with os.fdopen(os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC), "rb") as stream:
        _check_type(os.fstat(stream.fileno()))
        content = stream.read(MOST_BYTES + 1)
    if len(content) > MOST_BYTES:
        raise Unreadable("the file is larger than %d MiB. Split it" % (MOST_BYTES // 2 ** 20))
    if content.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(VAULT_HEADER):
        raise Unreadable(
            "the file is encrypted with Ansible Vault, and catalog files are read without decryption. Store it as plain text, and give the items with "
            "secrets to the task in a variable, which may come from an encrypted file of variables")
    return content
