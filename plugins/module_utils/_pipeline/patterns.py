# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection zstack.aios.
"""Match regular expressions of users against names of the server, within a time limit. Pure except for a timer."""

from __future__ import annotations

import contextlib
import re
import signal
import threading
import types
import typing as t
import warnings

from ansible_collections.zstack.aios.plugins.module_utils._protocol.errors import OptionError

# Seconds of CPU time for all names of one task. A usual expression takes milliseconds for thousands of names.
SECONDS = 3.0
# Maximum length of an expression, and of a searched name: names on the server have at most 255 characters.
LONGEST, LONGEST_NAME = 1000, 1000
_ADVICE = "Write a simpler expression, without a repetition inside of a repetition."


class _TooLong(Exception):
    """The time limit is exceeded."""


def compiled(option: str, text: str) -> re.Pattern[str]:
    """Return a regular expression.

    :raises OptionError: for an invalid expression.
    """
    if len(text) > LONGEST:
        raise OptionError("%s: the expression has %d characters, and at most %d are allowed. Shorten it." % (option, len(text), LONGEST))
    try:
        with limited(option), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return re.compile(text)
    except re.error as error:
        place = "" if error.pos is None else " at character %d" % (error.pos + 1)
        raise OptionError("%s: not a valid Python regular expression (%s%s). Correct it; write a backslash before each literal special "
                          "character." % (option, error.msg, place)) from error
    except (OverflowError, RecursionError, MemoryError) as error:
        raise OptionError("%s: the regular expression is too large. %s" % (option, _ADVICE)) from error


def search(option: str, pattern: re.Pattern[str], texts: t.Sequence[str]) -> list[bool]:
    """Return for each text whether the expression occurs in it.

    :raises OptionError: if that takes longer than `SECONDS` of CPU time.
    """
    with limited(option):
        return [bool(pattern.search(text[:LONGEST_NAME])) for text in texts]


@contextlib.contextmanager
def limited(option: str) -> t.Iterator[None]:
    """Return a context that may use at most `SECONDS` of CPU time. Only the main thread can be interrupted, and Ansible uses no other thread.

    The timer measures the CPU time of the process, since SIGALRM belongs to the ``timeout`` of a task. The regular expression engine checks for signals while
    it runs.

    :raises OptionError: if the time limit is exceeded.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def ring(number: int, frame: types.FrameType | None) -> None:
        raise _TooLong

    before = signal.signal(signal.SIGVTALRM, ring)
    try:
        signal.setitimer(signal.ITIMER_VIRTUAL, SECONDS)
        try:
            yield
        finally:
            signal.setitimer(signal.ITIMER_VIRTUAL, 0)
    except _TooLong as error:
        raise OptionError("%s: the regular expression takes too long, more than %d seconds for the names that were read. %s" % (
            option, SECONDS, _ADVICE)) from error
    finally:
        signal.signal(signal.SIGVTALRM, before)
