# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the calls do. Importing this package registers every call in `registry`."""
from __future__ import annotations

from . import access_keys, centers, datasets, deletion, evaluations, groups, identity, meta, models, more, plain, services, tag_calls
from .registry import CHECKS, RUNS

__all__ = ["CHECKS", "RUNS", "access_keys", "centers", "datasets", "deletion", "evaluations", "groups", "identity", "meta", "models", "more",
           "plain", "services", "tag_calls"]
