# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection zstack.aios.
"""The digest of the content of a catalog, with which apply compares it with the plan. Pure."""

from __future__ import annotations

import hashlib
import json
import typing as t

from ansible_collections.zstack.aios.plugins.module_utils._catalog.items import Item
from ansible_collections.zstack.aios.plugins.module_utils._protocol.errors import OptionError


def digest_of(items: t.Iterable[Item], options: t.Mapping[str, t.Any]) -> str:
    """Return the SHA-256 of the desired state and of the settings of prune, as 64 hex digits.

    Files, comments and the order of items do not matter. Secrets are excluded: reports show the digest, from which a short secret could be guessed.
    """
    texts = []
    for item in items:
        secret = {field.option for field in item.table.fields if field.secret}
        wanted = {name: value for name, value in item.options.items() if value is not None and name not in secret}
        texts.append(json.dumps([item.kind, wanted], sort_keys=True, default=str))
    prune = [options["name"], options["prune"]]
    return hashlib.sha256("\n".join([json.dumps(prune), *sorted(texts)]).encode("utf-8", "surrogatepass")).hexdigest()


def check_digest(digest: str, expected: str | None) -> None:
    """Refuse a catalog that is not the expected one.

    :raises OptionError: naming both digests.
    """
    if expected is not None and expected != digest:
        raise OptionError(
            "expected_digest: the catalog is not the expected one: its digest is %s and not %s. Nothing was changed. "
            "Someone changed an item, catalog or prune after the plan, without a new commit. Plan it again and apply that plan." % (
                digest, expected))
