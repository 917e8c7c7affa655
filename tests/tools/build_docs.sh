#!/bin/sh
# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# build_docs.sh COLLECTION VENV TARGET: builds the documentation of the collection as HTML, without access to any other server.
# Any warning is a failure.

set -eu

collection=$1
PATH=$2/bin:$PATH
target=$3

# build COMMAND...: any message of the command is a failure, except about collections in which ansible-galaxy finds no version:
# a package inside ansible-core, and the copy of this collection that antsibull-changelog reads.
build() {
    code=0
    "$@" 2> "$target/messages" || code=$?
    if grep -v 'cannot detect version' "$target/messages" >&2; then
        [ "$code" -ne 0 ] || code=1
    fi
    return "$code"
}

# Sources that are no longer there must not stay; the rest of the directory is a cache of Sphinx.
rm -rf "$target/source" "$target/release" "$target/html"
mkdir -p "$target/source/_static" "$target/source/collection"
chmod go-w "$target/source/collection"

# The changelog as the next release will have it, in a copy without the plugins, which the site lists elsewhere
copy=$target/release/ansible_collections/zstack/aios
mkdir -p "$copy"
cp -R "$collection/changelogs" "$collection/galaxy.yml" "$copy/"
(cd "$copy" && build antsibull-changelog release)

cd "$collection"
build antsibull-docs --config-file docs/docsite/antsibull-docs.cfg collection --cleanup everything --fail-on-error --use-current \
    --squash-hierarchy --dest-dir "$target/source/collection" zstack.aios
cp "$copy/CHANGELOG.rst" "$target/source/collection/changelog.rst"
python tests/tools/docs_sources.py "$collection" "$target/source"
cp docs/docsite/conf.py "$target/source/"
cp docs/docsite/site.css "$target/source/_static/"
sphinx-build -q -j auto -W -n --keep-going -b html -d "$target/doctrees" "$target/source" "$target/html"
echo "==> Written: $target/html/index.html"
