# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Command line entry: ``PYTHONPATH=tests python -m simulator``."""
from __future__ import annotations

import asyncio
import signal
import sys

from .options import config_of, default_database, parse_arguments
from .seeding import default_seed, load_seed, read_seed
from .server import Simulator
from .store import Store


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
    stopped = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stopped.set)
    await stopped.wait()
    await simulator.stop()


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


if __name__ == "__main__":
    main()
