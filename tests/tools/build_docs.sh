#!/bin/sh
# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# build_docs.sh COLLECTION VENV TARGET: builds the documentation of the collection as HTML.

set -eu

collection=$1
PATH=$2/bin:$PATH
target=$3

rm -rf "$target"
mkdir -p "$target"
cd "$collection"
antsibull-docs sphinx-init --use-current --squash-hierarchy --lenient --fail-on-error --dest-dir "$target" zstack.aios
# Links into the documentation of Ansible are resolved if its server can be reached, and left out soon if not.
echo "intersphinx_timeout = 5" >>"$target/conf.py"
"$target/build.sh"
echo "==> Written: $target/build/html/index.html"
