# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Files and values that would take all memory or time: one clear sentence with a place, and nothing is read that is no file of the catalog."""

from __future__ import annotations

import os
import socket
import threading

import pytest
import yaml
from ansible_collections.zstack.aios.plugins.module_utils._catalog import files as _files
from ansible_collections.zstack.aios.plugins.module_utils._catalog import limits as _limits
from ansible_collections.zstack.aios.plugins.module_utils._catalog import paths as _paths
from ansible_collections.zstack.aios.plugins.module_utils._catalog.kinds import KINDS, ItemSpec

from .test_reading import read, read_text, messages_of

MODEL = "models:\n- {name: '%s', model_center: c}\n"


def bomb(levels, entry, join):
    """Return a text in which each line represents ten of the line before."""
    lines = ["models:", "- name: a", "  user_tags:", "  - &a0 %s" % entry(["x"])]
    lines.extend("  - &a%d %s" % (level, entry(["*a%d" % (level - 1)] * 10)) for level in range(1, levels))
    return "\n".join(lines) + "\n" + join


HOSTILE = [
    (bomb(12, lambda parts: "[%s]" % ", ".join(parts), ""), "there are more than 20000 values, including the values repeated by aliases (*name, <<)."),
    ("models:\n- name: a\n  user_tags:\n  - &a0 {k: v}\n" + "".join(
        "  - &a%d {<<: [%s]}\n" % (level, ", ".join(["*a%d" % (level - 1)] * 10)) for level in range(1, 12)), "there are more than 20000 values"),
    ("models: [&a {name: x, model_center: c, user_tags: [%s]}%s]\n" % (", ".join("a" * 100), ", *a" * 900), "there are more than 20000 values"),
    ("models:\n- name: a\n  user_tags: %s\n" % ("[" * 900 + "]" * 900), "the value is nested deeper than 100 levels"),
    ("models:\n- name: a\n  user_tags: %s\n" % ("[" * 90000 + "]" * 90000), "the value is nested deeper than 100 levels"),
    ("models:\n- name: a\n" + "".join("%s- \n" % (" " * (2 + level)) for level in range(150)), ""),
    ("models:\n- name: a\n  size: 1:30:00\n", "YAML reads 1:30:00 as a sexagesimal number."),
    ("models:\n- name: a\n  size: %s\n" % ("1:" * 5000 + "1"), "YAML reads 1:1:"),
    ("models:\n- name: a\n  size: %s\n" % ("9" * 5000), "the number has 5000 characters"),
    ("models:\n- name: a\n  size: 0x%s\n" % ("f" * 5000), "the number has 5002 characters"),
    ("models:\n- name: a\n  size: .inf\n", ".inf is not a number that the API accepts"),
    ("models:\n- name: a\n  size: -.nan\n", ""),
    ("models:\n- name: a\n  recommended_gpu_num: [1, 2:30]\n", "YAML reads 2:30 as a sexagesimal number."),
    ("models:\n- name: a\n  state: %s\n" % ("x" * 1000000), "value of state must be one of: present, absent, got: x"),
    ("models:\n- name: %s\n" % ("x" * 1000000), "the text has 1000000 characters, and the API takes at most 255"),
    ("%s: []\n" % ("k" * 1000), "unknown key 'kkk"),
    ("models:\n- name: a\n  ? %s\n  : 1\n" % ("k" * 100000), "there is no such option"),
]


@pytest.mark.parametrize("number", range(len(HOSTILE)))
@pytest.mark.parametrize("loader", ["CSafeLoader", "SafeLoader"])
def test_a_hostile_file_is_refused_in_one_sentence_with_its_place(tmp_path, monkeypatch, number, loader):
    text, expected = HOSTILE[number]
    if loader == "SafeLoader" and len(text) > 50000:
        pytest.skip("too slow for the loader without C")
    monkeypatch.setattr(_files, "_LOADER", getattr(yaml, loader))
    monkeypatch.setattr(_files, "MOST_VALUES", 20000)
    monkeypatch.setattr(_files, "TOO_MANY", _limits.TOO_MANY.replace("1000000", "20000"))
    found = messages_of(read_text(tmp_path, text), tmp_path)
    assert len(found) == 1 and expected in found[0], [line[:300] for line in found]
    assert len(found[0]) < 3000 and found[0].startswith("c.yml:") and found[0].split(":")[1].isdigit()


def test_base_60_stays_text_where_text_is_taken(tmp_path):
    item, = read_text(tmp_path, "models:\n- {name: 1:30:00, model_center: c}\n").items
    assert item.name == "1:30:00"


