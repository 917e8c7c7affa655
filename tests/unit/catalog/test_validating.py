# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A catalog is validated without a platform: with the checks of a plan, and with those that a plan leaves to the server."""

from __future__ import annotations

import time

import hypothesis.strategies as st
import pytest
from ansible_collections.zstack.aios.plugins.module_utils._catalog.kinds import KINDS
from ansible_collections.zstack.aios.plugins.module_utils._catalog.spelling import Spellings, is_misspelling
from ansible_collections.zstack.aios.plugins.module_utils._catalog.validating import check_validation, run_validation
from ansible_collections.zstack.aios.plugins.module_utils._pipeline.runner import Failure
from ansible_collections.zstack.aios.plugins.module_utils._pipeline.since import lacking, late_changes
from ansible_collections.zstack.aios.plugins.module_utils._protocol.errors import OptionError
from hypothesis import given
from simulator.testing import patience

SERVICE = {"name": "vllm-qwen3", "source_service": "vllm-base"}
MODEL = {"name": "qwen", "model_center": "center-1", "install_path": "/m"}


def options(**given):
    return {"path": None, **dict.fromkeys(KINDS), "allow_empty": False, "server_version": None, "external_names": [], **given}


def validate(tmp_path=None, text=None, **given):
    """Return the result, which has ``catalog_errors`` if it is a failure."""
    if text is not None:
        (tmp_path / "c.yml").write_text(text, encoding="utf-8")
        given["path"] = str(tmp_path)
    asked = options(**given)
    check_validation(asked)
    try:
        return run_validation(asked, None, False)
    except Failure as failure:
        return failure.result


def errors(result):
    return [(error["option"], error["rule"]) for error in result.get("catalog_errors", [])]


def test_every_kind_of_error_is_found_at_once_with_its_place(tmp_path):
    result = validate(tmp_path, """
models:
- {name: a, model_center: c, size: -1, vender: x, share_mode: Private}
- {name: b, model_center: c, default_model_service: vllm-qwne3}
- {name: b, model_center: c}
- {name: d, model_center: gone, version: "1"}
model_centers:
- {name: gone, state: absent}
model_service_clones:
- {name: vllm-qwen3, source_service: vllm-base, cpu_architectures: [x86_64]}
- {name: x, source_service: y}
- {name: y, source_service: x}
modelss: []
""", server_version="5.3.20")
    assert [(error["line"], error["option"], error["rule"]) for error in result["catalog_errors"]] == [
        (3, "size", "value"), (3, "vender", "unknown-option"), (3, "share_mode", "value"), (4, "default_model_service", "reference"),
        (4, "default_model_service", "version"), (5, "name", "duplicate"), (6, "model_center", "reference"),
        (10, "cpu_architectures", "version"), (11, None, "circular-reference"), (13, None, "unknown-option")]
    assert all(error["file"] == str(tmp_path / "c.yml") and error["column"] for error in result["catalog_errors"])
    assert result["msg"].startswith("The catalog has 10 errors.\n") and "Nothing was sent" not in result["msg"] and not result["changed"]
    texts = [error["msg"] for error in result["catalog_errors"]]
    assert "Did you mean 'vllm-qwen3' (%s/c.yml:10:3: model_service_clones[0] (vllm-qwen3))?" % tmp_path in texts[3] and "external_names" in texts[3]
    assert texts[4] == "it needs version 5.5.22, and server_version is 5.3.20. Remove the option, or upgrade the server"
    assert [entry["item"] for entry in result["entries"]][:2] == ["models[1] (b)", "models[2] (b)"]


def test_a_valid_catalog_with_references_that_leave_it(tmp_path):
    result = validate(models=[{**MODEL, "default_model_service": "vllm-qwen3"}], model_service_clones=[SERVICE], server_version="5.5.22")
    assert result == {"changed": False, "warnings": [], "entries": [
        {"kind": "models", "name": "qwen", "item": "models[0] (qwen)", "file": None, "line": None},
        {"kind": "model_service_clones", "name": "vllm-qwen3", "item": "model_service_clones[0] (vllm-qwen3)", "file": None, "line": None}]}


def test_an_empty_catalog_and_a_wrong_version_are_refused(tmp_path):
    with pytest.raises(OptionError, match="^path: the catalog is empty: no file below .* Check that the checkout is complete"):
        validate(path=str(tmp_path))
    assert not validate(path=str(tmp_path), allow_empty=True)["entries"]
    with pytest.raises(OptionError, match="^path: there is no directory"):
        validate(path=str(tmp_path / "none"))
    with pytest.raises(OptionError, match="^path: no catalog given. Give its directory"):
        validate()
    with pytest.raises(OptionError, match="^server_version: 'latest' does not begin with a number"):
        validate(models=[MODEL], server_version="latest")


@pytest.mark.parametrize("text,name", [
    ("vllm-qwne3", "vllm-qwen3"), ("center-shangai", "center-shanghai"), ("center-shanghaii", "center-shanghai"), ("VLLM-base", "vllm-base"),
    ("vllm_base", "vllm-base"), ("center1", "center-1"), ("embedding-servise", "embedding-service"), ("Center One", "center-one")])
def test_an_error_in_one_word_is_a_misspelling(text, name):
    assert all(is_misspelling(*pair) for pair in ((text, name), (name, text)))
    assert Spellings(["other", name, "another"]).nearest(text) == name


