# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reading a catalog: what is in it, and every error with its place."""

from __future__ import annotations

import pytest
from ansible_collections.zstack.aios.plugins.module_utils._catalog.items import inline_secrets, read_catalog
from ansible_collections.zstack.aios.plugins.module_utils._catalog.kinds import KINDS
from ansible_collections.zstack.aios.plugins.module_utils._protocol.errors import OptionError

KEYS = "model_centers, models, model_services, model_service_clones, model_service_groups, datasets, model_evaluations"
GOOD = {"name": "m", "model_center": "c", "install_path": "/m"}


def read(path=None, **inline):
    shared = {"version_check": True, "server_side_check": False}
    return read_catalog({"path": None if path is None else str(path), **dict.fromkeys(KINDS), **shared, **inline})


def read_text(tmp_path, text):
    file = tmp_path / "c.yml"
    file.write_bytes(text if isinstance(text, bytes) else text.encode("utf-8"))
    return read(file)


def messages_of(catalog, tmp_path):
    return [str(error).replace(str(tmp_path) + "/", "") for error in catalog.errors]


def test_a_directory_is_read_in_a_fixed_order(tmp_path):
    for name in ("b.yml", "a/z.yaml", "a/b/c.yml", ".hidden.yml", ".git/x.yml", "notes.txt", "A.yml"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("models: [{name: '%s', model_center: c}]" % name, encoding="utf-8")
    catalog = read(tmp_path, models=[{"name": "inline", "model_center": "c"}])
    assert not catalog.errors
    assert [item.name for item in catalog.items] == ["A.yml", "a/b/c.yml", "a/z.yaml", "b.yml", "inline"]
    assert [item.number for item in catalog.items] == list(range(5))
    assert str(catalog.items[1]) == "%s/a/b/c.yml:1:10: models[0] (a/b/c.yml)" % tmp_path
    assert str(catalog.items[4]) == "models[0] (inline)"


def test_an_item_has_all_options_and_their_defaults(tmp_path):
    item, = read(model_service_clones=[{"name": "x", "source_service": "s"}]).items
    assert item.options["state"] == "present" and item.options["delete_mode"] == "Permissive" and item.options["on_drift"] == "update"
    assert item.options["version_check"] is True and item.options["yaml"] is None and item.present
    assert "host" not in item.options


def test_texts_keep_their_spelling(tmp_path):
    catalog = read_text(tmp_path, """
model_service_clones:
- {name: 2024-01-01, source_service: 0123, python_version: 3.10, conda_version: 1e3, description: yes, request_cpu: 0x10, size: 1_000,
   support_distributed: yes, cpu_architectures: [1.10, on], framework: ~, vendor_to_spec_uuids_map: {1.0: [1e2]}, start_command: "", readme: !!str 5}
""")
    assert not catalog.errors
    options = catalog.items[0].options
    assert (options["name"], options["source_service"], options["python_version"], options["conda_version"]) == ("2024-01-01", "0123", "3.10", "1e3")
    assert options["description"] == "yes" and options["request_cpu"] == 16 and options["size"] == 1000 and options["support_distributed"] is True
    assert options["cpu_architectures"] == ["1.10", "on"] and options["framework"] is None and options["vendor_to_spec_uuids_map"] == {"1.0": ["1e2"]}
    assert options["start_command"] == "" and options["readme"] == "5"


def test_a_structure_in_a_file_has_its_own_numbers_and_nulls(tmp_path):
    catalog = read_text(tmp_path, """
models:
- {name: a, model_center: c, parameters: {temperature: 0.20, stop: null, stream: on, ids: [0x10, 010, "010", 1e3], when: 2026-11-25, none: ~}}
- {name: b, model_center: c, parameters: 3.10}
- {name: c, model_center: c, parameters: '{"a": 1}'}
- {name: d, model_center: c, parameters: ~}
model_service_clones:
- name: x
  source_service: s
  yaml:
    services: [{name: m, livez: null, replicas: 1, version: 3.10}]
  architecture_images: [{cpu_architecture: 1.10, docker_image: on}]
""")
    assert not catalog.errors and not catalog.warnings
    assert [item.options.get("parameters") for item in catalog.items[:4]] == [
        {"temperature": 0.2, "stop": None, "stream": True, "ids": [16, 8, "010", "1e3"], "when": "2026-11-25", "none": None}, "3.10", '{"a": 1}', None]
    assert catalog.items[4].options["yaml"] == {"services": [{"name": "m", "livez": None, "replicas": 1, "version": 3.1}]}
    assert catalog.items[4].options["architecture_images"] == [{"cpu_architecture": "1.10", "vm_image_uuid": None, "docker_image": "on"}]


NO_TEXT = "the option takes text and received a "


@pytest.mark.parametrize("text,expected", [
    ("models:\n- name: [x, y]\n", "c.yml:2:3: models[0]: name: %slist. Write the text itself in quotes" % NO_TEXT),
    ("models:\n- name: a\n  install_path: {a: 1}\n", "c.yml:3:3: models[0] (a): install_path: %smapping." % NO_TEXT),
    ("models:\n- name: a\n  model_center: [c]\n", "c.yml:3:3: models[0] (a): model_center: %slist." % NO_TEXT),
    ("models:\n- name: a\n  state: [absent]\n", "c.yml:3:3: models[0] (a): state: %slist." % NO_TEXT),
    ("models:\n- name: a\n  token:\n    a: s3cret\n", "c.yml:3:3: models[0] (a): token: %smapping." % NO_TEXT),
    ("models:\n- name: a\n  user_tags:\n  - x\n  - {team: y}\n", "c.yml:5:5: models[0] (a): user_tags[1]: %smapping." % NO_TEXT),
    ("models:\n- name: a\n  user_tags: [x, ~]\n", "c.yml:3:18: models[0] (a): user_tags[1]: the entry is null. Remove it, or write its value."),
    ("models:\n- name: a\n  user_tags: '[x, y]'\n", "c.yml:3:3: models[0] (a): user_tags: the option takes a list, and the text in brackets is not"),
    ("models:\n- name: a\n  size: yes\n", "c.yml:3:3: models[0] (a): size: the option takes a number and received a boolean. Write the number."),
    ("models:\n- name: a\n  parameters: {top: .inf}\n",
     "c.yml:3:21: models[0] (a): parameters: .inf is not a number that the API accepts"),
    ("model_service_clones:\n- {name: a, source_service: {b: c}}\n", "c.yml:2:13: model_service_clones[0] (a): source_service: %smapping." % NO_TEXT),
    ("model_service_clones:\n- name: a\n  source_service: s\n  architecture_images:\n  - cpu_architecture: x\n    docker_image: [y]\n",
     "c.yml:6:5: model_service_clones[0] (a): architecture_images[0].docker_image: %slist." % NO_TEXT),
    ("model_service_clones:\n- name: a\n  source_service: s\n  architecture_images:\n  - {<<: {docker_image: [y]}, cpu_architecture: x}\n",
     "c.yml:5:5: model_service_clones[0] (a): architecture_images[0].docker_image: %slist." % NO_TEXT),
    ("model_service_clones:\n- name: a\n  source_service: s\n  architecture_images: [{cpu_architecture: x, vm_image_uuid: u, docker_imag: y}]\n",
     "c.yml:4:3: model_service_clones[0] (a): architecture_images: "),
])
def test_a_structure_for_text_is_refused_with_its_place(tmp_path, text, expected):
    catalog = read_text(tmp_path, text)
    assert [line[:len(expected)] for line in messages_of(catalog, tmp_path)] == [expected]
    assert "docker_imag:" not in text or messages_of(catalog, tmp_path)[0].endswith(
        "Did you mean architecture_images.docker_image instead of architecture_images.docker_imag?")
    assert not catalog.items and "s3cret" not in str(catalog.errors)


def test_inline_items_are_refused_alike_and_warn_of_what_yaml_changed():
    catalog = read(models=[{"name": ["x"], "user_tags": [{"a": 1}]}], model_service_clones=[
        {"name": "a", "source_service": {"b": 1}, "architecture_images": [{"cpu_architecture": {"x": 1}, "docker_image": "y"}]}])
    assert [(error.item, error.option) for error in catalog.errors] == [
        ("models[0]", "name"), ("models[0]", "user_tags[0]"), ("model_service_clones[0] (a)", "source_service"),
        ("model_service_clones[0] (a)", "architecture_images[0].cpu_architecture")]
    catalog = read(models=[{**GOOD, "vendor": True, "version": 3.10, "token": 12345678, "user_tags": [8], "parameters": {"a": 1}, "size": 5}])
    assert not catalog.errors and "12345678" in catalog.secrets
    ending = " Write the value in quotes to keep its spelling."
    assert sorted(catalog.warnings) == [
        "models[0] (m): token: the option takes text and received a number, which YAML may have changed. It is not shown, because it is secret." + ending,
        'models[0] (m): user_tags[0]: the option takes text and received the number 8. It becomes the text "8".' + ending,
        'models[0] (m): vendor: the option takes text and received the boolean true. It becomes the text "True".' + ending,
        'models[0] (m): version: the option takes text and received the number 3.1. It becomes the text "3.1".' + ending]
    options = catalog.items[0].options
    assert (options["vendor"], options["version"], options["user_tags"], options["parameters"]) == ("True", "3.1", ["8"], {"a": 1})


def test_a_list_in_an_item_may_be_json_text(tmp_path):
    catalog = read_text(tmp_path, """models: [{name: a, model_center: c, user_tags: '["x", "y,z"]', recommended_gpu_num: '[1, 2]'}]""")
    assert not catalog.errors
    assert (catalog.items[0].options["user_tags"], catalog.items[0].options["recommended_gpu_num"]) == (["x", "y,z"], [1, 2])


def test_anchors_and_merges_work(tmp_path):
    catalog = read_text(tmp_path, """
models:
- &base {name: a, model_center: c, install_path: /a, vendor: V}
- {<<: *base, name: b, vendor: W}
- {name: d, <<: [{vendor: X}, *base]}
""")
    assert not catalog.errors
    assert [(item.options["name"], item.options["vendor"], item.options["install_path"]) for item in catalog.items] == [
        ("a", "V", "/a"), ("b", "W", "/a"), ("d", "X", "/a")]


@pytest.mark.parametrize("text", ["", "---\n", "# nothing\n", "models:\n", "models: []\n", "\ufeffmodels: []"])
def test_empty_files_are_no_error(tmp_path, text):
    catalog = read_text(tmp_path, text)
    assert not catalog.items and not catalog.errors


@pytest.mark.parametrize("text,expected", [
    ("models:\n  - name: [1\n", "c.yml:3:1: this is not valid YAML: while parsing a flow sequence, did not find expected ',' or ']'"),
    ("models: []\n---\nmodels: []\n", "c.yml:2:1: this is not valid YAML: expected a single document in the stream, but found another document"),
    (b"models: [\xff]", "c.yml: the file cannot be read: 'utf-8' codec"),
    ("- a\n", "c.yml:1:1: a catalog file must be a mapping with the keys %s" % KEYS),
    ("model:\n- a\n", "c.yml:1:1: unknown key 'model'. Known keys are %s" % KEYS),
    ("models: {a: 1}", "c.yml:1:9: models must be a list"),
    ("models:\n- name: a\n  model_center: c\n- just text\n", "c.yml:4:3: models[1]: an item must be a mapping of options"),
    ("models: []\nmodels: []\n", "c.yml:2:1: models: given twice, the first time in line 1"),
    ("models:\n- name: a\n  vendor: x\n  vendor: y\n", "c.yml:4:3: models[0] (a): vendor: given twice, the first time in line 3"),
    ("models:\n- name: a\n  token: !vault |\n    $ANSIBLE_VAULT;1.1\n",
     "c.yml:3:10: models[0] (a): token: a value that is encrypted with Ansible Vault"),
    ("models:\n- name: a\n  vendor: !unsafe x\n", "c.yml:3:11: models[0] (a): vendor: unknown YAML tag !unsafe; write the plain value"),
    ("models:\n- name: a\n  user_tags: !!set {x}\n", "c.yml:3:14: models[0] (a): user_tags: unknown YAML tag !!set"),
    ("models:\n- name: a\n  vendor: !!python/object:x y\n", "c.yml:3:11: models[0] (a): vendor: unknown YAML tag !!python/object:x; write"),
    ("models:\n- name: a\n  size: !!int x\n", "c.yml:3:9: models[0] (a): size: the value does not match its tag"),
    ("models:\n- name: a\n  user_tags: &t [*t]\n", "c.yml:3:14: models[0] (a): user_tags: the value contains itself"),
    ("models:\n- name: a\n  ? [x]\n  : y\n", "c.yml:3:5: models[0] (a): a key must be plain text"),
    ("models:\n- name: a\n  <<: 5\n", "c.yml:3:7: models[0] (a): only another mapping can be merged with <<"),
    ("models:\n- name: a\n  vender: x\n", "c.yml:3:3: models[0] (a): vender: there is no such option, did you mean vendor?"),
    ("models:\n- name: a\n  host: x\n", "c.yml:3:3: models[0] (a): host: this is an option of the task, not of an item"),
    ("models:\n- name: a\n  size: much\n", "c.yml:3:3: models[0] (a): size: "),
    ("models:\n- name: a\n  state: gone\n", "c.yml:3:3: models[0] (a): state: value of state must be one of: present, absent, got: gone"),
    ("models:\n- name: a\n  size: -1\n", "c.yml:3:3: models[0] (a): size: -1 is out of range."),
    ("models:\n- name: ''\n", "c.yml:2:3: models[0]: name: the text is empty."),
    ("models:\n- vendor: a\n", "c.yml:2:3: models[0]: one of the following is required: uuid, model_id, name"),
    ("models:\n- {name: a, model_center: c, model_center_uuid: d}\n", "c.yml:2:3: models[0] (a): parameters are mutually exclusive: "),
    ("model_service_clones:\n- name: a\n", "c.yml:2:3: model_service_clones[0] (a): state is present but any of the following are missing: "),
    ("model_service_clones:\n- {name: a, source_service: a}\n",
     "c.yml:2:4: model_service_clones[0] (a): name: the clone and its source cannot both be named"),
    ("model_service_clones:\n- {name: a, source_service: b, architecture_images: [{docker_image: x}]}\n",
     "c.yml:2:32: model_service_clones[0] (a): architecture_images: "),
])
def test_each_error_has_its_place(tmp_path, text, expected):
    found = messages_of(read_text(tmp_path, text), tmp_path)
    assert any(line.startswith(expected) for line in found), found
    assert len(found) == 1 or "token" in text


def test_all_errors_are_reported_in_the_order_of_their_places(tmp_path):
    text = "models:\n- {name: a, model_center: c, size: -1, vendor: %s, vender: x}\n- {name: b, sise: 3}\n" % ("v" * 300)
    (tmp_path / "b.yml").write_text(text, encoding="utf-8")
    (tmp_path / "a.yml").write_text("models: [", encoding="utf-8")
    catalog = read(tmp_path, models=[{"name": "a", "nope": 1}, {"size": 3}])
    assert messages_of(catalog, tmp_path)[0].startswith("a.yml:2:1: this is not valid YAML")
    # An unknown option does not hide what is wrong with the others.
    assert [(error.place.file and error.place.file[-5:], error.option) for error in catalog.errors] == [
        ("a.yml", ""), ("b.yml", "size"), ("b.yml", "vendor"), ("b.yml", "vender"), ("b.yml", "sise"), (None, "nope"), (None, "")]
    assert catalog.errors[3].as_result() == {
        "file": str(tmp_path / "b.yml"), "line": 2, "column": catalog.errors[3].place.column, "item": "models[0] (a)", "option": "vender",
        "msg": "there is no such option, did you mean vendor?", "rule": "unknown-option"}
    assert [error.rule for error in catalog.errors] == ["file", "value", "value", *["unknown-option"] * 3, "value"]
    assert not catalog.complete and not catalog.items and len(catalog.faulty) == 4


def test_an_item_with_errors_takes_part_in_the_checks_between_items(tmp_path):
    text = """
models:
- {name: a, model_center: c, size: -1}
- {name: a, model_center: c, vender: x}
- {name: b, model_center: {x: y}}
- {name: b, model_center: {x: z}}
- {name: d, model_id: [x], model_center: c, model_center_uuid: u, sise: 1}
"""
    (tmp_path / "c.yml").write_text(text, encoding="utf-8")
    catalog = read(tmp_path / "c.yml")
    # Two items whose center has an error may be in different centers.
    assert [(error.place.line, error.rule) for error in catalog.errors] == [
        (3, "value"), (4, "duplicate"), (4, "unknown-option"), (5, "value"), (6, "value"), (7, "value"), (7, "value"), (7, "unknown-option")]
    assert "mutually exclusive" in str(catalog.errors[5]) + str(catalog.errors[6])


def test_every_rule_that_an_item_breaks_is_reported():
    catalog = read(models=[{**GOOD, "size": -1, "vendor": "v" * 300, "recommended_gpu_num": [0], "system_tags": ["validationOnly"]}])
    assert {error.option for error in catalog.errors} == {"size", "vendor", "recommended_gpu_num", "system_tags"}
    assert not catalog.items


@pytest.mark.parametrize("first,second,option", [
    ({"name": "m", "model_center": "c"}, {"name": " m ", "model_center": "c"}, "name"),
    ({"name": "m"}, {"name": "m", "state": "absent"}, "name"),
    ({"uuid": "a"}, {"uuid": "a", "name": "other"}, "uuid"),
    ({"model_id": "x/y"}, {"model_id": "x/y", "name": "m"}, "model_id"),
    ({"name": "m", "model_center": "c", "model_id": "x"}, {"name": "m", "model_center": "c"}, "name"),
    ({"name": "m", "model_center": "c"}, {"name": "m", "model_center": "d"}, None),
    ({"name": "m", "model_id": "x"}, {"name": "m", "model_id": "y"}, None),
    ({"name": "m", "uuid": "a"}, {"name": "m", "uuid": "b"}, None),
    ({"model_id": "x", "uuid": "a"}, {"model_id": "x", "uuid": "b"}, None),
])
def test_two_items_for_one_object_are_an_error(first, second, option):
    errors = read(models=[first, {"name": "between"}, second]).errors
    assert [(error.item.partition(" ")[0], error.option) for error in errors] == ([("models[2]", option)] if option else [])
    assert all("this is the same model as models[0]" in str(error) for error in errors)


def test_a_model_and_a_clone_of_one_name_are_two_objects():
    assert not read(models=[{"name": "m"}], model_service_clones=[{"name": "m", "source_service": "s"}]).errors


def test_secrets_are_known_whatever_else_is_wrong(tmp_path):
    catalog = read_text(tmp_path, "models:\n- {name: a, token: s3cret-1, nope: 1}\n- {name: b, token: {x: s3cret-2}}\n")
    assert "s3cret-1" in catalog.secrets and any("s3cret-2" in secret for secret in catalog.secrets)
    assert not any("s3cret" in str(error) for error in catalog.errors)
    assert inline_secrets({"models": [{"token": "s3cret-3"}, "junk", {"token": None}], "model_service_clones": None}) == {"s3cret-3"}


def test_a_path_that_is_not_there(tmp_path):
    with pytest.raises(OptionError, match="path: there is no directory and no file"):
        read(tmp_path / "missing")


def test_a_path_without_items_is_noticed(tmp_path):
    (tmp_path / "readme.md").write_text("x", encoding="utf-8")
    assert read(tmp_path).nothing_read == "no file below %s ends with .yml or .yaml (hidden files and directories are ignored)" % tmp_path
    for name, text in (("a.yml", ""), ("b.yml", "---\nmodels: []\n"), ("c.yml", "model_service_clones:\n")):
        (tmp_path / name).write_text(text, encoding="utf-8")
        assert read(tmp_path / name).nothing_read == "%s has no items" % (tmp_path / name)
    # Inline items do not hide that the files have gone.
    assert read(tmp_path, models=[GOOD]).nothing_read == "none of the 3 files below %s has an item" % tmp_path
    (tmp_path / "d.yml").write_text("models:\n- {name: a, vendor: x}\n", encoding="utf-8")
    assert read(tmp_path).nothing_read == "" and read(models=[GOOD]).nothing_read == ""
