# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A secret is found in every spelling and at every cut, and nothing else is masked."""

from __future__ import annotations

import base64
import html
import json
import time
import urllib.parse

import pytest
from ansible_collections.zstack.aios.plugins.module_utils._protocol.escapes import base64_cores
from ansible_collections.zstack.aios.plugins.module_utils._protocol.masking import MASK, Masker, current, masking
from ansible_collections.zstack.aios.plugins.module_utils._protocol.text import brief, outside, quoted
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

SECRET = "s3cr3tKeyForTestVectors0123456789abcdefG"
SIGNATURE = "TEtRp/8SHA9iV0YQb7PaQXwOaXI="


def java(text: str) -> str:
    """JSON as the server writes it (REST protocol page, section 1)."""
    escaped = json.dumps(text)[1:-1]
    for character in "<>&='":
        escaped = escaped.replace(character, "\\u%04x" % ord(character))
    return escaped


SPELLINGS = {
    "plain": lambda text: text,
    "json": lambda text: json.dumps(text)[1:-1],
    "json, not ascii": lambda text: json.dumps(text, ensure_ascii=False)[1:-1],
    "json of the server": java,
    "json with slashes": lambda text: json.dumps(text)[1:-1].replace("/", "\\/"),
    "json in json": lambda text: json.dumps(json.dumps(text)[1:-1])[1:-1],
    "python": lambda text: repr(text)[1:-1],
    "python, ascii": lambda text: ascii(text)[1:-1],
    "html": html.escape,
    "html numbers": lambda text: "".join("&#%d;" % ord(character) for character in text),
    "html hex": lambda text: "".join("&#x%X;" % ord(character) for character in text),
    "url": lambda text: urllib.parse.quote(text, safe=""),
    "url form": urllib.parse.quote_plus,
    "url, all in lower case": lambda text: "".join("%%%02x" % byte for byte in text.encode("utf-8")),
    "json in a url": lambda text: urllib.parse.quote(json.dumps(text)[1:-1]),
}
LETTERS = st.sampled_from("abcdefgXYZ0189 !\"#$%&'()*+,-/:;<=>?@[\\]^_`{|}~äé中😀\n\t")
SECRETS = st.text(LETTERS, min_size=8, max_size=30)
SPELL = st.sampled_from(list(SPELLINGS.values()))


@settings(max_examples=400)
@given(SPELL, SECRETS, st.sampled_from(["", "see ", "\"", "a=", "("]), st.sampled_from(["", " end", "\"", "...", ")"]))
def test_a_whole_secret(spell, secret, before, after):
    text = before + spell(secret) + after
    # A secret that repeats itself may begin earlier.
    assume(secret not in before + secret[:-1] and secret not in secret[1:] + after)
    assert Masker([secret]).data(text) == before + MASK + after


@settings(max_examples=400)
@given(SPELL, SECRETS, st.data())
def test_a_secret_that_is_cut_off_anywhere(spell, secret, data):
    text = "see " + spell(secret) + " end"
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, len(text)))
    masker = Masker([secret])
    for piece in (text[:end], text[start:], text[start:end], text[:end] + "\u2026", "x \u2026" + text[start:]):
        assert not leaked(spell, secret, masker.data(piece)), piece


@example("\\\\bfäRn-u?2lU{", 0)
@example("ab\\u00e9cdefghijk", 3)
@given(st.text(LETTERS, min_size=12, max_size=30), st.integers(0, 40))
def test_an_escape_that_is_torn(secret, cut):
    for spell in (java, SPELLINGS["html"], SPELLINGS["url"]):
        text = spell(secret)
        for piece in (text[:cut], text[cut:]):
            assert not leaked(spell, secret, Masker([secret]).data(piece)), piece


def leaked(spell, secret, text):
    """Return the parts of eight characters that are still there."""
    return [place for place in range(len(secret) - 7) if spell(secret[place:place + 8]) in text]


@given(SECRETS, st.binary(max_size=7), st.binary(max_size=7), st.data())
def test_base64(secret, before, after, data):
    raw = before + secret.encode("utf-8") + after
    for encode in (base64.b64encode, base64.urlsafe_b64encode):
        text = encode(raw).decode("ascii")
        assert MASK in Masker([secret]).data("Basic " + text)
        cut = data.draw(st.integers(0, len(text)))
        for piece in (text, text[:cut], text[cut:]):
            shown = Masker([secret]).data(piece)
            assert not [core for core in base64_cores(secret) for place in range(len(core) - 7) if core[place:place + 8] in shown]


