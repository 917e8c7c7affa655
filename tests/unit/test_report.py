# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The reports of a catalog: the data, the lines for the terminal, and what the pages make of odd values."""

from __future__ import annotations

import copy
import html
import html.parser
import json
import re
import time

import pytest
from ansible.errors import AnsibleFilterError
from ansible_collections.zstack.aios.plugins.filter.catalog import FilterModule
from ansible_collections.zstack.aios.plugins.plugin_utils._pages import render
from ansible_collections.zstack.aios.plugins.plugin_utils._report import ORDER, failure_of, make_report, stats
from ansible_collections.zstack.aios.plugins.plugin_utils._review import review, view
from hypothesis import given, settings
from hypothesis import strategies as st
from simulator.testing import patience

FILTERS = FilterModule().filters()
ODD = [
    "a|b", "`c` ``d``", "**e** _f_ ~~g~~", "<script>alert(1)</script>", "</details></table>", "&amp; &lt;", "\"q\" 'r'", "# h", "- i", "@user #1 !2 :smile:",
    "https://x.example www.example.com",
    "new\nline\r\nand\ttab", "{{ 7*191 }} {% raw %}", "\x1b[31m\x00", "\u202e\u200b\ud800", "模型 🚀 مرحبا", "", " ", "```\n~~~",
    "[a](javascript:x) ![b](c)", "$x$ $$y$$", "\\", "-->", "x" * 500,
]


def entry(name, action, before=None, after=None, **more):
    return {
        "kind": "models", "name": name, "uuid": "0" * 32, "file": "/c/models.yml", "line": 3, "action": action,
        "changed": action not in ("failed", "skipped", "report", "none"), "diff": {"before": before or {}, "after": after or {}},
        "steps": [{"call": "UpdateModel", "method": "PUT", "path": "/v1/ai/models/x", "fields": []}], "drift": [], **more}


def outcome(*items, none=0, **more):
    summary = dict.fromkeys(ORDER, 0)
    summary["none"] = none
    for item in items:
        summary[item["action"]] += 1
    return {"changed": any(item["changed"] for item in items), "entries": list(items), "summary": summary, "diff": [], "warnings": [], **more}


def report_of(*items, **more):
    about = {name: more.pop(name) for name in ("action", "applied", "name", "path", "host", "server", "revision", "source") if name in more}
    return make_report(outcome(*items, **more), root="/c", time="2026-03-01T12:00:00Z", **about)


class Page(html.parser.HTMLParser):
    """Reads a page strictly; the tags, and the text."""

    VOID = {"meta", "input", "col", "wbr"}

    def __init__(self, text):
        super().__init__()
        self.tags, self.attributes, self.texts, self._open = [], [], [], []
        self.feed(text)
        self.close()
        assert self._open == []

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes.extend((tag, *attribute) for attribute in attrs)
        if tag not in self.VOID:
            self._open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.tags.append(tag)

    def handle_endtag(self, tag):
        assert self._open.pop() == tag

    def handle_data(self, data):
        self.texts.append(data)


def odd_report():
    items = [entry(text, "update", {"vendor": text, "na|<me": "x"}, {"vendor": ODD[number - 1], "na|<me": text}) for number, text in enumerate(ODD)]
    items += [entry(text, "create", {}, {"name": text, "yaml": {text: [text, {"a": text}]}}, file="/c/%s.yml" % text) for text in ODD]
    items += [entry(text, "failed", msg=text, error={"code": "x", "details": text}) for text in ODD]
    items += [entry(text, "report", drift=[{"field": "vendor", "before": text, "after": "y"}]) for text in ODD]
    items += [entry(text, "prune", {"name": text}, file=None, line=None) for text in ODD]
    return report_of(*items, name="n<b>", path="p|`a", host="h<i>", server="s&", warnings=list(ODD), msg="\n".join(ODD), source={
        "revision": "<b>", "branch": "|`*<i>", "dirty": None, "commit_url": "https://x.example/1",
        "pipeline": {"name": "<u>|", "url": "https://x.example/2"}})


