# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Run one command and print its time and memory, as one line of JSON.

    launcher.py OUTPUT COMMAND [ARGUMENT ...]

It is a separate and small process, because the system adds the memory of the process that starts a command to that of the command. ``rss_kb`` is the peak of
the largest process: the command or any of its descendants that were waited for.
"""

from __future__ import annotations

import json
import os
import sys
import time


def main(output: str, command: list[str]) -> None:
    file = os.open(output, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    actions = [(os.POSIX_SPAWN_DUP2, file, 1), (os.POSIX_SPAWN_DUP2, file, 2)]
    started = time.perf_counter()
    process = os.posix_spawn(command[0], command, os.environ, file_actions=actions)
    _unused, status, usage = os.wait4(process, 0)
    seconds = time.perf_counter() - started
    print(json.dumps({
        "seconds": seconds, "cpu": usage.ru_utime + usage.ru_stime, "rss_kb": usage.ru_maxrss, "exit": os.waitstatus_to_exitcode(status),
    }))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