@given(st.lists(SECRETS, min_size=1, max_size=3), st.text(LETTERS, max_size=60))
def test_what_is_no_secret_stays(secrets, text):
    parts = [secret[place:place + 8] for secret in secrets for place in range(len(secret) - 7)]
    assume(not any(part in text for part in parts) and "%" not in text and "\\" not in text and "&" not in text and "+" not in text)
    assume("//" not in text and "?" not in text and "#" not in text and ";" not in text)
    masker = Masker(secrets)
    assert masker.data(text) == text and masker.search([text]) is None


@given(st.lists(SECRETS, min_size=1, max_size=3), st.lists(st.text(LETTERS, max_size=20), max_size=3), st.data())
def test_the_search_misses_nothing(secrets, texts, data):
    secret = data.draw(st.sampled_from(secrets))
    spell = data.draw(st.sampled_from(list(SPELLINGS.values())))
    text = spell(secret)
    start = data.draw(st.integers(0, len(text)))
    texts = [*texts, text[start:data.draw(st.integers(start, len(text)))], data.draw(st.sampled_from(["", text]))]
    masker = Masker(secrets)
    needles = masker.search(texts)
    assert [masker.data(text) for text in texts] == (texts if needles is None else [masker.data(text, needles) for text in texts])


def test_many_secrets_at_once():
    secrets = ["token-%03d-of-many" % number for number in range(300)]
    masker = Masker(secrets)
    assert masker.data("a token-007-of-many b token-299-of-ma") == "a ******** b ********"
    assert "token-123-of-many" in masker.search(["x token-123-of-many"])
    assert masker.search(["nothing"]) is None


@pytest.mark.parametrize("text", [
    "f" * 32, "F" * 32, "ffffffff-ffff-ffff-ffff-ffffffffffff"])
def test_a_session_is_known_in_every_form(text):
    assert Masker(["f" * 32]).data("x %s y" % text) == "x ******** y"


@pytest.mark.parametrize(("text", "shown"), [
    ("https://user:pa@ss@host/x", "https://********@host/x"),
    ("git clone https://ghp_token@github.com/a/b", "git clone https://********@github.com/a/b"),
    ("\"https:\\/\\/user:pw@host\"", "\"https:\\/\\/********@host\""),
    ("//user:pw@host", "//********@host"),
    ("https%3A%2F%2Fuser%3Apw%40host", "https%3A%2F%2F********%40host"),
    ("ssh://git@host/a", "ssh://git@host/a"), ("user@example.com", "user@example.com"), ("https://medium.com/@user", "https://medium.com/@user"),
    ("registry/vllm:v1@sha256:0123", "registry/vllm:v1@sha256:0123"),
    ("http://h/m?token=abc&x=1", "http://h/m?token=********&x=1"),
    ("http://h/m?x=1&amp;access_token=abc", "http://h/m?x=1&amp;access_token=********"),
    ("http://h/m?x\\u003d1\\u0026sig\\u003dabc", "http://h/m?x\\u003d1\\u0026sig\\u003d********"),
    ("s3://b/k?X-Amz-Credential=a%2Fb&X-Amz-Signature=c&X-Amz-Date=d", "s3://b/k?X-Amz-Credential=********&X-Amz-Signature=********&X-Amz-Date=d"),
    ("http://h/#access_token=abc", "http://h/#access_token=********"),
    ("u?q=http%3A%2F%2Fh%3Ftoken%3Dabc%26y%3D1", "u?q=http%3A%2F%2Fh%3Ftoken%3D********%26y%3D1"),
    ("http://h/m?monkey=abc&author=x&sort=key", "http://h/m?monkey=abc&author=x&sort=key"),
])
def test_credentials_in_urls(text, shown):
    masker = Masker()
    assert masker.data(text) == masker.composed(text) == masker.outside(text) == shown
    assert masker.data(shown) == shown
    assert (masker.search(["x", text]) is None) == (text == shown)


