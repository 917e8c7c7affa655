# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The command that runs a simulator."""
from __future__ import annotations

import asyncio
import shlex
import signal
import sys

from .auth import ADMIN_UUID, password_hash
from .options import config_of, default_database, parse_arguments
from .seeding import default_seed, load_seed, read_seed
from .server import Simulator
from .store import Store
from .world import World


async def serve(argv: list[str] | None = None) -> None:
    """Run a simulator until SIGTERM or SIGINT."""
    arguments = parse_arguments(argv)
    path = arguments.db or default_database()
    simulator = Simulator(Store(path), config_of(arguments))
    if simulator.world.store.is_empty():
        load_seed(simulator.world, first_seed(arguments.seed))
    port = await simulator.start(arguments.host, arguments.port)
    config = simulator.world.config
    print(f"ZStack simulator on http://{arguments.host}:{port}{config.context_path} "
          f"(version {config.server_version}, dialect {config.dialect}, database {path})", flush=True)
    print(sign_in_block(simulator.world, arguments.host, port), flush=True)
    stopped = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stopped.set)
    await stopped.wait()
    await simulator.stop()


def sign_in_block(world: World, host: str, port: int) -> str:
    """Return the environment variables that sign in to this simulator, ready to paste into a shell."""
    # a server that listens on every address is reached by the loopback address
    address = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)
    lines = ["Sign in with:", f"export ZSTACK_HOST={shlex.quote(address)}", f"export ZSTACK_PORT={port}", "export ZSTACK_PROTOCOL=http",
             f"export ZSTACK_CONTEXT_PATH={shlex.quote(world.config.context_path or '/')}"]
    admin = world.store.get("accounts", ADMIN_UUID)
    lines.append(f"export ZSTACK_ACCOUNT_NAME={shlex.quote(admin['name'])}")
    # only the hash of a password is stored
    if admin["_password"] == password_hash("password"):
        lines.append("export ZSTACK_ACCOUNT_PASSWORD=password")
    else:
        lines.append("# export ZSTACK_ACCOUNT_PASSWORD=<the password in your seed>")
    return "\n".join(lines)


def first_seed(option: str | None) -> dict:
    """Return the seed of an empty database: the built-in one, none, or a file."""
    if option is None:
        return default_seed()
    return {} if option == "none" else read_seed(option)


def main() -> None:
    """Start; complain on stderr when a file cannot be read or the port is taken."""
    try:
        asyncio.run(serve())
    except (OSError, ValueError) as error:
        sys.exit(f"simulator: {error}")
