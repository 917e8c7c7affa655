# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection zstack.aios.
"""Rewrite messages about the options of a module for the user of a role. Pure."""

from __future__ import annotations

import collections.abc
import re
import typing as t

# The task variable with which a role maps options to its own variables.
VARIABLES = "__zstack_aios_variables"
# Members of a result that are messages, or lists of messages.
_MESSAGES = ("msg", "details")
_LISTS = ("warnings", "reviewed_warnings")
# A message about items, which have their own options.
_ITEMS = re.compile(r"\d+ of \d+ items failed")
_BETWEEN = r"(?:, | or | and |/|\|)"
# Contexts in which a name that is also a common word is certainly an option.
_BEFORE = r"(?:^|(?<=^argument ')|(?<=^argument )|(?<=^value of )|(?<=[Ss]et )|(?<=[Rr]aise )|(?<=[Gg]ive )|(?<=required with )|(?<=[Ll]eave )|(?<=[Oo]mit ))"
_AFTER = r"(?=: |' is | is of | must be | to |\.$|\. |, )"


def in_variables(result: t.Mapping[str, t.Any], variables: t.Mapping[str, str]) -> dict[str, t.Any]:
    """Return the result of a task with the options in its messages replaced by the variables of a role.

    :param variables: option to variable; if empty, nothing is changed.
    """
    if not variables:
        return dict(result)
    names = "|".join(sorted(map(re.escape, variables), key=len, reverse=True))
    patterns = [
        re.compile(r"(?<![\w./$'-])(?:%s)(?:%s(?:%s))+(?![\w/-])" % (names, _BETWEEN, names)),
        re.compile(r"%s(?:%s)%s" % (_BEFORE, names, _AFTER)),
        re.compile(r"(?<![\w./$-])(?:%s)(?![\w/=-])" % ("|".join(name for name in names.split("|") if "_" in name) or "(?!)")),
    ]
    # The message about an item of the task begins with its position; for an item in a file, the name of the file comes first.
    words, place = re.compile(names), re.compile(r"^(?:%s)(?=\[\d+\])" % names, re.MULTILINE)

    def placed(text: str) -> str:
        return place.sub(lambda found: variables[found[0]], text)

    def message(text: str) -> str:
        text = placed(text)
        first, line_break, rest = text.partition("\n")
        if not _ITEMS.match(first):
            for pattern in patterns:
                first = pattern.sub(lambda found: words.sub(lambda word: variables[word[0]], found[0]), first)
        return first + line_break + rest

    found = dict(result)
    for key, value in result.items():
        if key in _MESSAGES and isinstance(value, str):
            found[key] = message(value)
        elif key in _LISTS and isinstance(value, list):
            found[key] = [message(entry) if isinstance(entry, str) else entry for entry in value]
        elif key == "error" and isinstance(value, collections.abc.Mapping):
            found[key] = {name: message(text) if name in _MESSAGES and isinstance(text, str) else text for name, text in value.items()}
        elif key == "catalog_errors" and isinstance(value, list):
            # A message about one item contains options of the item; only its position is an option of the task.
            found[key] = [{**entry, "item": placed(entry["item"])} if not entry.get("file") and entry.get("item") else entry for entry in value]
    return found
