# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection zstack.aios.
"""Read and write the files of an export in one directory, and never follow a link that leads out of it.

A catalog is usually a checkout, and a checkout can contain any link. Every step is relative to an open directory and refuses links, so that a link created in
the meantime is not followed either.
"""

from __future__ import annotations

import contextlib
import errno
import os
import stat
import typing as t
import uuid

from ansible_collections.zstack.aios.plugins.module_utils._protocol.errors import OptionError

_DIRECTORY = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
# Without O_NONBLOCK, opening a named pipe would block until its other end is opened.
_READ = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
_CREATE = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC


class Target:
    """A directory that receives files.

    :param path: the directory; it does not have to exist.
    :raises OptionError: if it, or a directory of its path below the current one, is a link that leads out of its own directory.
    """

    def __init__(self, path: str) -> None:
        # With a trailing slash or dot, a link would look like the directory that it leads to.
        while len(path) > 1 and path.endswith(("/", "/.")):
            path = path[:-1]
        self._path = path or "."
        link = _link_out(self._path)
        if link:
            raise OptionError(
                "path: %s is a link that leads out of its directory, and an export does not follow it. Nothing was written. "
                "Give the directory itself, or delete the link." % link)
        self._real = os.path.realpath(self._path)

    def read(self, name: str) -> str | None:
        """Return the text of a file; None if there is none, and empty if it is not text.

        :raises OptionError: when it is a link that leads out of the directory, or cannot be read.
        """
        try:
            with self._directory_of(name) as (directory, base):
                with os.fdopen(os.open(base, _READ, dir_fd=directory), "rb") as stream:
                    self._check_regular(name, os.fstat(stream.fileno()).st_mode)
                    return stream.read().decode("utf-8")
        except FileNotFoundError:
            return None
        except UnicodeDecodeError:
            return ""
        except OSError as error:
            raise self._failure(name, "read", error) from error

    def write(self, name: str, text: str) -> None:
        """Write a file atomically: a reader sees either the old or the new text. The mode of the file is kept.

        :raises OptionError: when it is a link that leads out of the directory, or cannot be written.
        """
        try:
            os.makedirs(self._real, exist_ok=True)
            with self._directory_of(name) as (directory, base):
                temporary = ".%s.%s.tmp" % (base, uuid.uuid4().hex)
                try:
                    with os.fdopen(os.open(temporary, _CREATE, 0o666, dir_fd=directory), "w", encoding="utf-8", newline="") as stream:
                        stream.write(text)
                        with contextlib.suppress(FileNotFoundError):
                            mode = os.stat(base, dir_fd=directory, follow_symlinks=False).st_mode
                            self._check_regular(name, mode)
                            os.fchmod(stream.fileno(), stat.S_IMODE(mode))
                    # Replaces a link that was created in the meantime, and does not follow it.
                    os.replace(temporary, base, src_dir_fd=directory, dst_dir_fd=directory)
                except BaseException:
                    with contextlib.suppress(FileNotFoundError):
                        os.unlink(temporary, dir_fd=directory)
                    raise
        except OSError as error:
            raise self._failure(name, "written", error) from error

    @contextlib.contextmanager
    def _directory_of(self, name: str) -> t.Iterator[tuple[int, str]]:
        """Return a context with the open directory of a file, and its name there, after following links that stay inside."""
        real = os.path.realpath(os.path.join(self._real, name))
        if not _is_inside(real, self._real):
            raise OptionError(
                "path: %s is a link that leads out of the directory of the export, which does not follow it. Nothing was written. "
                "Delete the link, or give another path." % os.path.join(self._path, name))
        *directories, base = os.path.relpath(real, self._real).split(os.sep)
        opened = [os.open(self._real, _DIRECTORY)]
        try:
            for directory in directories:
                opened.append(os.open(directory, _DIRECTORY, dir_fd=opened[-1]))
            yield opened[-1], base
        finally:
            for descriptor in opened:
                os.close(descriptor)

    def _check_regular(self, name: str, mode: int) -> None:
        if not stat.S_ISREG(mode):
            raise OptionError("path: %s is not a regular file. Give another path, or remove it." % os.path.join(self._path, name))

    def _failure(self, name: str, what: str, error: OSError) -> OptionError:
        path = os.path.join(self._path, name)
        # ELOOP, or ENOTDIR with O_DIRECTORY: a link has just replaced the file or directory.
        if error.errno in (errno.ELOOP, errno.ENOTDIR):
            return OptionError("path: %s cannot be %s: a link or a file has this name. Remove it, or give another path." % (path, what))
        return OptionError("path: %s cannot be %s: %s." % (path, what, error.strerror or error))


def _link_out(path: str) -> str | None:
    """Return the first part of a path that is a link leading out of its own directory.

    Parts above the current directory belong to the system, which has links such as /var/run.
    """
    here = os.path.realpath(".")
    parts = path.split(os.sep)
    for count in range(1, len(parts) + 1):
        part = os.sep.join(parts[:count])
        if not os.path.islink(part):
            continue
        directory = os.path.realpath(os.path.dirname(part) or ".")
        is_ours = count == len(parts) or (here != os.sep and (directory == here or _is_inside(directory, here)))
        if is_ours and not _is_inside(os.path.realpath(part), directory):
            return part
    return None


def _is_inside(path: str, directory: str) -> bool:
    return path.startswith(directory.rstrip(os.sep) + os.sep)
