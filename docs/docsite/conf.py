# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Configuration of Sphinx for ``make docs``; the sources are collected by tests/tools/docs_sources.py."""

from __future__ import annotations

import re
import typing as t

from docutils import nodes

project = "zstack.aios"
project_copyright = "2026 The zstack.aios authors"
author = "The zstack.aios authors"
html_title = "zstack.aios"
language = "en"

extensions = ["myst_parser", "sphinx_antsibull_ext"]
exclude_patterns = ["_static"]
root_doc = "index"
nitpicky = True
default_role = "any"
myst_heading_anchors = 4

html_theme = "furo"
html_static_path = ["_static"]
html_css_files = ["site.css"]
html_copy_source = False
html_show_sourcelink = False
html_show_sphinx = False
html_use_index = False
pygments_style = "a11y-light"
pygments_dark_style = "a11y-dark"
antsibull_ext_color_scheme = "default"

LIGHT = {
    "color-brand-primary": "#0b57a4",
    "color-brand-content": "#0b57a4",
    "color-brand-visited": "#6b3fa0",
    "color-foreground-muted": "#5a5c63",
    "color-foreground-border": "#6b6f76",
    "antsibull-links-background": "#0b57a4",
    "antsibull-links-background-active": "#083f78",
    "antsibull-links-focus-outline": "#6b3fa0",
    "antsibull-links-text": "#ffffff",
    "antsibull-option-type": "#7a1f7a",
    "antsibull-option-elements": "#7a1f7a",
    "antsibull-option-required": "#b00020",
    "antsibull-option-version-added": "#1b5e20",
    "antsibull-option-aliases": "#1b5e20",
    "antsibull-option-default": "#0b57a4",
    "antsibull-option-sample": "#0b57a4",
    "antsibull-attribute-support-none": "#b00020",
    "antsibull-attribute-support-partial": "#7a5200",
    "antsibull-attribute-support-full": "#1b5e20",
}
DARK = {
    "color-brand-primary": "#8ec5ff",
    "color-brand-content": "#8ec5ff",
    "color-brand-visited": "#cdb4f6",
    "color-foreground-muted": "#a7abb3",
    "color-foreground-border": "#9a9ea6",
    "antsibull-links-background": "#1d5c9c",
    "antsibull-links-background-active": "#2a70b5",
    "antsibull-links-focus-outline": "#cdb4f6",
    "antsibull-links-text": "#ffffff",
    "antsibull-option-type": "#e5a6e5",
    "antsibull-option-elements": "#e5a6e5",
    "antsibull-option-required": "#ff9aa2",
    "antsibull-option-version-added": "#9ad6a0",
    "antsibull-option-aliases": "#9ad6a0",
    "antsibull-option-default": "#8ec5ff",
    "antsibull-option-sample": "#8ec5ff",
    "antsibull-attribute-support-none": "#ff9aa2",
    "antsibull-attribute-support-partial": "#f0c674",
    "antsibull-attribute-support-full": "#9ad6a0",
}
# Colors that the theme already has in both variants
SHARED = {
    "antsibull-table-background-header": "var(--color-table-header-background)",
    "antsibull-table-background-even": "var(--color-background-primary)",
    "antsibull-table-background-odd": "var(--color-background-secondary)",
    "antsibull-table-border": "var(--color-table-border)",
    "antsibull-narrowtable-background": "var(--color-background-secondary)",
    "antsibull-option-sample-header": "var(--color-foreground-primary)",
    "antsibull-attribute-support-na": "inherit",
    "antsibull-deprecation-border": "var(--color-foreground-border)",
    "antsibull-deprecation-background": "var(--color-background-secondary)",
    "antsibull-deprecation-color": "var(--color-foreground-primary)",
}
html_theme_options = {
    "light_css_variables": {**SHARED, **LIGHT},
    "dark_css_variables": {**SHARED, **DARK},
    "footer_icons": [],
}

# Pages of the Ansible documentation that the generated pages refer to. The build is the same with and without access to that server.
ANSIBLE = "https://docs.ansible.com/projects/ansible/latest/"
ANSIBLE_LABELS = {
    "action_plugins": "plugins/action.html",
    "ansible_configuration_settings": "reference_appendices/config.html",
    "common_return_values": "reference_appendices/common_return_values.html",
}
ANSIBLE_PLUGIN = re.compile(r"ansible_collections\.ansible\.builtin\.([a-z_]+_(?:module|lookup|filter|inventory))")


def resolve_ansible(app: t.Any, environment: t.Any, node: t.Any, content: t.Any) -> t.Any:
    """Return the link for a reference into the documentation of Ansible, or None for any other reference."""
    target = node.get("reftarget", "")
    plugin = ANSIBLE_PLUGIN.fullmatch(target)
    if plugin:
        page = "collections/ansible/builtin/%s.html" % plugin.group(1)
    elif node.get("reftype") == "envvar" and target.startswith("ANSIBLE_"):
        page = "reference_appendices/config.html#envvar-" + target
    else:
        page = ANSIBLE_LABELS.get(target)
    return page and nodes.reference("", "", content, internal=False, refuri=ANSIBLE + page)


def set_language(app: t.Any, pagename: str, templatename: str, context: dict[str, t.Any], doctree: t.Any) -> None:
    """Mark a Chinese page as such, for fonts, hyphenation and screen readers."""
    if pagename.startswith("zh/"):
        context["language"] = "zh-CN"


def setup(app: t.Any) -> None:
    """Register the functions above."""
    app.connect("missing-reference", resolve_ansible)
    app.connect("html-page-context", set_language)
