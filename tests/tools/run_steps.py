# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Run make targets one after the other, all of them even if one fails, and sum up.

    run_steps.py TARGET [TARGET ...] [VARIABLE=VALUE ...]
"""

from __future__ import annotations

import os
import subprocess
import sys
import time


def main(arguments: list[str]) -> int:
    steps = [argument for argument in arguments if "=" not in argument]
    variables = [argument for argument in arguments if "=" in argument]
    results = []
    for step in steps:
        print(f"\n######## {step}", flush=True)
        started = time.monotonic()
        status = subprocess.run([os.environ.get("MAKE", "make"), "--no-print-directory", step, *variables], check=False).returncode
        results.append((step, status == 0, time.monotonic() - started))

    print("\n######## Summary")
    for step, passed, duration in results:
        print(f"{'ok    ' if passed else 'FAILED'}  {step:<16} {duration:6.1f} s")
    total = sum(duration for step, passed, duration in results)
    passed = sum(1 for step, passed, duration in results if passed)
    print(f"{'':<8}{'total':<16} {total:6.1f} s")
    print(f"{passed} passed, {len(results) - passed} failed", flush=True)
    return 0 if passed == len(results) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