def test_what_a_report_holds():
    items = [
        entry("same", "none"), entry("new", "create", {}, {"name": "new", "size": 4}),
        entry("old", "update", {"vendor": "Qwen", "size": 1, "readme": None, "x": 0}, {"vendor": "Alibaba", "size": 1, "readme": "r", "x": False}),
        entry("bad", "failed", msg="/c/models.yml:3: no\ngood", error={"code": "SYS.1007"}), entry("late", "skipped", msg="It refers to bad.")]
    result = outcome(*items, msg="1 of 5 items failed.\n/c/models.yml:3: no", warnings=["/c/models.yml:3:5: careful"])
    before = copy.deepcopy(result)
    report = make_report(result, "plan", name="prod", path="catalog", root="/c", host="node", server="192.0.2.1", time="T", revision="c0ffee")
    assert result == before
    json.dumps(report)
    assert (report["schema_version"], report["action"], report["applied"], report["time"]) == (1, "plan", False, "T")
    assert (report["catalog"], report["host"], report["server"]) == ({"name": "prod", "path": "catalog"}, "node", {"address": "192.0.2.1", "version": None})
    assert report["revision"] == "c0ffee" and make_report(result, revision="")["revision"] is None
    assert (report["changed"], report["failed"], report["changes"]) == (True, True, 2)
    assert report["headline"] == "1 to create, 1 to update, 1 failed, 1 skipped, 1 unchanged: correct the failed item."
    assert report["errors"] == ["1 of 5 items failed.", "models.yml:3: no"] and report["warnings"] == ["models.yml:3:5: careful"]
    named = {item["name"]: item for item in report["entries"]}
    assert named["new"]["file"] == "models.yml" and named["new"]["title"] == "model"
    assert named["new"]["fields"] == [
        {"name": "name", "change": "add", "before": None, "after": "new"}, {"name": "size", "change": "add", "before": None, "after": 4}]
    assert [(field["name"], field["change"]) for field in named["old"]["fields"]] == [("vendor", "change"), ("readme", "add"), ("x", "change")]
    assert named["bad"]["msg"] == "models.yml:3: no\ngood" and named["bad"]["error"] == {"code": "SYS.1007"}


@pytest.mark.parametrize(("result", "headline"), [
    (outcome(none=5), "No changes. The platform matches the catalog (5 items)."),
    (outcome(none=1), "No changes. The platform matches the catalog (1 item)."),
    (outcome(catalog_errors=[{"file": "/c/a.yml", "line": 1, "column": 2, "item": None, "option": None, "msg": "m"}], msg="The catalog has 1 error."),
     "The catalog has 1 error."),
    ({"msg": "unreachable", "error": {}}, "The catalog could not be compared with the platform."),
    ({}, "The catalog could not be compared with the platform."),
])
def test_headlines(result, headline):
    report = make_report(result, root="/c")
    assert report["headline"] == headline
    assert report["failed"] is ("msg" in result or not result)
    for name in ("html", "md"):
        assert html.escape(headline) in render(name, report)
    assert review(report)[-1].endswith(headline)


