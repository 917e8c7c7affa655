# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The results as a picture: what one item costs, over the number of items."""

from __future__ import annotations

import pathlib
import typing as t

from matplotlib import pyplot, ticker

from benchmark.plan import Cell
from benchmark.report import cost, memory
from benchmark.methods import METHODS

# Files only, no windows
pyplot.switch_backend("Agg")

# Colours that everyone can distinguish (Okabe and Ito), each with a marker, so that colour is not required; and the offset of the last value.
STYLES = {
    "uri": ("#D55E00", "s", "-", -7),
    "loop_module": ("#E69F00", "^", "-", 7),
    "tasks_module": ("#CC79A7", "v", ":", 20),
    "tasks": ("#56B4E9", "D", ":", 0),
    "loop": ("#0072B2", "o", "-", 5),
    "script": ("#444444", "x", "--", -7),
}
LICENCE = """<!--
Copyright (c) 2026 The zstack.aios authors
GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
SPDX-License-Identifier: GPL-3.0-or-later
-->
"""


def plot_costs(cells: t.Sequence[Cell], directory: pathlib.Path) -> list[pathlib.Path]:
    """Draw the costs of one item, a panel for each latency; the files written."""
    latencies = sorted({cell.latency for cell in cells})
    sizes = sorted({cell.items for cell in cells})
    figure, panels = pyplot.subplots(1, len(latencies), figsize=(1 + 4.4 * len(latencies), 5.4), sharey=True, squeeze=False, layout="constrained")
    for panel, latency in zip(panels[0], latencies):
        for method, (colour, mark, line, shift) in STYLES.items():
            points = sorted(
                (cell.items, cell.per_item_ms) for cell in cells
                if cell.latency == latency and cell.method == method and cell.per_item_ms and cell.per_item_ms > 0)
            if points:
                panel.plot(*zip(*points), color=colour, marker=mark, linestyle=line, linewidth=2, markersize=7, label=METHODS[method].title)
                last = points[-1][1]
                panel.annotate(
                    "%.*f" % (last < 10, last), points[-1], (8, shift), textcoords="offset points",
                    verticalalignment="center", color=colour, fontsize=9)
        panel.set(xscale="log", yscale="log", xlabel="models in the play", title="%d ms server latency" % latency)
        panel.margins(x=0.12)
        panel.set_xticks(sizes, [str(size) for size in sizes])
        panel.xaxis.set_minor_locator(ticker.NullLocator())
        panel.yaxis.set_major_locator(ticker.LogLocator(subs=(1, 3)))
        panel.yaxis.set_minor_locator(ticker.NullLocator())
        panel.yaxis.set_major_formatter(ticker.FormatStrFormatter("%g"))
        panel.grid(True, axis="y", color="#DDDDDD")
        panel.spines[["top", "right"]].set_visible(False)
    panels[0][0].set_ylabel("ms for one model, in addition to an empty play")
    figure.legend(*panels[0][0].get_legend_handles_labels(), loc="outside lower center", ncols=3, frameon=False)
    figure.suptitle("Cost of one unchanged model")
    return save(figure, directory / "cost-per-item")


def plot_large(rows: t.Sequence[t.Mapping[str, t.Any]], directory: pathlib.Path) -> list[pathlib.Path]:
    """Draw processor time and memory per object over the size of a catalog; the files written."""
    figure, panels = pyplot.subplots(1, 2, figsize=(8.5, 3.8), layout="constrained")
    sizes = sorted({row["models"] for row in rows})
    cases = list(dict.fromkeys(row["case"] for row in rows))
    for panel, value, label in zip(panels, (cost, memory), ("CPU ms per object", "KB per object, largest process")):
        for case, colour in zip(cases, ("#0072B2", "#D55E00", "#009E73")):
            points = [(row["models"], value(row)) for row in rows if row["case"] == case]
            panel.plot(*zip(*points), color=colour, marker="o", linewidth=2, label=case)
        panel.set(xscale="log", xlabel="models in the catalog, and a clone for each five", title=label)
        panel.set_xticks(sizes, [f"{size:,}" for size in sizes])
        panel.xaxis.set_minor_locator(ticker.NullLocator())
        panel.set_ylim(bottom=0)
        panel.grid(True, axis="y", color="#DDDDDD")
        panel.spines[["top", "right"]].set_visible(False)
    figure.legend(*panels[0].get_legend_handles_labels(), loc="outside lower center", ncols=3, frameon=False)
    figure.suptitle("Large catalogs, in addition to an empty play")
    return save(figure, directory / "catalog-growth")


def save(figure: t.Any, path: pathlib.Path) -> list[pathlib.Path]:
    """Write a picture as PNG, and as SVG with its licence; the same data gives the same file."""
    png, svg = path.with_suffix(".png"), path.with_suffix(".svg")
    figure.savefig(png, dpi=130)
    with pyplot.rc_context({"svg.hashsalt": path.name}):
        figure.savefig(svg, metadata={"Date": None, "Creator": None})
    pyplot.close(figure)
    declaration, rest = svg.read_text(encoding="utf-8").split("\n", 1)
    svg.write_text(declaration + "\n" + LICENCE + "\n".join(line.rstrip() for line in rest.split("\n")), encoding="utf-8")
    return [png, svg]
