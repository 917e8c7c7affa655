# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The digest of a catalog: the same for the same content, and for nothing else."""

from __future__ import annotations

import re

import pytest
from ansible_collections.zstack.aios.plugins.module_utils._catalog.digest import check_digest, digest_of
from ansible_collections.zstack.aios.plugins.module_utils._catalog.items import read_catalog
from ansible_collections.zstack.aios.plugins.module_utils._protocol.errors import OptionError

ITEM = {"name": "m", "model_center": "c", "install_path": "/x", "token": "secret", "vendor": "Qwen"}


def digest(*models, name=None, prune=False, clones=()):
    options = {"path": None, "models": list(models), "model_service_clones": list(clones), "name": name, "prune": prune, "allow_empty": True}
    options.update(version_check=True, server_side_check=False)
    read = read_catalog(options)
    assert not read.errors
    return digest_of(read.items, options)


def test_the_order_of_items_and_secrets_do_not_matter():
    other = {**ITEM, "name": "n"}
    assert digest(ITEM, other) == digest(other, ITEM) and re.fullmatch("[0-9a-f]{64}", digest(ITEM))
    assert digest(ITEM) == digest({**ITEM, "token": "other"})


def test_everything_else_matters():
    others = [
        digest({**ITEM, "vendor": "Alibaba"}), digest({**ITEM, "state": "absent"}), digest(ITEM, {**ITEM, "name": "n"}), digest(),
        digest(ITEM, name="prod"), digest(ITEM, name="prod", prune=True), digest(clones=[{"name": "m", "source_service": "s"}])]
    assert len({digest(ITEM), *others}) == len(others) + 1


def test_another_catalog_than_the_expected_one_is_refused():
    check_digest("a", None)
    check_digest("a", "a")
    with pytest.raises(OptionError, match="expected_digest: the catalog is not the expected one: its digest is a and not b. Nothing was changed"):
        check_digest("a", "b")