def test_the_review_reads_like_a_plan():
    report = report_of(
        entry("a", "create", {}, {"name": "a", "yaml": {"x": [{"y": 1}]}}), entry("b", "update", {"vendor": "Qwen"}, {"vendor": "Alibaba"}),
        entry("c", "update", {"size": 1, "readme": "l1\nl2"}, {"size": 2, "readme": "l1\nl3"}), entry("d", "delete", {"name": "d"}),
        entry("e", "prune", {"name": "e"}), entry("f", "replace", {"size": 1}, {"size": 2}), entry("g", "failed", msg="no\nway"),
        entry("h", "report", drift=[{"field": "size", "before": 1, "after": 2}]),
        none=5, name="prod", warnings=["careful"], msg="1 of 8 items failed.")
    assert review(report) == [
        "  ! model g (models.yml:3, failed): no", "      way",
        "  - model d (delete)",
        "  - model e (prune: created by this catalog and no longer in it)",
        "-/+ model f (replace: delete and clone again)", "      size: 1 -> 2",
        "  ~ model b: vendor: Qwen -> Alibaba",
        "  ~ model c", "      size: 1 -> 2", "      readme:", "         l1", "        -l2", "        +l3",
        "  + model a", "      yaml: x: (2 lines)",
        "  ? model h (reported only, not changed)", "      size: 1 -> 2",
        "Warning: careful",
        "Plan of the catalog prod: 1 to create, 2 to update, 1 to replace, 1 to delete, 1 to prune, 1 only reported, 1 failed, 5 unchanged: "
        "review the 2 deletions and the replacement; correct the failed item."]
    short = review(report, 2)
    assert short[3:5] == ["... and 6 more items, see the report files or --diff.", "Warning: careful"]


def test_the_verdict():
    def of(*actions, **more):
        return report_of(*(entry("n%d" % number, action, {"a": 1}, {"a": 2}, **({"msg": "no"} if action in ("failed", "skipped") else {}))
                           for number, action in enumerate(actions)), **more)["verdict"]
    assert of("create", "update", "delete") == "3 changes (1 deletion): review the deletion."
    assert of("create", "prune", "delete", "replace", none=9) == "4 changes (2 deletions, 1 replacement): review the 2 deletions and the replacement."
    assert of("create", "delete", applied=True) == "2 changes made (1 deletion)."
    assert of("update", "failed", "failed", "skipped", applied=True) == "1 change made, 2 failed, 1 skipped: correct the 2 failed items and apply again."
    assert of("update") == "1 change."
    assert of("report", "none") == "1 difference only reported."
    assert of(none=2) == "No changes. The platform matches the catalog (2 items)."


def test_values_are_in_the_spelling_of_yaml():
    report = report_of(
        entry("a", "update", {"system": True, "readme": None, "tags": [], "python_version": "3.1", "yaml": {"a": None}},
              {"system": False, "readme": "x", "tags": [None, True], "python_version": "3.10", "yaml": {"a": False}}))
    assert review(report)[1:-1] == [
        "      system: true -> false", "      readme: null -> x", "      tags: [] -> [null, true]", '      python_version: "3.1" -> "3.10"',
        "      yaml: {a: null} -> {a: false}"]
    for name in ("html", "md"):
        assert not re.search(r"\b(None|True|False)\b", render(name, report))


def test_names_stand_for_uuids():
    """What the item gives by name is shown by name; the uuids stay in JSON and as a detail."""
    sides = {"before": {"default_model_service_uuid": "u1", "model_service_uuids": ["u1"]}, "after": {
        "default_model_service_uuid": "u2", "model_service_uuids": ["u1", "u2"]}}
    names = {"before": {"default_model_service": "vllm-base"}, "after": {"default_model_service": "vllm-qwen3"}, "drift": []}
    report = report_of(entry("m", "update", **sides, review=names))
    assert review(report)[0] == "  ~ model m: default_model_service: vllm-base -> vllm-qwen3"
    item, = report["entries"]
    assert [field["name"] for field in item["fields"]] == ["default_model_service"]
    assert [(field["name"], field["after"]) for field in item["uuids"]] == [("default_model_service_uuid", "u2"), ("model_service_uuids", ["u1", "u2"])]
    page = render("html", report)
    closed = page[page.index("<summary><span"):].partition("</summary>")[0]
    assert "vllm-base" in closed and "vllm-qwen3" in closed and "uuid" not in closed and "default_model_service_" in page.replace("<wbr>", "")
    assert "uuid" not in render("md", report)


