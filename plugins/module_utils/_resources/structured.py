# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection zstack.aios.
"""Field types of texts that contain a structure: JSON and YAML. No I/O."""

from __future__ import annotations

import typing as t

from ansible.module_utils.common.yaml import HAS_YAML
from ansible_collections.zstack.aios.plugins.module_utils._protocol.errors import OptionError
from ansible_collections.zstack.aios.plugins.module_utils._protocol.text import brief, java_length, trim
from ansible_collections.zstack.aios.plugins.module_utils._resources import structure
from ansible_collections.zstack.aios.plugins.module_utils._resources import yaml as _yaml
from ansible_collections.zstack.aios.plugins.module_utils._resources.fields import Text


class StructuredText(Text):
    """Text that contains a structure, compared by meaning. A structure instead of text is sent as JSON, with its numbers and nulls.

    Text that cannot be parsed is compared as text.
    """

    argument = {"type": "raw"}

    @staticmethod
    def meaning(text: str) -> t.Any:
        """Return the parsed text; JSON types for JSON."""
        return structure.meaning(text)

    def want(self, value: t.Any) -> t.Any:
        return self.meaning(structure.text_of(value))

    def read(self, raw: t.Any) -> t.Any:
        return None if raw is None else self.meaning(self._text(raw))

    def same(self, wanted: t.Any, found: t.Any) -> bool:
        return wanted in (None, "") and found in (None, "") or _yaml.digest(wanted) == _yaml.digest(found)

    def send(self, value: t.Any) -> t.Any:
        return trim(structure.text_of(value))

    def length(self, value: t.Any) -> int | None:
        return java_length(self.send(value))

    @staticmethod
    def _text(raw: t.Any) -> str:
        try:
            return structure.text_of(raw)
        except ValueError:
            return str(raw)

    def show(self, canonical: t.Any) -> t.Any:
        return _yaml.plain(canonical)

    def express(self, raw: t.Any) -> t.Any:
        # As text, in the spelling of the server.
        return None if raw is None else trim(self._text(raw))

    @staticmethod
    def repeated_key(text: str) -> str | None:
        """Return a key that occurs twice in the text with different values."""
        return structure.repeated_key(text)

    def check(self, option: str, value: t.Any) -> None:
        try:
            text = structure.text_of(value)
        except ValueError as error:
            raise OptionError("%s: the structure cannot be sent as JSON: %s. Write it as text." % (option, error)) from error
        if isinstance(value, str):
            self.refuse_repeated(option, text)

    def refuse_repeated(self, option: str, text: str) -> None:
        """Refuse a text of which readers disagree.

        :raises OptionError: naming a key that the text gives twice with different values.
        """
        repeated = self.repeated_key(text)
        if repeated is not None:
            raise OptionError("%s: the text gives the key %s twice in one place, with different values. Remove one of them." % (option, brief(repeated)))


class YamlText(StructuredText):
    """The same for YAML.

    Ansible includes the parser; on a remote Python without PyYAML, the option is refused (see `check`).
    """

    @staticmethod
    def meaning(text: str) -> t.Any:
        found = _yaml.meaning(text)
        # Some JSON is not valid YAML 1.1: a character written as two \\u escapes, a key of more than 1024 characters.
        return structure.meaning(text) if found == trim(text) else found

    @staticmethod
    def repeated_key(text: str) -> str | None:
        return _yaml.repeated_key(text)

    def check(self, option: str, value: t.Any) -> None:
        super().check(option, value)
        if not HAS_YAML:
            raise OptionError("%s: comparing YAML requires the Python library PyYAML on the host that runs the module. Install it there." % option)


JSON_TEXT = StructuredText()
YAML_TEXT = YamlText()