@pytest.mark.parametrize(("text", "shown"), [
    ("Authorization: OAuth " + "0" * 32, "Authorization: ********"),
    ("Authorization: ZStack AKID:%s end" % SIGNATURE, "Authorization: ******** end"),
    ("got 'ZStack AKID:%s'" % SIGNATURE, "got 'ZStack ********'"),
    ("Bearer abcdefghijklmnopqrstuvwxyz", "Bearer ********"),
    ("accessKey format is 'ZStack AccessKeyId:Signature'", "accessKey format is 'ZStack AccessKeyId:Signature'"),
    ("missing header 'Authorization'", "missing header 'Authorization'"),
])
def test_signed_headers_that_a_server_repeats(text, shown):
    assert Masker().outside(text) == shown


def test_signatures_are_masked_while_they_are_of_use():
    masker = Masker()
    masker.add_signature(SIGNATURE)
    for spell in SPELLINGS.values():
        assert MASK in masker.outside("the signature %s is wrong" % spell(SIGNATURE))
    for number in range(100):
        masker.add_signature("%027d=" % number)
    assert masker.outside(SIGNATURE) == SIGNATURE


@pytest.mark.parametrize("weak", ["1", "e", "update", "true", "ok", "models"])
def test_a_short_secret_is_a_word_of_an_outside_text_and_nothing_else(weak):
    masker = Masker([weak])
    text = "update 1 of 11 models: e is true, updated ok. SYS.1001 _e_"
    assert masker.data(text) == masker.composed(text) == text and masker.search([text]) is None
    assert masker.outside("no %s here, %sx %s" % (weak, weak, weak)) == "no ******** here, %sx ********" % weak


@pytest.mark.parametrize("word", ["password", "account_password", "UpdateModel", "description"])
def test_our_own_words_stay(word):
    masker = Masker([word])
    assert masker.composed("Check account_password: the description of UpdateModel, a password.") == (
        "Check account_password: the description of UpdateModel, a password.")
    assert masker.data("the %s of x" % word) == "the ******** of x"
    assert masker.composed("xx%sxx" % word) == "xx********xx"


def test_texts_from_outside_are_masked_before_they_are_cut():
    with masking(Masker([SECRET])):
        assert brief("x" * 50 + SECRET) == "'%s********'" % ("x" * 50)
        assert SECRET[:8] not in brief("x" * 55 + SECRET + "y" * 100)
        assert quoted(SECRET) == "'********'"
        assert outside("\x1b[31m%s\u202e" % SECRET) == "\\x1b[31m********\\u202e"
    assert quoted(SECRET) == repr(SECRET) and current().data(SECRET) == SECRET


@pytest.mark.parametrize("text", [
    "lorem ipsum dolor ", "%41",
    "\\n\\u0041", "&lt;a&gt;", "...", "?", "/", "//a@", "password", "?token=", "token", "%", "&", "\\", "a@", "s3cr3tKe", "?" + "a" * 64])
def test_time_is_linear(text):
    masker = Masker([SECRET, "correct horse battery", "b109f3bb" * 16, "password"])

    def seconds(size):
        start = time.process_time()
        masker.outside(text * (size // len(text)))
        return time.process_time() - start

    # Quadratic time would take sixteen times as long, in each round. The garbage collector may run in one of them.
    assert any(seconds(400_000) < 8 * seconds(100_000) + 0.3 for _unused in range(4))


@pytest.mark.parametrize("spelling", [
    lambda text: text.encode().hex(), lambda text: text.encode().hex().upper(), lambda text: repr(text.encode()),
    lambda text: "env: ['A:%s']" % text.replace("'", "''"), lambda text: repr(json.dumps(json.dumps(text))),
], ids=["hexadecimal", "HEXADECIMAL", "bytes", "YAML", "three levels"])
def test_rare_spellings_of_a_text_from_outside(spelling):
    secret = "p'a\"ss\\wörd-€-1"
    shown = Masker([secret]).outside("before %s after" % spelling(secret))
    assert shown.startswith("before ") and shown.endswith(" after") and MASK in shown
    assert not [part for part in ("wörd", "w\\", "72642d", "72642D") if part in shown], shown


def test_bytes_that_are_no_utf8_are_characters():
    secret = "caf\u00e9-\u00ff-secret"
    assert Masker([secret]).outside(r"'caf\xe9-\xff-secret'") == "'%s'" % MASK