def test_each_fact_is_shown_once():
    item = entry("h", "report", drift=[{"field": "size", "before": 1, "after": 2}], drift_warning="/c/models.yml:3: it differs")
    report = report_of(item, warnings=["/c/models.yml:3: it differs", "/c/models.yml:3: careful"])
    assert report["warnings"] == ["models.yml:3: careful"]
    new = report_of(entry("n", "create", {}, {"name": "n", "size": 1}))
    assert review(new)[:-1] == ["  + model n", "      size: 1"]
    broken = report_of(catalog_errors=[{"file": "/c/a.yml", "line": 1, "column": 2, "item": None, "option": None, "msg": "m"}], msg="1 error.\n/c/a.yml:1:2: m")
    assert review(broken) == ["! a.yml:1:2: m", "Plan of the catalog: The catalog has 1 error."]


def test_why_the_task_fails():
    assert failure_of(report_of(entry("a", "failed", msg="no"), msg="1 of 1 items failed.\nno")) == "1 of 1 items failed."
    changed = report_of(entry("a", "update", {"b": 1}, {"b": 2}))
    assert failure_of(changed) == "" and failure_of(changed, True) == "The platform differs from the catalog: 1 change."
    assert failure_of({**changed, "applied": True}, True) == "" and failure_of(report_of(none=1), True) == ""


def test_reports_name_commit_branch_and_pipeline():
    source = {
        "revision": "c0ffee" * 7, "branch": "feature/<x>|y", "dirty": True, "commit_url": "https://git.example.com/p/-/commit/c0ffee",
        "pipeline": {"name": "GitLab pipeline 7", "url": "https://git.example.com/p/-/pipelines/7"}}
    report = report_of(none=1, source=source)
    assert {name: report[name] for name in source} == source
    page, text = render("html", report), render("md", report)
    links = [attribute[2] for attribute in Page(page).attributes if attribute[1] == "href"]
    assert links == [source["commit_url"], source["pipeline"]["url"]]
    assert "with uncommitted changes" in page and "feature/&lt;x&gt;|y" in page
    assert "[<code>GitLab pipeline 7</code>](<%s>)" % source["pipeline"]["url"] in text and "with uncommitted changes" in text
    bare = render("html", report_of(none=1))
    assert "Commit" not in bare and "href" not in bare


def test_the_page_opens_what_needs_attention_and_breaks_no_item():
    many = [entry("n%d" % number, "update", {"vendor": "Qwen%d" % number}, {"vendor": "Alibaba"}) for number in range(40)]
    page = render("html", report_of(*many, entry("bad", "failed", msg="why it failed"), entry("late", "skipped", msg="it refers to bad"), msg="m"))
    assert re.search('<details class="item skipped" open>', page) and re.search('<details class="item failed" open>', page)
    assert '<details class="item update" open>' not in page
    row = page[page.index(">n7<"):].partition("</summary>")[0]
    assert "<del>Qwen7</del>" in row and "<ins>Alibaba</ins>" in row
    assert re.search(r"@media print \{.*details\.item[^{]*\{ break-inside: avoid; \}", page, re.S)


def test_short_updates_share_one_table():
    report = report_of(
        *(entry("n%d" % number, "update", {"vendor": "Qwen", "size": 1}, {"vendor": "Alibaba", "size": 2}) for number in range(20)),
        entry("long", "update", {"readme": "l1\nl2"}, {"readme": "l1\nl3"}))
    text = render("md", report)
    assert text.count("|---|---|---|---|---|") == 1 and text.count("### ") == 2
    assert text.count("| model <code>") == 20 and "| <code>size</code> | <code>1</code> | → | <code>2</code> |" in text


def test_reports_of_many_items_stay_small():
    items = [entry("model-%05d" % number, "update", {"vendor": "Qwen", "description": "A chat model"}, {"vendor": "Alibaba", "description": "Another"})
             for number in range(5000)]
    report = report_of(*items, none=10)
    start = time.monotonic()
    sizes = {name: len(render(name, report, limit=60000)) for name in ("html", "md", "json")}
    assert time.monotonic() - start < patience(30)
    assert sizes["html"] < 7_000_000 and sizes["md"] <= 60000 and sizes["json"] < 5_000_000
    assert len(review(report, 200)) < 1000


