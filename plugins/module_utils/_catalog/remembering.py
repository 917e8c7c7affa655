# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection zstack.aios.
"""Compute the digests that planning compares, in parallel: each takes about 40 ms of CPU time, and hashing releases the interpreter lock."""

from __future__ import annotations

import concurrent.futures
import os
import typing as t

from ansible_collections.zstack.aios.plugins.module_utils._catalog.items import Item
from ansible_collections.zstack.aios.plugins.module_utils._catalog.planning import OF_ITEM
from ansible_collections.zstack.aios.plugins.module_utils._pipeline.observe import observe
from ansible_collections.zstack.aios.plugins.module_utils._pipeline.snapshot import Snapshot
from ansible_collections.zstack.aios.plugins.module_utils._resources.remembered import matches

# A digest takes 16 MiB of memory while it is computed.
MOST_THREADS = 8


def prepare_digests(items: t.Iterable[Item], snapshot: Snapshot) -> int:
    """Compare the values of the items with the digests of their objects, and cache the results for planning.

    :returns: the number of computed digests: 0 if the server shows the value.
    """
    pairs: list[tuple[str, str, t.Any]] = []
    for item in items:
        fields = [field for field in item.table.given(item.options) if field.remembered] if item.present else []
        if fields:
            try:
                observed = observe(snapshot, item.table, item.options)[1]  # type: ignore[arg-type]
            except OF_ITEM:
                continue  # planning the item reports the error
            pairs.extend(pair for field in fields for pair in field.digests_to_compare(item.options[field.option], observed))
    if len(pairs) > 1:
        with concurrent.futures.ThreadPoolExecutor(min(MOST_THREADS, os.cpu_count() or 1)) as pool:
            for _unused in pool.map(lambda pair: matches(*pair), pairs):
                pass
    return len(pairs)
