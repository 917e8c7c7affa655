# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A forked command of Ansible behaves as a process of its own: output, environment, directory, umask, status, and its end by a signal."""

from __future__ import annotations

import os
import pathlib
import signal
import subprocess
import sys
import typing as t

import pytest
from simulator.testing import patience

pytestmark = pytest.mark.core

PLAYBOOK = """
- hosts: localhost
  gather_facts: false
  connection: local
  tasks:
    - name: Show
      ansible.builtin.debug:
        msg:
          - "{{ lookup('pipe', 'umask; pwd') }}"
          - "{{ lookup('env', 'SHOWN') }} {{ lookup('env', 'ANSIBLE_VERBOSE_TO_STDERR') }} {{ shown }} {{ ansible_version.string }}"
    - name: Wait
      ansible.builtin.pause: {seconds: 20}
      when: waits | default(false)
    - name: Fail
      ansible.builtin.fail: {msg: "失败"}
"""


@pytest.fixture(name="directory")
def directory_fixture(forked_commands: pathlib.Path | None, tmp_path: pathlib.Path) -> pathlib.Path:
    if forked_commands is None:
        pytest.skip("commands are not forked")
    (tmp_path / "play.yml").write_text(PLAYBOOK, encoding="utf-8")
    return tmp_path


def start(directory: pathlib.Path, folder: pathlib.Path, *arguments: str, **how: t.Any) -> subprocess.Popen[str]:
    environment = {**os.environ, "SHOWN": "a b\nc", "ANSIBLE_LOCALHOST_WARNING": "false", "ANSIBLE_INVENTORY_UNPARSED_WARNING": "false"}
    return subprocess.Popen(
        [str(folder / "ansible-playbook"), "play.yml", "-e", "shown=1", *arguments], cwd=directory, env=environment, stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE, encoding="utf-8", umask=0o027, **how)


def test_a_forked_command_is_like_a_process(directory: pathlib.Path, forked_commands: pathlib.Path) -> None:
    found = []
    for folder in (forked_commands, pathlib.Path(sys.executable).parent):
        with start(directory, folder, stderr=subprocess.STDOUT) as process:
            output = process.communicate(timeout=patience(60))[0]
        found.append((process.returncode, output))
    assert found[0] == found[1]
    assert found[0][0] == 2 and str(directory) in found[0][1] and "失败" in found[0][1]


def test_a_signal_ends_it(directory: pathlib.Path, forked_commands: pathlib.Path) -> None:
    with start(directory, forked_commands, "-e", '{"waits": true}') as process:
        # The task's title appears before its process, and a signal between the two makes some versions of ansible-core fail.
        assert any("Pausing for" in line for line in process.stdout)
        process.send_signal(signal.SIGTERM)
        assert process.wait(patience(60)) == -signal.SIGTERM