def test_the_review_reports_what_has_no_items():
    report = make_report({"msg": "Cannot reach it.\nCheck host."})
    assert review(report)[:-1] == ["! Cannot reach it.", "! Check host."]


def test_a_plan_and_its_apply_differ_in_their_words_only():
    items = [entry("b", "update", {"vendor": "Qwen"}, {"vendor": "Alibaba"})]
    plan, apply = report_of(*items), report_of(*items, action="apply", applied=True)
    assert {key for key in plan if plan[key] != apply[key]} == {"action", "applied", "headline", "verdict"}
    assert apply["headline"] == "1 updated, 0 unchanged."
    assert review(apply)[-1].startswith("Changes made by the catalog")


def test_groups_stand_in_order_of_attention():
    report = report_of(*(entry(action, action, {"a": 1}, {"a": 2}) for action in reversed(ORDER)))
    assert [group["action"] for group in view(report)] == list(ORDER)


def test_no_odd_value_breaks_the_page():
    report = odd_report()
    page = Page(render("html", report))
    plain = Page(render("html", report_of(
        *(entry("n", action, {"a": 1}, {"a": 2}, msg="m") for action in ORDER), entry("n", "create", {}, {"yaml": {"a": [{"b": 1}]}}),
        entry("n", "update", {"a": "x\ny"}, {"a": "x\nz"}), entry("n", "update", {"a": "x\ny"}, {"a": "x\ny\nz"}), warnings=["w"], name="c", msg="m",
        source={"revision": "c", "branch": "b", "commit_url": "https://x", "pipeline": {"name": "p", "url": "https://x"}})))
    assert set(page.tags) <= set(plain.tags)
    assert "script" not in page.tags
    assert not [attribute for attribute in page.attributes if attribute[1] in ("src", "style") or attribute[1].startswith("on")]
    assert {attribute[2] for attribute in page.attributes if attribute[1] == "href"} == {"https://x.example/1", "https://x.example/2"}
    text = "".join(page.texts)
    assert "<script>alert(1)</script>" in text and "{{ 7*191 }}" in text
    assert not re.search("[\x00\x1b\u202e\u200b\ud800]", text)
    render("html", report).encode("utf-8")


def test_the_page_needs_nothing_else():
    text = render("html", odd_report())
    assert "<script" not in text and "@import" not in text and "url(" not in text
    assert "default-src 'none'" in text and "prefers-color-scheme: dark" in text


def lines_outside_of_blocks(text):
    """Yield the lines that are not in a fenced block."""
    fence = None
    for line in text.split("\n"):
        run = re.match("`{3,}", line)
        if fence is None and run:
            fence = run.group()
        elif fence is None:
            yield line
        elif line.strip() == fence:
            fence = None
    assert fence is None


def test_no_odd_value_breaks_the_markdown():
    text = render("md", odd_report(), limit=0)
    text.encode("utf-8")
    lines = list(lines_outside_of_blocks(text))
    columns = None
    for line in lines:
        if line.startswith("|"):
            columns = columns or line.count("|")
            assert line.count("|") == columns, line
        else:
            columns = None
        bare = re.sub(r"\]\(<https://x\.example/\d>\)", "]", re.sub("<code>.*?</code>", "", line))
        assert not re.sub("</?(details|summary|sub)>", "", bare).count("<"), line
        for code in re.findall("<code>(.*?)</code>", line):
            assert not re.search(r"[<>|`*\[\]@:]", re.sub(r"&#\d+;", "", code)), line
    flat = "\n".join(lines)
    assert flat.count("<details>") == flat.count("</details>") and flat.count("<code>") == flat.count("</code>")
    assert "**PRUNE**" in flat and "[!WARNING]" in flat


