#!/bin/sh
# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# release_changelog.sh CHECKOUT COPY: turns the fragments into the changelog of the version that galaxy.yml names.
# It runs in the copy, where ansible-doc finds the new modules, plugins and roles; the results are brought back.

set -eu

checkout=$1
copy=$2

cd "$copy"
# A second run adds what has come since to the same version.
antsibull-changelog release --reload-plugins --update-existing
cp CHANGELOG.rst CHANGELOG.md "$checkout/"
cp changelogs/changelog.yaml "$checkout/changelogs/"
for fragment in "$checkout"/changelogs/fragments/*.yml; do
    if [ ! -e "changelogs/fragments/${fragment##*/}" ]; then
        rm -f "$fragment"
    fi
done
