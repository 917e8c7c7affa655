# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Keep the compiled code of modules between their processes. Python reads this file when it starts.

Ansible sends a module as an archive with its sources, which each process compiles anew; that takes a third of the time of a module.
The variable COMPILED_MODULES names the directory where the compiled code is kept, and without it nothing changes.
"""

from __future__ import annotations

import hashlib
import marshal
import os
import sys
import zipimport

DIRECTORY = os.environ.get("COMPILED_MODULES")
_compile = zipimport._compile_source  # type: ignore[attr-defined]


def _kept(path, source):
    """Return the compiled source of a file in an archive."""
    key = "%s\n%s\n" % (sys.version, path.partition(".zip" + os.sep)[2])
    name = os.path.join(DIRECTORY, hashlib.sha256(key.encode() + source).hexdigest())
    try:
        with open(name, "rb") as file:
            return marshal.loads(file.read())
    except OSError:
        pass
    code = _compile(path, source)
    with open("%s.%d" % (name, os.getpid()), "wb") as file:
        file.write(marshal.dumps(code))
    os.replace(file.name, name)
    return code


if DIRECTORY:
    zipimport._compile_source = _kept  # type: ignore[attr-defined]
