# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: zstack_ai_catalog_report
short_description: Write and show the report of a catalog
version_added: 1.0.0
description:
  - Writes the plan or the changes of M(zstack.aios.zstack_ai_catalog) as JSON, Markdown and HTML, and shows them as one block of text.
  - The task fails if items failed or the catalog could not be read. The files are written before.
  - Runs on the control node, regardless of the connection. The role C(zstack.aios.catalog) uses it.
author:
  - The zstack.aios authors (@zstack-aios)
options:
  report:
    description:
      - The report, as the filter P(zstack.aios.catalog_report#filter) returns it.
    type: dict
    required: true
  files:
    description:
      - Paths of the files to write, on the control node. The file extension determines the format, C(.json), C(.md) or C(.html). Missing directories are
        created.
      - They are also written in check mode.
    type: list
    elements: path
    default: []
  markdown_limit:
    description:
      - Approximate maximum number of characters in a Markdown file. The remaining items are counted. V(0) disables the limit.
    type: int
    default: 60000
  review_limit:
    description:
      - Maximum number of items to show. V(0) shows all.
    type: int
    default: 200
  title:
    description:
      - First line of the text, for example the host if a play has several hosts.
    type: str
    default: ""
  fail_on_drift:
    description:
      - Whether to fail if the report contains changes that were not applied.
    type: bool
    default: false
  junit:
    description:
      - Path of a JUnit XML file to write on the control node, with one test for each item, for the test report of GitLab and other Git servers.
      - With the report of a plan, it contains failed items only.
    type: path
  sarif:
    description:
      - Path of a SARIF 2.1.0 file to write on the control node, with one result for each error, for the code scanning of GitHub and other Git servers.
      - Its paths are relative to the current directory, if C(directory) was passed to the filter.
    type: path
attributes:
  action:
    description: Has a corresponding action plugin, so that some of it runs on the control node.
    support: full
  check_mode:
    description: Can run in check mode and predict what would be changed.
    support: full
    details:
      - Runs in the same way as without check mode. It changes nothing on the platform.
  diff_mode:
    description: Shows what is changed, with C(--diff).
    support: none
  idempotent:
    description: The same task leads to the same result.
    support: full
  platform:
    description: The platforms that the action runs on.
    platforms: posix
    support: full
seealso:
  - module: zstack.aios.zstack_ai_catalog
  - plugin: zstack.aios.catalog_report
    plugin_type: filter
"""

EXAMPLES = r"""
---
- name: Plan the catalog
  zstack.aios.zstack_ai_catalog:
    path: catalog
  check_mode: true
  failed_when: false
  register: plan

- name: Write and show the report
  zstack.aios.zstack_ai_catalog_report:
    report: "{{ plan | zstack.aios.catalog_report(path='catalog') }}"
    files: [reports/plan.json, reports/plan.html]
"""

RETURN = r"""
files:
  description: Paths of the written files, including O(junit) and O(sarif).
  returned: success
  type: list
  elements: str
  sample: [reports/plan.json, reports/plan.html]
review:
  description: The lines of the shown text. The last one is the summary.
  returned: success
  type: list
  elements: str
  sample: ["No changes. The platform matches the catalog (5 items)."]
"""
