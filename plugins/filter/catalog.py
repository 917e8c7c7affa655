# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import typing as t

from ansible.errors import AnsibleFilterError
from ansible_collections.zstack.aios.plugins.plugin_utils._plain import plain
from ansible_collections.zstack.aios.plugins.plugin_utils._pages import markdown
from ansible_collections.zstack.aios.plugins.plugin_utils._report import artifact_name, artifacts, make_report, stats
from ansible_collections.zstack.aios.plugins.plugin_utils._review import review, view
from ansible_collections.zstack.aios.plugins.plugin_utils._source import planned_by, refusal, source_of, webhook_refusal

try:
    # Before core 2.19, text that a filter made would be taken for a template when a variable that holds it is used.
    from ansible.utils.unsafe_proxy import wrap_var
except ImportError:
    def wrap_var(v: t.Any) -> t.Any:
        return v


def _artifacts(reports: list[t.Any], files: list[t.Any], limit: int) -> dict[str, t.Any]:
    return artifacts(reports, files, [review(report, limit) for report in reports])


def _planned(text: str, path: str) -> dict[str, t.Any]:
    try:
        return planned_by(text, path)
    except ValueError as error:
        raise AnsibleFilterError(str(error)) from error


def _filter(function: t.Callable[..., t.Any]) -> t.Callable[..., t.Any]:
    def called(value: t.Any, *args: t.Any, **options: t.Any) -> t.Any:
        try:
            return wrap_var(function(plain(value), *map(plain, args), **{name: plain(option) for name, option in options.items()}))
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            raise AnsibleFilterError("The value or an option is not valid for this filter: %s: %s" % (type(error).__name__, error)) from error
    return called


class FilterModule:
    """The filters with which the role ``catalog`` makes its reports."""

    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        """Return the filters by name."""
        return {
            "catalog_artifact_name": _filter(artifact_name),
            "catalog_artifacts": _filter(_artifacts),
            "catalog_planned": _filter(_planned),
            "catalog_refusal": _filter(refusal),
            "catalog_report": _filter(make_report),
            "catalog_review": _filter(review),
            "catalog_source": _filter(source_of),
            "catalog_stats": _filter(stats),
            "catalog_view": _filter(view),
            "catalog_webhook_refusal": _filter(webhook_refusal),
            "markdown": _filter(markdown),
        }
