# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection zstack.aios.
"""The tags for options that the server does not show (see `_resources.remembered`). Pure.

A run writes a digest of its own before it sends the value, and afterwards removes those that it found when it planned. A run that is
interrupted in between leaves digests of several values, which equal no value, so that the next run sends its value again.

Several runs with different values may do so at once. None removes a digest that was written after it planned, so the last one that was
written stays. A run that then finds a digest of another value writes its own once more, because it does not know whose call came last.
"""

from __future__ import annotations

import typing as t

from ansible_collections.zstack.aios.plugins.module_utils._pipeline.steps import Step
from ansible_collections.zstack.aios.plugins.module_utils._resources import remembered
from ansible_collections.zstack.aios.plugins.module_utils._resources.common import CREATE_USER_TAG, DELETE_TAG
from ansible_collections.zstack.aios.plugins.module_utils._resources.table import SELF, Field, Observed, Resource

Options = t.Mapping[str, t.Any]


def creation_tags(table: Resource, fields: t.Sequence[Field], options: Options) -> list[t.Any]:
    """Return the user tags of a creation: digests of the values that it sends, or a mark for values that a later call sends.

    The mark is also set without any such option, so that the object shows later whether its server accepts tags.

    :param fields: all fields of the task.
    """
    if any(field.remembered for field in table.fields) and not any(field.remembered for field in fields):
        return [remembered.NOTHING]
    return [
        remembered.Digest(field.option, field.type.want(options[field.option])) if field.create else remembered.prefix_of(field.option) + remembered.PENDING
        for field in fields if field.remembered]


def unsure(field: Field, options: Options, observed: Observed | None) -> bool:
    """Return whether nothing shows the value of the object, so that the value is sent only if the server accepts a tag."""
    return field.remembered and observed is not None and not field.detectable(options[field.option], observed)


def takes_tags(observed: Observed) -> bool:
    """Return whether an object has a tag of this collection, so that an option without a tag was not sent when the object was created."""
    return any(str(row.get("tag")).startswith(remembered.PREFIX) for row in observed.user_tags or [])


def write(table: Resource, field: Field, options: Options) -> Step:
    """Return the step that writes the digest of the value.

    Each run writes one of its own: one that it finds may be removed by the run that it belongs to.
    """
    return _tag(table, field, remembered.Digest(field.option, field.type.want(options[field.option])))


def probe(table: Resource, field: Field) -> Step:
    """Return the step that tests whether the server accepts tags for objects of the kind."""
    return _tag(table, field, remembered.prefix_of(field.option) + remembered.PENDING, "probe")


def forget(field: Field) -> Step:
    """Return the step that removes what is `stale`."""
    return Step(DELETE_TAG, "/v1/tags/{tag}", (field.option,), tags="forget")


def _tag(table: Resource, field: Field, tag: t.Any, role: str = "write") -> Step:
    params = {"resourceType": table.vo, "resourceUuid": SELF, "tag": tag}
    return Step(CREATE_USER_TAG.call, CREATE_USER_TAG.call.path, (field.option,), params, tags=role)


def stale(field: Field, planned: Observed | None, observed: Observed) -> list[dict[str, t.Any]]:
    """Return the digests of an option that were there when the run planned, and marks of changes under way.

    :param planned: the object as the plan knew it; `observed` is as it is now.
    """
    known = {row["uuid"] for row in field.digests(planned)}
    return [row for row in field.digests(observed) if row["uuid"] in known or row["tag"] == remembered.prefix_of(field.option) + remembered.PENDING]


def contested(table: Resource, options: Options, carried: t.AbstractSet[str], observed: Observed) -> list[Field]:
    """Return the fields that a run has sent, and beside whose digest it finds the digest of another value: another run sends one at the same time.

    :param carried: the options that the run has sent.
    """
    fields = [field for field in table.given(options) if field.remembered and field.option in carried and field.digests(observed)]
    return [field for field in fields if not field.same(options[field.option], observed) and not field.is_shown(options[field.option], observed)]


def differs(field: Field, options: Options, observed: Observed) -> bool:
    """Return whether an object has another value than the task, as far as its inventory or its digests show it. Marks of changes under way show nothing."""
    value = options[field.option]
    if field.is_shown(value, observed):
        return not field.same(value, observed)
    pending = remembered.prefix_of(field.option) + remembered.PENDING
    return any(not remembered.matches(*digest) for digest in field.digests_to_compare(value, observed) if digest[0] != pending)


def undetectable(table: Resource, options: Options, observed: Observed, refused: t.Mapping[str, str]) -> list[str]:
    """Return warnings for the options whose changes cannot be detected on this object.

    :param refused: options whose tag the server has just refused, with its code.
    """
    unknown = [field.option for field in table.given(options) if field.option not in refused and unsure(field, options, observed)]
    reasons = [(option, "the server refuses the tag with the digest of the value (%s)" % code) for option, code in refused.items()]
    if unknown:
        reasons.append((", ".join(unknown), "the %s has no tag with the digest of the value and the server does not show it" % table.title))
    return [
        "%s: changes cannot be detected, since %s. The value is sent when the %s is created, and with recreate." % (names, reason, table.title)
        for names, reason in reasons]


def display(field: Field, options: Options, observed: Observed | None, wanted: bool) -> t.Any:
    """Return the text of such an option, or of another secret, in a diff: the value only if it is not secret.

    :param wanted: True for the side after the change.
    """
    value = field.type.want(options[field.option])
    if wanted or (observed is not None and field.same(options[field.option], observed)):
        return remembered.UNCHANGED if field.secret else field.type.show(value)
    found = field.found(observed)
    if found and not field.secret:
        return field.type.show(found[0])
    return remembered.CHANGED if found or field.digests(observed) else remembered.UNSET
