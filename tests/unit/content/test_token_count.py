"""Tokens are counted with OpenAI's own vocabulary, and nothing is downloaded."""

import hashlib
import inspect
import socket

import pytest
from tiktoken_ext import openai_public

from shared.content.token_count import count_tokens, encoding, vocabulary


def test_the_vocabulary_is_the_file_that_tiktoken_expects() -> None:
    assert hashlib.sha256(vocabulary()).hexdigest() in inspect.getsource(openai_public.o200k_base)


def test_the_pieces_are_those_of_tiktoken(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(openai_public, "load_tiktoken_bpe", lambda *_, **__: {})
    assert encoding()._pat_str == openai_public.o200k_base()["pat_str"]


@pytest.mark.parametrize(
    ("text", "tokens"),
    [("", 0), ("hello world", 2), ("Erle-Korpus, 24,75 Zoll", 10), ("漢" * 100, 100), ("<|im_start|>", 6)],
)
def test_counts_of_known_texts(text: str, tokens: int, monkeypatch: pytest.MonkeyPatch) -> None:
    encoding.cache_clear()
    monkeypatch.setattr(socket, "socket", None)  # a download would fail
    assert count_tokens(text) == tokens