@pytest.mark.parametrize("text,name", [
    # A number
    ("qwen3-8b", "qwen3-32b"), ("center-1", "center-2"), ("center-1", "center-11"), ("gpt4", "gpt5"), ("v1.0", "v10.0"), ("qwen2.5", "qwen25.0"),
    # Short words, and more than one error
    ("svc-text", "svc-test"), ("center-east", "center-west"), ("center-eu", "center-us"), ("svc-a", "svc-b"), ("a", "b"), ("vllm", "vlm"),
    ("team-internal", "team-external"), ("vllm-base", "vllm-qwen"), ("vllm-base", "vllm-base-qwen"), ("chat", "chat-large"), ("prod-chat", "test-chat"),
    # Other scripts
    ("北京一区", "北京二区"), ("中心", "中央"), ("--", "-"), ("", "x")])
def test_another_name_is_no_misspelling(text, name):
    assert not any(is_misspelling(*pair) for pair in ((text, name), (name, text)))
    assert Spellings([name]).nearest(text) is None


WORDS = st.one_of(st.text("abcd-1_", max_size=8), st.sampled_from(["center", "centre", "centers", "CENTER", "vllm-base", "vllm-bsae", "a" * 40, "a" * 41]))


@given(st.lists(WORDS, max_size=6), WORDS)
def test_the_index_finds_what_a_comparison_with_every_name_finds(names, text):
    near = Spellings(names).nearest(text)
    assert (near is not None) == any(is_misspelling(text, name) for name in names) and (near is None or is_misspelling(text, near))


def test_a_large_catalog_takes_no_longer_than_its_size():
    letters = [a + b + c + d + "abcdef" for a in "abcdef" for b in "ghijkl" for c in "mnopqr" for d in "stuvwxyz"]
    started = time.process_time()
    spellings = Spellings(letters)
    for text in letters:
        spellings.nearest(text + "zz")
    # Comparing each with each takes minutes.
    assert time.process_time() - started < patience(10)


def test_a_misspelling_is_an_error_unless_the_name_is_declared_or_known():
    clones = [SERVICE]
    wrong = {**MODEL, "model_services": ["vllm-qwen3", "vllm-qwenn3", "other"]}
    result = validate(models=[wrong], model_service_clones=clones)
    assert errors(result) == [("model_services", "reference")] and "'vllm-qwenn3'" in result["msg"]
    assert not errors(validate(models=[wrong], model_service_clones=clones, external_names=["vllm-qwenn3"]))
    # Of another kind; of an item that goes itself; of an item with an error, which has the name all the same
    assert not errors(validate(models=[{**MODEL, "model_center": "vllm-qwenn3"}], model_service_clones=clones))
    assert not errors(validate(models=[{**wrong, "state": "absent"}], model_service_clones=clones))
    named = {"name": "vllm-qwenn3", "source_service": "vllm-base", "request_cpu": -1}
    assert errors(validate(models=[wrong], model_service_clones=[*clones, named])) == [("request_cpu", "value")]


def test_nothing_is_misspelt_while_a_file_cannot_be_read(tmp_path):
    (tmp_path / "broken.yml").write_text("model_service_clones: [{name: vllm-qwenn3", encoding="utf-8")
    result = validate(tmp_path, "models: [{name: m, model_center: c, default_model_service: vllm-qwenn3}]\nmodel_services: [{name: vllm-qwen3}]")
    assert [error["rule"] for error in result["catalog_errors"]] == ["file"]


@pytest.mark.parametrize("kind,item,version,expected", [
    ("models", {"vendor": "x"}, "5.1.8", []), ("models", {"default_model_service": "s"}, "5.5.21", [("default_model_service", "5.5.22")]),
    ("models", {"default_model_service_uuid": "s"}, "5.5.22", []), ("models", {"model_id": "s"}, "5.4.6", [("model_id", "5.5.22")]),
    ("models", {"model_classifications": ["x"]}, "5.4.5", [("model_classifications", "5.4.6")]),
    ("models", {"model_id": "x", "state": "absent"}, "5.1.8", []), ("models", {"version": "1", "token": "t"}, "5.1.8", []),
    ("model_service_clones", {}, "5.3.20", []), ("model_service_clones", {"request_cpu": 1}, "5.3.19", [("", "5.3.20")]),
    ("model_service_clones", {"container_args": "x"}, "5.1.8", [("", "5.3.20"), ("container_args", "5.5.22")]),
    ("model_service_clones", {"cpu_architectures": ["x"]}, "5.3.40", []), ("model_service_clones", {"cpu_architectures": ["x"]}, "5.10", []),
    ("model_service_groups", {"restart": "always"}, "5.3.21", [("restart", "5.3.22")]), ("model_service_groups", {"restart": "never"}, "5.1.8", []),
])
def test_what_a_version_lacks(kind, item, version, expected):
    found = lacking(KINDS[kind], {"state": "present", **item}, version)
    assert [(option, since) for option, name, since in found] == expected


def test_what_cannot_be_changed_later_is_one_warning_for_all_items():
    assert list(late_changes(KINDS["models"], {"state": "present", "vendor": "x", "name": "n"}, "5.4.6")) == [("vendor", "5.5.6")]
    models = [{**MODEL, "name": name, "vendor": "v"} for name in ("a", "b", "c")]
    result = validate(models=models, server_version="5.4.6")
    assert not errors(result) and result["warnings"] == [
        "vendor: a server of version 5.4.6 accepts it for a new model, and cannot change it before version 5.5.6. It is given in models[0] (a) and 2 more."]
    assert validate(models=models, server_version="5.5.6")["warnings"] == []


def test_no_secret_is_in_a_message():
    result = validate(models=[{**MODEL, "token": "s3cr3t-tok3n", "vendor": "s3cr3t-tok3n" * 30, "share_mode": "s3cr3t-tok3n"}])
    assert len(result["catalog_errors"]) == 2
