# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection zstack.aios.
"""Shared parts of the lookup and the inventory plugin: the connection from their options, one client, errors and warnings."""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import signal
import threading
import typing as t

from ansible.errors import AnsibleError
from ansible.module_utils.basic import missing_required_lib
from ansible_collections.zstack.aios.plugins.module_utils._pipeline.presenting import present
from ansible_collections.zstack.aios.plugins.module_utils._pipeline.texts import accept, nearest
from ansible_collections.zstack.aios.plugins.module_utils._protocol.client import Client
from ansible_collections.zstack.aios.plugins.module_utils._protocol.connection import Connection, connection_spec
from ansible_collections.zstack.aios.plugins.module_utils._protocol.ending import SIGNALS, Ending
from ansible_collections.zstack.aios.plugins.module_utils._protocol.errors import ZStackError
from ansible_collections.zstack.aios.plugins.module_utils._protocol.http import REQUESTS_TRACEBACK, REQUIRED
from ansible_collections.zstack.aios.plugins.module_utils._protocol.masking import Masker, masking
from ansible_collections.zstack.aios.plugins.plugin_utils._clients import open_client
from ansible_collections.zstack.aios.plugins.plugin_utils._codes import CODES
from ansible_collections.zstack.aios.plugins.plugin_utils._plain import plain
from ansible_collections.zstack.aios.plugins.plugin_utils._sessions import REGISTER
from ansible_collections.zstack.aios.plugins.plugin_utils._worker import at_work


class Reader:
    """Reads for one call of a plugin.

    :param get_option: of the plugin.
    :param display: shows warnings.
    :param evaluate: evaluates values that may be templates.
    """

    def __init__(self, get_option: t.Callable[[str], t.Any], display: t.Any, evaluate: t.Callable[[t.Any], t.Any] = lambda value: value) -> None:
        self._display = display
        self._given = {name: plain(evaluate(get_option(name))) for name in connection_spec()}
        secret = [name for name, option in connection_spec().items() if option.get("no_log")]
        self._masker = Masker({str(self._given[name]) for name in secret if self._given[name]})

    @contextlib.contextmanager
    def client(self) -> t.Iterator[tuple[Client, Connection]]:
        """Return a client and its connection. In a worker, it is the client of the worker's tasks; otherwise its session is closed at the end.

        :raises AnsibleError: for any error, with the message of the modules.
        """
        if REQUESTS_TRACEBACK:
            raise AnsibleError(missing_required_lib(REQUIRED))
        try:
            with masking(self._masker):
                warnings = accept(connection_spec(), self._given)
                connection = Connection.from_params(self._given, os.environ)
                self._masker.add(connection.secrets)
                for warning in (*warnings, *connection.warnings):
                    self.warn(warning)
                with _opened(connection) as client:
                    self._masker.add(client.secrets)
                    yield client, connection
                    self._masker.add(client.secrets)
        except ZStackError as error:
            # Ansible-core 2.19 and newer append the message of a cause, which still contains the secrets.
            raise AnsibleError(self.presented(error.message, "msg")) from None

    def presented(self, value: t.Any, key: str = "objects") -> t.Any:
        """Return a value without secrets, as a module returns it.

        :param key: the key of a module's result whose rules apply.
        """
        shown, warnings = present({key: value}, self._masker)
        for warning in warnings:
            self.warn(warning)
        return shown[key]

    def warn(self, text: str) -> None:
        """Show a warning."""
        self._display.warning(self.presented(text, "msg"))


@contextlib.contextmanager
def _opened(connection: Connection) -> t.Iterator[Client]:
    if multiprocessing.parent_process() is not None:
        with at_work():
            yield open_client({})(connection, 1)
        return
    REGISTER.catch_signals()
    client = Client(connection, 1, REGISTER.watcher(connection), CODES)
    with _signals_wait():
        try:
            yield client
        finally:
            client.close()


@contextlib.contextmanager
def _signals_wait() -> t.Iterator[None]:
    """Return a context in which a signal first lets the current request end, so that the session of a sign-in is known, and then has its usual effect."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    ending = Ending(lambda gently: REGISTER.close_all(by_signal=True))
    before = {number: signal.getsignal(number) for number in SIGNALS}
    ending.catch()
    try:
        with ending.at_work():
            yield
    finally:
        for number, handler in before.items():
            if handler is not None:
                signal.signal(number, handler)
        if ending.signal:
            os.kill(os.getpid(), ending.signal)


def check_names(given: t.Iterable[str], known: t.Collection[str]) -> None:
    """Refuse an option that does not exist, which Ansible itself ignores.

    :raises AnsibleError: with the most similar name.
    """
    for name in given:
        if name not in known:
            near = nearest(str(name), known)
            hint = "Did you mean %s?" % near if near else "The options are %s." % ", ".join(sorted(known))
            raise AnsibleError("%s: there is no such option. %s" % (name, hint))
