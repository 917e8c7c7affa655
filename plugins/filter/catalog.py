# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import json
import re
import typing as t

from ansible.errors import AnsibleFilterError
from ansible_collections.zstack.aios.plugins.module_utils._protocol.text import visible
from ansible_collections.zstack.aios.plugins.plugin_utils._action import plain
from ansible_collections.zstack.aios.plugins.plugin_utils._report import SCHEMA, make_report, review, stats, view
from ansible_collections.zstack.aios.plugins.plugin_utils._values import text_of

try:
    # Before core 2.19, text that a filter made would be taken for a template when a variable that holds it is used.
    from ansible.utils.unsafe_proxy import wrap_var
except ImportError:
    def wrap_var(v: t.Any) -> t.Any:
        return v

# Everything that means something in Markdown, in HTML, or to what the Git hosts add to them.
_MARKUP = re.compile(r"[\\`*{}\[\]<>|~&@:#$^!]|(?<![A-Za-z0-9])_|_(?![A-Za-z0-9])|(?<=www)\.", re.I)


def markdown(value: t.Any, block: str | None = None, limit: int = 0) -> str:
    """The value as code in Markdown that stands for nothing but itself.

    :param block: make a fenced block and not a part of a line; the language of the block, which may be empty.
    :param limit: cut a longer text off; 0 for never.
    """
    text = text_of(value) if block is not None else visible(text_of(value))
    if limit and len(text) > limit:
        text = text[:limit - 1] + "\u2026"
    if block is None:
        return "<code>%s</code>" % _MARKUP.sub(lambda found: "&#%d;" % ord(found.group()), text)
    fence = "`" * (1 + max(2, *(len(run) for run in re.findall("`+", text)), 0))
    return "%s%s\n%s\n%s" % (fence, block, text, fence)


def planned_revision(text: str, path: str) -> str | None:
    """Return the commit of a plan from its JSON report; None if the plan did not know it.

    :param text: content of the file.
    :param path: name of the file, for messages.
    """
    try:
        report = json.loads(text)
    except ValueError as error:
        raise AnsibleFilterError("catalog_plan: %s is not a JSON report: %s. Use the file plan.json of a plan." % (path, error)) from error
    revision = report.get("revision") if isinstance(report, dict) and report.get("schema") == SCHEMA else False
    if not (revision is None or isinstance(revision, str)):
        raise AnsibleFilterError("catalog_plan: %s is not the report of a catalog. Use the file plan.json of a plan." % path)
    return revision


def _filter(function: t.Callable[..., t.Any]) -> t.Callable[..., t.Any]:
    def called(value: t.Any, *args: t.Any, **options: t.Any) -> t.Any:
        try:
            return wrap_var(function(plain(value), *map(plain, args), **{name: plain(option) for name, option in options.items()}))
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            raise AnsibleFilterError("The value or an option does not fit this filter: %s: %s" % (type(error).__name__, error)) from error
    return called


class FilterModule:
    """The filters with which the role ``catalog`` makes its reports."""

    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        """The filters by name."""
        return {
            "catalog_planned_revision": _filter(planned_revision),
            "catalog_report": _filter(make_report),
            "catalog_review": _filter(review),
            "catalog_stats": _filter(stats),
            "catalog_view": _filter(view),
            "markdown": _filter(markdown),
        }
