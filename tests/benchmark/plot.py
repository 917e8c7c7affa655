# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The results as a picture: what one item costs, over the number of items."""

from __future__ import annotations

import pathlib
import typing as t

import matplotlib

matplotlib.use("Agg")

from matplotlib import pyplot, ticker  # noqa: E402

from benchmark.plan import Cell  # noqa: E402
from benchmark.ways import WAYS  # noqa: E402

# Colours that stay apart for everyone (Okabe and Ito), and a mark for each, so that none is needed.
STYLES = {
    "uri": ("#D55E00", "s", "-"),
    "loop_module": ("#E69F00", "^", "-"),
    "tasks_module": ("#CC79A7", "v", ":"),
    "tasks": ("#56B4E9", "D", ":"),
    "loop": ("#0072B2", "o", "-"),
    "script": ("#444444", "x", "--"),
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
    figure, panels = pyplot.subplots(1, len(latencies), figsize=(1.5 + 4.7 * len(latencies), 5.2), sharey=True, squeeze=False)
    for panel, latency in zip(panels[0], latencies):
        for way, (colour, mark, line) in STYLES.items():
            points = sorted((cell.items, cell.per_item_ms) for cell in cells if cell.latency == latency and cell.way == way and cell.per_item_ms)
            if points:
                panel.plot(*zip(*points), color=colour, marker=mark, linestyle=line, linewidth=2, markersize=7, label=WAYS[way].title)
        panel.set(xscale="log", yscale="log", xlabel="models in the play", title="%d ms server latency" % latency)
        panel.set_xticks(sizes, [str(size) for size in sizes])
        panel.minorticks_off()
        panel.grid(True, axis="y", color="#DDDDDD")
        panel.spines[["top", "right"]].set_visible(False)
    panels[0][0].set_ylabel("ms for one model, over an empty play")
    panels[0][0].yaxis.set_major_formatter(ticker.FormatStrFormatter("%g"))
    figure.legend(*panels[0][0].get_legend_handles_labels(), loc="outside lower center", ncols=3, frameon=False)
    figure.suptitle("A model without drift: what it costs to find that out")
    return save(figure, directory / "cost-per-item")


def save(figure: t.Any, path: pathlib.Path) -> list[pathlib.Path]:
    """Write a picture as PNG, and as SVG with its licence; the same data gives the same file."""
    png, svg = path.with_suffix(".png"), path.with_suffix(".svg")
    figure.savefig(png, dpi=130, bbox_inches="tight")
    with pyplot.rc_context({"svg.hashsalt": path.name}):
        figure.savefig(svg, bbox_inches="tight", metadata={"Date": None, "Creator": None})
    pyplot.close(figure)
    declaration, rest = svg.read_text(encoding="utf-8").split("\n", 1)
    svg.write_text(declaration + "\n" + LICENCE + "\n".join(line.rstrip() for line in rest.split("\n")), encoding="utf-8")
    return [png, svg]
