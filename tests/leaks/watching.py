# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What other users of a machine can see while a command runs: command lines, environments, and temporary files."""
from __future__ import annotations

import contextlib
import pathlib
import threading
import time
import typing as t

# What the module process of Ansible consists of; it contains the arguments of the task.
WRAPPER = "_ansiballz"
PAUSE_SECONDS = 0.03


class Watch:
    """Records what a process and its descendants show, repeatedly until `stop`.

    :param pid: the process.
    :param directories: those with its temporary files.
    :ivar texts: command lines, environments, and the content of files.
    :ivar exposed: files with the arguments of a module that another user could read.
    """

    def __init__(self, pid: int, directories: t.Iterable[pathlib.Path]) -> None:
        self.texts: set[str] = set()
        self.exposed: set[str] = set()
        # What was read already: a path and its state, such as the command line of a process or the time of a file.
        self._known: set[tuple[pathlib.Path, t.Any]] = set()
        self._pid = pid
        self._directories = list(directories)
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Stop watching."""
        self._ended.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._ended.is_set():
            for process in self._descendants():
                with contextlib.suppress(OSError):
                    self._note_process(pathlib.Path("/proc/%d" % process))
            for directory in self._directories:
                for path in directory.rglob("*"):
                    with contextlib.suppress(OSError):
                        self._note_file(path)
            time.sleep(PAUSE_SECONDS)

    def _note_process(self, directory: pathlib.Path) -> None:
        command = _text(directory / "cmdline")
        if self._is_new(directory, command):
            self.texts.update((command, _text(directory / "environ")))

    def _note_file(self, path: pathlib.Path) -> None:
        state = path.stat()
        if path.is_file() and self._is_new(path, (state.st_ino, state.st_mtime_ns, state.st_size)):
            text = _text(path)
            if WRAPPER not in text.lower():
                self.texts.add(text)
            elif path.parent.stat().st_mode & 0o077:
                self.exposed.add(str(path))

    def _is_new(self, path: pathlib.Path, state: t.Any) -> bool:
        if (path, state) in self._known:
            return False
        self._known.add((path, state))
        return True

    def _descendants(self) -> list[int]:
        found = [self._pid]
        for process in found:
            with contextlib.suppress(OSError, ValueError):
                for task in pathlib.Path("/proc/%d/task" % process).iterdir():
                    found.extend(map(int, (task / "children").read_text(encoding="ascii").split()))
        return found


def _text(path: pathlib.Path) -> str:
    return path.read_bytes().decode("utf-8", "replace").replace("\0", "\n")
