# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Start Ansible's commands by forking a process that has already imported Ansible.

Importing Ansible takes more than a second of CPU time, and most playbook tests run for less than that. `ForkServer` provides a directory with
commands of the same names: each one is a small client that passes its arguments, environment, directory and open files to a process which has
imported Ansible with the same settings. That process forks, and the child runs the command. The client forwards signals, and ends as
the command did. Processes are the real ones in tests of signals, and wherever a test does not use `ForkServer.directory`.
"""

from __future__ import annotations

import atexit
import collections
import contextlib
import gc
import hashlib
import importlib
import json
import os
import pathlib
import selectors
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import typing as t

COMMANDS = ("ansible", "ansible-doc", "ansible-inventory", "ansible-playbook")
# Processes that wait with Ansible imported, each with about 70 MB, most of it shared
KEPT = 4
# Ansible reads these only when a task runs; they differ from test to test.
READ_LATE = {"ANSIBLE_ASYNC_DIR", "ANSIBLE_REMOTE_TMP"}
# Settings of the interpreter and of Ansible, which both read when they start
READ_EARLY = ("ANSIBLE_", "PYTHON", "LC_", "LANG", "HOME", "TZ")
FORWARDED = (signal.SIGHUP, signal.SIGINT, signal.SIGQUIT, signal.SIGTERM)
HEADER = 8

IMPORTED = (
    "ansible.cli.playbook", "ansible.cli.inventory", "ansible.executor.module_common", "ansible.executor.process.worker", "ansible.plugins.filter.core",
    "ansible.plugins.test.core", "ansible.template", "cryptography.hazmat.primitives.ciphers.modes", "multiprocessing.popen_fork",
    "multiprocessing.synchronize", "requests", "xml.dom.minidom")
# Plugins of Ansible whose documentation it reads, which takes a third of the time of a short playbook
PLUGINS = {
    "become": ("su", "sudo"), "cache": ("memory",), "callback": ("default", "junit", "minimal", "oneline", "tree"),
    "connection": ("local", "psrp", "ssh", "winrm"), "inventory": ("auto", "host_list", "ini", "script", "toml", "yaml"),
    "shell": ("cmd", "powershell", "sh"), "strategy": ("linear",),
}

# It starts in a few milliseconds, because it imports next to nothing. Without the server, it is the command itself.
CLIENT = """\
#!{python} -IS
import os
import signal
import socket
import sys

try:
    server = socket.socket(socket.AF_UNIX)
    server.connect({address!r})
except OSError:
    os.execv({command!r}, [{command!r}, *sys.argv[1:]])
mask = os.umask(0)
os.umask(mask)
environment = b"\\0".join(name + b"=" + value for name, value in os.environb.items())
parts = [b"{name}", str(mask).encode(), os.fsencode(os.getcwd()), environment, *map(os.fsencode, sys.argv[1:])]
message = b"".join(str(len(part)).encode() + b":" + part for part in parts)
socket.send_fds(server, [str(len(message)).zfill({header}).encode()], [0, 1, 2])
for number in {forwarded}:
    signal.signal(number, lambda number, frame: server.send(bytes([number])))
server.sendall(message)
answer = server.recv(4)
if answer == b"exec" or not answer:
    os.execv({command!r}, [{command!r}, *sys.argv[1:]])
status = int(answer)
if status < 0:
    signal.signal(-status, signal.SIG_DFL)
    os.kill(os.getpid(), -status)
