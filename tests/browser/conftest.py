# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The browser of the tests, and the checks that each page has to pass in it."""

from __future__ import annotations

import os
import pathlib
import shutil
import typing as t

import pytest
from playwright.sync_api import Page, sync_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
WIDE, NARROW = {"width": 1440, "height": 900}, {"width": 360, "height": 740}
LEAST_CONTRAST = 4.5
SCRIPT = (pathlib.Path(__file__).parent / "contrast.js").read_text(encoding="utf-8")


@pytest.fixture(scope="session", name="page")
def page_fixture() -> t.Iterator[Page]:
    """A page of Chromium, which is on the path or named by the environment variable CHROMIUM."""
    executable = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), None)
    if executable is None:
        pytest.skip("no Chromium is installed; install it, or name it in the environment variable CHROMIUM")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=["--no-sandbox"])
        context = browser.new_context(viewport=WIDE, reduced_motion="reduce")
        context.set_default_timeout(120_000)
        yield context.new_page()
        browser.close()


def problems_of(page: Page, path: pathlib.Path, picture: pathlib.Path | None = None) -> list[str]:
    """Load a page and return everything that a reader could stumble over, in both widths and both themes.

    :param picture: a directory for screenshots, one for each width and theme.
    """
    found: list[str] = []
    requests: list[str] = []

    def listen(message: t.Any) -> None:
        if message.type in ("error", "warning"):
            found.append("console: %s" % message.text)

    def fail(error: t.Any) -> None:
        found.append("script: %s" % error)

    listeners = (("console", listen), ("pageerror", fail), ("request", lambda request: requests.append(request.url)))
    for event, listener in listeners:
        page.on(event, listener)  # type: ignore[call-overload]
    page.set_viewport_size(WIDE)
    page.emulate_media(color_scheme="light")
    page.goto(path.as_uri())
    page.evaluate("document.querySelectorAll('img').forEach(image => image.loading = 'eager')")
    found += ["image: %s" % name for name in page.evaluate(
        "Promise.all([...document.images].map(image => image.decode().then(() => null, () => image.src))).then(all => all.filter(Boolean))")]
    for width, size in (("wide", WIDE), ("narrow", NARROW)):
        page.set_viewport_size(size)
        page.emulate_media(color_scheme="light")
        over = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        if over > 0:
            culprit = page.evaluate("(%s)()" % WIDEST)
            found.append("%s: the page scrolls by %d pixels, %s" % (width, over, culprit))
        # Colors do not depend on the width, apart from elements that one width hides.
        for theme in ("light", "dark") if width == "wide" or picture else ():
            page.emulate_media(color_scheme=theme)
            if picture:
                page.screenshot(path=picture / ("%s-%s-%s.png" % (path.stem, width, theme)))
            found += ["%s: %s" % (theme, text) for text in page.evaluate("(%s)(%s)" % (SCRIPT, LEAST_CONTRAST))]
    found += ["request: %s" % url for url in requests if not url.startswith(("file:", "data:"))]
    for event, listener in listeners:
        page.remove_listener(event, listener)
    return found


WIDEST = """() => {
  const width = document.documentElement.clientWidth;
  const wide = [...document.querySelectorAll('body *')].filter(one => one.getBoundingClientRect().right > width + 1 && one.clientWidth);
  return wide.slice(-3).map(one => one.tagName + '.' + one.className + ' ' + one.textContent.trim().slice(0, 40)).join(' | ');
}"""
