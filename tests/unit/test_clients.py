# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The clients of a worker: their end."""

from __future__ import annotations

import subprocess
import sys
import textwrap

from ansible_collections.zstack.aios.tests.simulator.testing import patience
from ansible_collections.zstack.aios.tests.unit.support.local_server import answer, serving


def test_a_process_signs_out_on_the_connection_of_its_sign_in():
    """urllib3 closes its connections when the process ends, and each new connection costs round trips."""
    code = """
        import sys
        from ansible_collections.zstack.aios.plugins.module_utils._protocol.connection import Connection
        from ansible_collections.zstack.aios.plugins.plugin_utils._clients import open_client
        connection = Connection(
            host="127.0.0.1", port=int(sys.argv[1]), protocol="http", context_path="", validate_certs=True, timeout=30, wait_timeout=30, retries=0,
            account_name="admin", account_password="password")
        client = open_client({})(connection, 1)
        client.query("/v1/ai/models")
    """
    ports = []

    def handle(request):
        ports.append(request.client_address[1])
        answer({"inventory": {"uuid": "5" * 32}} if request.command == "PUT" else {"inventories": []})(request)

    with serving(handle) as seen:
        done = subprocess.run(
            [sys.executable, "-c", textwrap.dedent(code), str(seen.port)], capture_output=True, encoding="utf-8", timeout=patience(30), check=False)
    assert done.returncode == 0, done.stderr
    assert [line.split()[0] for line in seen.requests] == ["PUT", "GET", "DELETE"]
    assert len(set(ports)) == 1