sys.exit(status)
"""


class Request(t.NamedTuple):
    """A command to run.

    :param files: stdin, stdout and stderr.
    """

    name: str
    mask: int
    directory: str
    environment: dict[str, str]
    arguments: list[str]
    files: list[int]

    def settings(self) -> str:
        """Return a digest of all that Ansible reads while it is imported."""
        early = {name: value for name, value in self.environment.items() if name.startswith(READ_EARLY) and name not in READ_LATE}
        files = [self.environment.get("ANSIBLE_CONFIG", ""), self.directory + "/ansible.cfg", self.environment.get("HOME", "") + "/.ansible.cfg"]
        contents = {name: pathlib.Path(name).read_text(encoding="utf-8") for name in files if os.path.isfile(name)}
        return hashlib.sha256(json.dumps([early, contents], sort_keys=True).encode()).hexdigest()


def _receive(connection: socket.socket, size: int) -> bytes:
    """Receive exactly that many bytes.

    :raises EOFError: the other side ended before.
    """
    data = bytearray()
    while len(data) < size:
        chunk = connection.recv(size - len(data))
        if not chunk:
            raise EOFError
        data += chunk
    return bytes(data)


def _fields(message: bytes) -> t.Iterator[str]:
    while message:
        size, _colon, rest = message.partition(b":")
        yield os.fsdecode(rest[:int(size)])
        message = rest[int(size):]


def _read_request(connection: socket.socket) -> tuple[Request, bytes]:
    """Receive a command; it, and the message itself."""
    header, files, _flags, _address = socket.recv_fds(connection, HEADER, 4)
    if not header:
        raise EOFError
    message = _receive(connection, int(header))
    name, mask, directory, variables, *arguments = _fields(message)
    environment = dict(entry.split("=", 1) for entry in variables.split("\0") if entry)
    return Request(name, int(mask), directory, environment, arguments, files), message


def _send_request(connection: socket.socket, message: bytes, files: t.Sequence[int]) -> None:
    """Pass a command on."""
    socket.send_fds(connection, [str(len(message)).zfill(HEADER).encode()], list(files))
    connection.sendall(message)


class ForkServer:
    """Starts the commands of its directory. A context manager.

    :param directory: an empty one; the commands are created in its `bin`.
    """

    def __init__(self, directory: pathlib.Path) -> None:
        self.directory = directory / "bin"
        self._listener = socket.socket(socket.AF_UNIX)
        # The path of a socket is short, and that of a test need not be.
        self._address = os.path.join(tempfile.mkdtemp(prefix="fork-"), "s")
        # By the settings, the one that was used last comes last.
        self._waiting: collections.OrderedDict[str, tuple[subprocess.Popen[bytes], socket.socket]] = collections.OrderedDict()

    def __enter__(self) -> ForkServer:
        self._listener.bind(self._address)
        self._listener.listen(64)
        self.directory.mkdir()
        for name in COMMANDS:
            command = self.directory / name
            command.write_text(
                CLIENT.format(
                    python=sys.executable, address=self._address, name=name, header=HEADER, forwarded=tuple(map(int, FORWARDED)),
                    command=str(pathlib.Path(sys.executable).parent / name)),
                encoding="utf-8")
            command.chmod(0o755)
        threading.Thread(target=self._serve, daemon=True).start()
        return self

    def __exit__(self, *_unused: object) -> None:
        # The thread waits in `accept`, which closing alone does not end.
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        os.unlink(self._address)
        os.rmdir(os.path.dirname(self._address))
        while self._waiting:
            self._end(self._waiting.popitem()[1])

    def _serve(self) -> None:
        while True:
            try:
                connection = self._listener.accept()[0]
            except OSError:
                return
            with connection, contextlib.suppress(EOFError):
                request, message = _read_request(connection)
                try:
                    _send_request(self._process(request), message, [connection.fileno(), *request.files])
                except (OSError, ValueError):
                    # Such as settings that cannot be read
                    connection.sendall(b"exec")
                finally:
                    for file in request.files:
                        os.close(file)

    def _process(self, request: Request) -> socket.socket:
        """Return the connection to a process with the settings of a command."""
        settings = request.settings()
        if settings in self._waiting and self._waiting[settings][0].poll() is not None:
            self._end(self._waiting.pop(settings))
        if settings not in self._waiting:
            while len(self._waiting) >= KEPT:
                self._end(self._waiting.popitem(last=False)[1])
            self._waiting[settings] = self._start(request)
        self._waiting.move_to_end(settings)
        return self._waiting[settings][1]

    @staticmethod
    def _start(request: Request) -> tuple[subprocess.Popen[bytes], socket.socket]:
        mine, other = socket.socketpair()
        with other:
            process = subprocess.Popen(  # pylint: disable=consider-using-with
                [sys.executable, __file__, str(other.fileno())], env=request.environment, cwd=request.directory, pass_fds=[other.fileno()],
                stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        return process, mine

    @staticmethod
    def _end(waiting: tuple[subprocess.Popen[bytes], socket.socket]) -> None:
        process, connection = waiting
        # It ends when it reads the end.
        connection.close()
        process.wait()


def _import_ansible() -> None:
    """Import what each command needs, and leave nothing of it that belongs to one process."""
    for name in IMPORTED:
        importlib.import_module(name)
    constants: t.Any = importlib.import_module("ansible.constants")
    paths: t.Any = importlib.import_module("ansible.utils.path")
    plugins: t.Any = importlib.import_module("ansible.plugins.loader")
    collection: t.Any = importlib.import_module("ansible.utils.collection_loader._collection_finder")
    # The temporary directory is created while the constants are imported.
    atexit.unregister(paths.cleanup_tmp_file)
    paths.cleanup_tmp_file(constants.DEFAULT_LOCAL_TMP)
    # Ansible provides this hook for caching. Its own collection takes most of the time, and is read by every command.
    read, known = collection._meta_yml_to_dict, {}

    def cached(text: t.Any, content_id: tuple[str, str]) -> t.Any:
        if content_id[0] != "ansible.builtin":
            return read(text, content_id)
        if content_id not in known:
            known[content_id] = read(text, content_id)
        return known[content_id]

    collection._meta_yml_to_dict = cached
    plugins.init_plugin_loader()
    for kind, names in PLUGINS.items():
        for name in names:
            getattr(plugins, kind + "_loader").get(name, class_only=True)
    # A command looks for collections beside its playbook as well, so it starts without any.
    collection._AnsibleCollectionFinder._remove()
    for name in [name for name in sys.modules if name.partition(".")[0] == "ansible_collections"]:
        del sys.modules[name]


def _run(request: Request) -> None:
    """Run a command in this process, which was forked for it."""
    for target, file in enumerate(request.files):
        os.dup2(file, target)
        os.close(file)
    os.chdir(request.directory)
    os.umask(request.mask)
    os.environ.clear()
    os.environ.update(request.environment)
    time.tzset()
    tempfile.tempdir = None
    sys.argv = [str(pathlib.Path(sys.executable).parent / request.name), *request.arguments]
    constants: t.Any = importlib.import_module("ansible.constants")
    constants.DEFAULT_LOCAL_TMP = constants.config.get_config_value("DEFAULT_LOCAL_TMP")
    module = "adhoc" if request.name == "ansible" else request.name.partition("-")[2]
    importlib.import_module("ansible.cli." + module).main()


def _watch(pid: int, connection: socket.socket) -> None:
    """Wait for a command; forward signals to it, and its status to the client. Without a client, the command is killed."""
    with selectors.DefaultSelector() as selector:
        ended = os.pidfd_open(pid)
        selector.register(ended, selectors.EVENT_READ)
        selector.register(connection, selectors.EVENT_READ)
        while True:
            ready = {key.fileobj for key, _events in selector.select()}
            if ended in ready:
                break
            numbers = connection.recv(16)
            for number in numbers or [signal.SIGKILL]:
                os.kill(pid, number)
            if not numbers:
                selector.unregister(connection)
    status = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    with contextlib.suppress(OSError):
        connection.sendall(str(status).encode())


def _wait_for_commands(control: socket.socket) -> Request:
    """Fork for each command; returns it in its own process.

    :raises EOFError: there are no more commands.
    """
    while True:
        request, _message = _read_request(control)
        client, *files = request.files
        if not os.fork():
            break
        for file in request.files:
            os.close(file)
    # This process watches, and its child runs the command.
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    control.close()
    connection = socket.socket(fileno=client)
    pid = os.fork()
    if pid:
        for file in files:
            os.close(file)
        _watch(pid, connection)
        os._exit(0)
    connection.close()
    signal.signal(signal.SIGINT, signal.default_int_handler)
    return request._replace(files=files)


def main(control: socket.socket) -> None:
    """Import Ansible and run the commands that arrive."""
    # The terminal sends it to all processes of its group; the client forwards it to the one that runs its command.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    try:
        _import_ansible()
    except SystemExit:
        # Such as wrong settings. The client runs the command itself, which then fails by itself.
        return
    gc.collect()
    gc.freeze()
    # A short run needs no collection of cycles.
    gc.set_threshold(100_000)
    try:
        request = _wait_for_commands(control)
    except EOFError:
        return
    _run(request)


if __name__ == "__main__":
    # The directory of this file comes first otherwise, and a command does not have it.
    del sys.path[0]
    main(socket.socket(fileno=int(sys.argv[1])))
