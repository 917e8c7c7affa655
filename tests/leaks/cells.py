# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The order in which combinations are played: every pair of values first, so that a run that is stopped early has seen most of what there is."""
from __future__ import annotations

import collections
import dataclasses
import itertools
import random
import typing as t

Row = dict[str, t.Any]
Dimensions = t.Mapping[str, t.Sequence[t.Any]]
# One combination in this many is in check mode.
CHECKS = 4


@dataclasses.dataclass(frozen=True)
class Cell:
    """One task: which module, which sign-in method, what happens, how the server spells secrets, and where the task runs."""

    module: str
    account: str
    case: str
    style: str
    host: str
    check: bool = False

    def __str__(self) -> str:
        return "%s, %s, %s, %s, %s%s" % (self.module, self.account, self.case, self.style, self.host, ", check mode" if self.check else "")


class Pairs:
    """Rows that contain each pair of values of any two dimensions, in few rows.

    :param dimensions: name to values. Each pair of values of the first two becomes a row, so these are the longest.
    :param is_possible: whether values can be in one row; asked for incomplete rows as well.
    """

    def __init__(self, dimensions: Dimensions, is_possible: t.Callable[[Row], bool] = lambda row: True) -> None:
        self._dimensions = dimensions
        self._is_possible = is_possible
        self._counts: collections.Counter[tuple[t.Any, ...]] = collections.Counter()

    def rows(self) -> t.Iterator[Row]:
        """Yield the rows. A prefix of them contains each single value soon, because they are drawn along diagonals."""
        first, second, *_others = self._dimensions
        long, short = self._dimensions[second], self._dimensions[first]
        for shift in range(len(long)):
            for number, value in enumerate(short):
                yield self._completed({first: value, second: long[(2 * number + shift) % len(long)]})
        for one, other in itertools.combinations(self._dimensions, 2):
            for row in ({one: left, other: right} for left in self._dimensions[one] for right in self._dimensions[other]):
                if self._is_possible(row) and not self._count(*row.items()):
                    yield self._completed(row)

    def _completed(self, given: Row) -> Row:
        row = dict(given)
        for name in self._dimensions:
            if name not in row:
                row[name] = min((value for value in self._dimensions[name] if self._is_possible({**row, name: value})), key=lambda value: self._cost(
                    row, (name, value)))
        for pair in itertools.combinations(((name, row[name]) for name in self._dimensions), 2):
            self._counts[pair] += 1
        return {name: row[name] for name in self._dimensions}

    def _cost(self, row: Row, entry: tuple[str, t.Any]) -> tuple[int, int]:
        """Return how many pairs with the values of a row exist already, and how often."""
        counts = [self._count(other, entry) for other in row.items()]
        return sum(map(bool, counts)), sum(counts)

    def _count(self, one: tuple[str, t.Any], other: tuple[str, t.Any]) -> int:
        return self._counts[(one, other)] or self._counts[(other, one)]


def product(dimensions: Dimensions, is_possible: t.Callable[[Row], bool]) -> list[Cell]:
    """Return a cell for each combination of module, case, account and host: first each pair, then each combination of three, then the rest.

    Spellings and check mode take turns.

    :param dimensions: a value or more for each field of `Cell`.
    """
    rows = list(Pairs(dimensions, is_possible).rows())
    played = {(row["module"], row["case"], row["account"], row["host"]) for row in rows}
    drawn = random.Random(1)
    for half, _unused in enumerate(dimensions["host"]):
        for key in itertools.product(*(dimensions[name] for name in ("module", "case", "account"))):
            places = [dimensions[name].index(value) for name, value in zip(("module", "case", "account"), key)]
            host = dimensions["host"][(sum(places) + half) % len(dimensions["host"])]
            row = dict(zip(("module", "case", "account", "host"), (*key, host)), style=drawn.choice(dimensions["style"]), check=drawn.randrange(CHECKS) == 0)
            if (*key, host) not in played:
                rows.append(row if is_possible(row) else {**row, "check": False})
    return [Cell(**row) for row in rows]