def test_uses_of_aliases_are_counted_over_all_files(tmp_path, monkeypatch):
    monkeypatch.setattr(_files, "MOST_VALUES", 2000)
    model = "models:\n- name: a%d\n  model_center: c\n"
    used = "  parameters: {once: &once %s, again: [%s]}\n" % (list(range(20)), ", ".join(["*once"] * 20))
    for number in range(20):
        (tmp_path / ("%02d.yml" % number)).write_text(model % number + used, encoding="utf-8")
    catalog = read(tmp_path)
    assert len(catalog.errors) == 1 and 2 < len(catalog.items) < 20
    for number in range(20):
        (tmp_path / ("%02d.yml" % number)).write_text(model % number + used.replace("*once", "1"), encoding="utf-8")
    catalog = read(tmp_path)
    assert not catalog.errors and len(catalog.items) == 20


def test_a_file_that_is_too_large_is_not_read(tmp_path):
    with open(tmp_path / "c.yml", "wb") as stream:
        stream.write(b"models:\n- name: '")
        stream.truncate(10 * 2 ** 20)
    assert messages_of(read(tmp_path), tmp_path) == ["c.yml: the file is larger than 8 MiB. Split it"]


def test_errors_are_reported_up_to_a_number(tmp_path, monkeypatch):
    monkeypatch.setattr("ansible_collections.zstack.aios.plugins.module_utils._catalog.items.MOST_ERRORS", 30)
    catalog = read_text(tmp_path, "models:\n" + "- {vendor: a}\n" * 100)
    assert len(catalog.errors) == 32 and "more than 30 errors" in str(catalog.errors[-1])
    monkeypatch.setattr(_files, "MOST_ERRORS", 30)
    catalog = read_text(tmp_path, "models:\n" + "- [a]\n" * 100)
    assert len(catalog.errors) == 32 and "more than 30 errors" in str(catalog.errors[-1])


def nested(depth):
    value = []
    for _unused in range(depth):
        value = [value]
    return value


def shared(levels):
    value = ["x"]
    for _unused in range(levels):
        value = [value] * 10
    return value


LOOP = []
LOOP.append(LOOP)


INLINE = [
    ("user_tags", nested(900), "nested deeper than 100 levels"), ("user_tags", nested(90000), "nested deeper"), ("user_tags", LOOP, "nested deeper"),
    ("user_tags", shared(12), "there are more than 100000 values"), ("vendor", {"a": shared(12)}, "there are more than"),
    ("token", shared(12), "there are more than"), ("size", float("inf"), "inf is not a number"), ("size", float("nan"), "nan is not a number"),
    ("size", 16 ** 5000, "the number has more than 100 digits"), ("token", 16 ** 5000, "the number has more than"),
    ("readme", "x" * (10 * 2 ** 20), "the text has 10485760 characters"), ("name", "x" * (10 * 2 ** 20), "the text has 10485760 characters"),
]


@pytest.mark.parametrize("number", range(len(INLINE)))
def test_a_hostile_inline_value_is_refused(number):
    option, value, expected = INLINE[number]
    errors = read(models=[{"name": "a", option: value}, {"name": "b", "model_center": "c"}]).errors
    assert len(errors) == 1
    assert str(errors[0]).startswith("models[0]") and "%s: " % option in str(errors[0]) and expected in str(errors[0])
    assert len(str(errors[0])) < 1000
    assert len(ItemSpec(KINDS["models"]).secrets({option: value})) <= 1


def test_links_are_followed_inside_and_each_file_is_read_once(tmp_path):
    root, outside = tmp_path / "catalog", tmp_path / "outside"
    for name in ("b/x.yml", ".hidden/y.yml", ".hidden/deep/z.yml"):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(MODEL % name, encoding="utf-8")
    outside.mkdir()
    (outside / "no.yml").write_text(MODEL % "no", encoding="utf-8")
    links = {
        "a": "b", "b/up": "..", "loop": ".", "linked": ".hidden", "c.yml": "b/x.yml", "again.yml": ".hidden/y.yml", "gone": "nowhere", "notes.txt": "/dev/zero"}
    for name, target in links.items():
        (root / name).symlink_to(target)
    catalog = read(root)
    assert not catalog.errors and not catalog.warnings
    assert sorted(item.name for item in catalog.items) == [".hidden/deep/z.yml", ".hidden/y.yml", "b/x.yml"]
    places = {item.name: item.place.file[len(str(root)) + 1:] for item in catalog.items}
    assert places["b/x.yml"] == "b/x.yml" and places[".hidden/deep/z.yml"] == "linked/deep/z.yml"
    # The directory itself may be a link.
    (tmp_path / "alias").symlink_to(root)
    assert len(read(tmp_path / "alias").items) == 3
    (root / "away").symlink_to(outside)
    (root / "up").symlink_to("../../..")
    catalog = read(root)
    assert len(catalog.items) == 3 and len(catalog.warnings) == 2
    assert catalog.warnings[0].startswith("%s is a link to %s, which is outside of the catalog, so it is ignored." % (root / "away", outside))