def test_markdown_keeps_within_its_limit():
    report = report_of(*(entry("model-%d" % number, "update", {"vendor": "a" * 100}, {"vendor": "b" * 100}) for number in range(500)))
    text = render("md", report, limit=20000)
    assert len(text) <= 20000
    shown = text.count("| model ")
    assert 10 < shown < 500 and "... and %d more items." % (500 - shown) in text
    assert render("md", report, limit=0).count("| model ") == 500
    assert len(render("md", odd_report(), limit=30000)) <= 30000


def test_json_is_the_report():
    report = odd_report()
    assert json.loads(render("json", report)) == json.loads(json.dumps(report))


@settings(max_examples=60, deadline=None)
@given(st.text(), st.one_of(
    st.none(), st.text(), st.integers(), st.lists(st.text(max_size=9), max_size=3), st.dictionaries(st.text(max_size=5), st.text(max_size=9))))
def test_any_value_can_be_reported(name, value):
    report = report_of(entry(name, "update", {"a": "x"}, {"a": value}))
    Page(render("html", report))
    list(lines_outside_of_blocks(render("md", report)))
    render("md", report).encode("utf-8")
    assert all("\n" not in line for line in review(report))


def test_stats_of_several_hosts():
    one = {"host": "a", "action": "plan", "changed": False, "failed": False, "changes": 0, "summary": {"none": 3, "create": 0}, "reports": ["a.json"],
           "revision": "c1"}
    two = {"host": "b", "action": "plan", "changed": True, "failed": True, "changes": 1, "summary": {"none": 1, "create": 1}, "reports": [], "revision": "c1"}
    assert stats([one, two]) == {
        "action": "plan", "changed": True, "failed": True, "changes": 1, "summary": {"none": 4, "create": 1}, "reports": ["a.json"], "revision": "c1",
        "hosts": {host["host"]: {key: value for key, value in host.items() if key != "host"} for host in (one, two)}}
    assert stats([one, two])["hosts"]["b"]["changes"].__class__ is int
    assert stats([])["hosts"] == {} and stats([])["revision"] is None
    assert stats([one, {**two, "revision": "c2"}])["revision"] is None and stats([{**one, "revision": ""}])["revision"] is None


def test_what_later_jobs_get():
    """Each host has a variable of its own, so that the artifacts of several slices lose nothing."""
    def slice_of(*hosts):
        reports = [report_of(*(entry("n%d" % number, "update", {"a": 1}, {"a": 2}) for number in range(200)), host=host, revision="c1") for host in hosts]
        return FILTERS["catalog_artifacts"](reports, [["/r/plan.json"]] * len(hosts), 0)

    together = {**slice_of("aios-berlin", "aios-rome"), **slice_of("aios.paris")}
    assert set(together) == {"zstack_catalog", "zstack_catalog_host_aios_berlin", "zstack_catalog_host_aios_rome", "zstack_catalog_host_aios_paris"}
    assert all(name.isidentifier() for name in together)
    outcomes = [value for name, value in together.items() if name != "zstack_catalog"]
    assert stats(outcomes)["changes"] == 600 and sorted(stats(outcomes)["hosts"]) == ["aios-berlin", "aios-rome", "aios.paris"]
    one = together["zstack_catalog_host_aios_berlin"]
    assert (one["host"], one["changes"], one["revision"], one["reports"]) == ("aios-berlin", 200, "c1", ["/r/plan.json"])
    assert len(one["review"]) == 101 and one["review"][-1] == "... and 101 more lines, see the output of the job."
    assert "review" not in together["zstack_catalog"]["hosts"]["aios.paris"]


def test_filters_refuse_what_is_no_report():
    with pytest.raises(AnsibleFilterError, match="not valid for this filter"):
        FILTERS["catalog_review"]({"entries": []})


def test_blocks_of_markdown_outlast_their_text():
    assert FILTERS["markdown"]("a", block="diff") == "```diff\na\n```"
    assert FILTERS["markdown"]("a ```` b", block="") == "`````\na ```` b\n`````"
    assert FILTERS["markdown"]("abcdef", limit=3) == "<code>ab\u2026</code>"
