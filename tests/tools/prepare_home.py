# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Prepare a home directory for the checks, so that they neither read nor write that of the developer.

    prepare_home.py HOME

To be run by the Python of the environment that contains ansible-core.
"""

from __future__ import annotations

import ast
import collections
import configparser
import importlib.util
import io
import os
import pathlib
import re
import subprocess
import sys
import tempfile

# ansible-test downloads get-pip from a server of its own. This stand-in needs no other server than the index of packages.
GET_PIP = '''\
"""Stand-in for get-pip: install the pip that comes with Python."""

import ensurepip

ensurepip.bootstrap(upgrade=True, default_pip=True)
'''


def write(path: pathlib.Path, text: str) -> None:
    """Write a file that another step may read at the same time."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent)
    with open(handle, "w", encoding="utf-8") as stream:
        stream.write(text)
    os.replace(name, path)


def write_get_pip(home: pathlib.Path) -> None:
    """Place the stand-in under the name of each version of pip that this ansible-test asks for."""
    package = importlib.util.find_spec("ansible_test")
    if package is None or not package.submodule_search_locations:
        raise ModuleNotFoundError("ansible_test is not installed")
    requirements = pathlib.Path(package.submodule_search_locations[0]) / "_internal" / "python_requirements.py"
    cache = home / ".ansible" / "test" / "cache"
    for version in re.findall(r"\bpip='([0-9.]+)'", requirements.read_text(encoding="utf-8")):
        write(cache / f"get_pip_{version.replace('.', '_')}.py", GET_PIP)


def write_pip_configuration(home: pathlib.Path, listing: str) -> None:
    """Keep the developer's settings of pip (mirror, certificates): ansible-test passes the home directory on, but no PIP_ variables."""
    settings: dict[str, dict[str, str]] = collections.defaultdict(dict)
    # Variables of the environment come first in the listing and have the last word.
    for line in reversed(listing.splitlines()):
        name, value = line.split("=", 1)
        section, key = name.rsplit(".", 1)
        settings["global" if section == ":env:" else section][key] = ast.literal_eval(value)
    # ansible-test installs a dozen small environments.
    settings["global"]["quiet"] = "2"
    parser = configparser.RawConfigParser()
    parser.read_dict(settings)
    text = io.StringIO()
    parser.write(text)
    write(home / ".config" / "pip" / "pip.conf", text.getvalue())


def main(arguments: list[str]) -> None:
    home = pathlib.Path(arguments[0]).resolve()
    write_get_pip(home)
    listing = subprocess.run([sys.executable, "-m", "pip", "config", "list"], check=True, capture_output=True, encoding="utf-8").stdout
    write_pip_configuration(home, listing)


if __name__ == "__main__":
    main(sys.argv[1:])