@pytest.fixture
def opened(monkeypatch):
    """The files that are opened for reading."""
    names = []
    real = os.open
    monkeypatch.setattr(_paths.os, "open", lambda name, *more: names.append(str(name)) or real(name, *more))
    return names


@pytest.mark.parametrize("kind", ["fifo", "link to a fifo", "device", "socket", "outside", "gone", "directory"])
def test_what_is_no_file_of_the_catalog_is_refused_and_not_opened(tmp_path, monkeypatch, opened, kind):
    root = tmp_path / "catalog"
    root.mkdir()
    (root / "good.yml").write_text(MODEL % "m", encoding="utf-8")
    bad, expected = root / "bad.yml", {
        "fifo": "a FIFO", "link to a fifo": "a FIFO", "device": "outside of the catalog", "socket": "a socket", "outside": "outside of the catalog",
        "gone": "No such file", "directory": ""}[kind]
    if kind == "fifo":
        os.mkfifo(bad)
    elif kind == "link to a fifo":
        os.mkfifo(root / ".fifo")
        bad.symlink_to(".fifo")
    elif kind == "socket":
        with socket.socket(socket.AF_UNIX) as server:
            # The address of a socket may have no more than about a hundred characters.
            monkeypatch.chdir(root)
            server.bind("bad.yml")
    elif kind == "directory":
        bad.mkdir()
    else:
        (tmp_path / "secret.yml").write_text(MODEL % "s", encoding="utf-8")
        bad.symlink_to({"device": "/dev/zero", "outside": "../secret.yml", "gone": "nowhere.yml"}[kind])
    catalog = read(root)
    found = messages_of(catalog, root)
    assert [item.name for item in catalog.items] == ["m"] and opened == [str(root / "good.yml")]
    assert len(found) == bool(expected) and all(line.startswith("bad.yml: ") and expected in line for line in found)


@pytest.mark.parametrize("target", ["/dev/zero", "fifo"])
def test_a_path_that_is_no_file_is_refused(tmp_path, opened, target):
    if target == "fifo":
        os.mkfifo(tmp_path / "fifo")
    errors = read(tmp_path / target).errors
    assert len(errors) == 1 and "not a regular file" in str(errors[0]) and not opened


def test_a_file_that_becomes_a_fifo_meanwhile_does_not_block(tmp_path, monkeypatch):
    (tmp_path / "c.yml").write_text(MODEL % "m", encoding="utf-8")
    real = os.open

    def exchange(name, *more):
        os.unlink(name)
        os.mkfifo(name)
        return real(name, *more)

    monkeypatch.setattr(_paths.os, "open", exchange)
    results = []
    reading = threading.Thread(target=lambda: results.append(read(tmp_path / "c.yml")), daemon=True)
    reading.start()
    reading.join(30)
    assert results and "a FIFO" in str(results[0].errors[0])


@pytest.mark.parametrize("start", ["", "\ufeff", "\n"])
def test_an_encrypted_file_is_reported_as_such(tmp_path, start):
    found = messages_of(read_text(tmp_path, start + "$ANSIBLE_VAULT;1.1;AES256\n6162\n"), tmp_path)
    assert len(found) == 1 and found[0].startswith("c.yml: the file is encrypted with Ansible Vault, and catalog files are read without decryption.")


def test_a_directory_that_cannot_be_read_is_an_error(tmp_path, monkeypatch):
    (tmp_path / "a").mkdir()
    (tmp_path / "b.yml").write_text(MODEL % "m", encoding="utf-8")
    real = os.listdir

    def listdir(path):
        if str(path).endswith("a"):
            raise PermissionError(13, "Permission denied")
        return real(path)

    monkeypatch.setattr(_paths.os, "listdir", listdir)
    assert messages_of(read(tmp_path), tmp_path) == ["a: the directory cannot be read: Permission denied"]
