"""Cleans texts of scraped pages: prose and figures remain, one line per paragraph.

Removed are markup, entities, mojibake, control, direction and invisible characters, page furniture, addresses
and prices. Letters of other scripts that stand for Latin ones become these.
Quotes, inch marks and fractions stay, because sizes are written with them. Emoji are removed because they
add no information and models copy them.
"""

import html
import re
import unicodedata
from functools import lru_cache

import ftfy
from selectolax.lexbor import LexborHTMLParser

from shared.content.bounded_patterns import compile_bounded
from shared.content.invisible_characters import INVISIBLE
from shared.content.look_alikes import with_latin_letters
from shared.content.url_finder import find_addresses

# Longer texts are cut first. Real descriptions are far shorter.
MAX_CHARACTERS = 20_000

_TAG = re.compile(r"<\s{0,3}[/!?]?\s{0,3}[a-zA-Z]")
# What is left of a tag, or becomes one when what stood between its characters is gone.
_TAG_STARTS = re.compile(r"<(?:\s?<)+")
_TAG_START = re.compile(r"<(?=\s{0,3}[/!?]?\s{0,3}[a-zA-Z]|!--|\?)")
_ENTITY = re.compile(r"&(?:#|[a-z])", re.IGNORECASE)
# Python's `html` raises an error for a number of thousands of digits. No character has more than seven.
_LONG_NUMBER = re.compile(r"&#[xX]?[0-9a-fA-F]{8,}")
# Pages escape at most twice; whoever hides markup may do it more often.
_MOST_ESCAPES = 5
_INVISIBLE = re.compile(rf"[{INVISIBLE}]")
_SPACE = re.compile(r"[^\S\n]+")
_LINES = re.compile(r" ?\n[ \n]*")
_SEPARATORS = compile_bounded(r"; ?(?:; ?)+")
_AMOUNT = r"\d(?:[\d.,]*\d)?(?:,-)?"
_PRICE = compile_bounded(
    rf"[£€$]\s?{_AMOUNT}(?:\s?[-–]\s?[£€$]?\s?{_AMOUNT})?|(?<!\d){_AMOUNT}\s?(?:[£€]|(?:EUR|GBP|USD)\b)"
)
# Unicode categories. Cc: control characters; Cf: direction marks, joiners, soft hyphens; Co: private use;
# Cs: lone surrogates.
_DROPPED_CATEGORIES = frozenset({"Cc", "Cf", "Co", "Cs"})
_SYMBOLS_KEPT = frozenset("°®™©№℃")
_EMOJI_PARTS = frozenset({"\ufe0e", "\ufe0f", "\u20e3"})

# Page furniture: texts of the page that do not describe the product. The pattern matches a whole part
# between line ends or semicolons. The first four patterns come from real rows (guides and product groups of
# a shop), the rest are the usual words on the page of any shop.
_FURNITURE = re.compile(
    r"""^(?:
        .*\bat\ a\ glance
      | (?:display|show)\ .*\bfrom\b.*
      | show\ manufacturer\ details\b.*
      | go\ to\ (?:product\ group|category|brand|cart|checkout|top)\b.*
      | (?:show|read|view|see|learn|load)\ (?:more|less|all|details)\b.{0,40}
      | (?:add|put)\ (?:it\ )?(?:to|in|into)\ (?:the\ |your\ |my\ )?(?:basket|cart|bag|wish\s?list)\b.{0,40}
      | skip\ to\ .{0,40}
      | (?:home|startseite|accueil|inicio)\ [>›/»]\ .*
      | (?:we|this\ (?:site|page))\ uses?\ cookies\b.* | (?:accept|reject)\ (?:all\ )?cookies
      | back\ to\ (?:top|overview|results)\b.{0,40}
      | (?:in\ den\ )?warenkorb(?:\ legen)?\b.{0,40} | mehr\ (?:anzeigen|erfahren|lesen) | weiterlesen
      | (?:ajouter\ au\ panier | en\ savoir\ plus | voir\ plus | a[nñ]adir\ al\ carrito
        | ver\ m[aá]s | aggiungi\ al\ carrello | mostra\ altro | leggi\ tutto
        | adicionar\ ao\ carrinho | ver\ mais)\b.{0,40}
      | (?:share|print|e-?mail)\ (?:this|page|link)\b.{0,40}
      | (?:in\ stock | out\ of\ stock | available\ immediately | free\ (?:shipping|delivery))\b.{0,60}
    )$""",
    re.IGNORECASE | re.VERBOSE,
)
_PARTS = re.compile(r"([;\n]|\s\|\s)")
_SENTENCES = re.compile(r"(?<=[.!?])\s+")
_LABEL = re.compile(r"^\s*key features:\s*", re.IGNORECASE)


@lru_cache(maxsize=512)
def clean_text(text: str) -> str:
    """`text` without everything that is not about the product. Paragraphs stay on lines of their own."""
    text = ftfy.fix_text(text[:MAX_CHARACTERS], uncurl_quotes=False)
    # Entities may hide markup (&lt;script&gt;), and markup may hide entities.
    for _ in range(_MOST_ESCAPES):
        before = text
        text = _INVISIBLE.sub(_blank_or_nothing, text)
        if _TAG.search(text):
            text = _without_markup(text)
        if _ENTITY.search(text):
            text = html.unescape(_LONG_NUMBER.sub("", text))
        if text == before:
            break
    text = unicodedata.normalize("NFC", _INVISIBLE.sub(_blank_or_nothing, text))
    text = "".join(map(_clean_character, text))
    text = _without_addresses(with_latin_letters(text))
    text = _LINES.sub("\n", _SPACE.sub(" ", text)).strip()
    text = _TAG_STARTS.sub("<", _without_furniture(text))
    return _SPACE.sub(" ", _TAG_START.sub("", text)).strip()


def _without_markup(text: str) -> str:
    tree = LexborHTMLParser(text)
    for node in tree.css("script, style, noscript, template, iframe, svg, nav, button, head"):
        node.decompose()
    body = tree.body
    return body.text(separator=" ", strip=False) if body else ""


def _clean_character(character: str) -> str:
    if character == "\n" or character.isascii():
        return character if (character >= " " and character != "\x7f") or character == "\n" else " "
    category = unicodedata.category(character)
    if character in _EMOJI_PARTS or category in _DROPPED_CATEGORIES:
        return ""
    if category == "So" and character not in _SYMBOLS_KEPT:
        return ""
    if "\U0001f3fb" <= character <= "\U0001f3ff":  # skin tones
        return ""
    return " " if category.startswith("Z") else character


def _blank_or_nothing(character: re.Match[str]) -> str:
    """Control characters and line separators stand between words, other invisible ones within them."""
    return " " if unicodedata.category(character[0]) in ("Cc", "Zl", "Zp") else ""


def _without_addresses(text: str) -> str:
    for _ in range(_MOST_ESCAPES):  # what is around an address may form another one
        spans = find_addresses(text)
        for start, end in reversed(spans):
            text = text[:start] + text[end:]
        if not spans:
            break
    return text


def _without_furniture_sentences(part: str) -> str:
    """A part without sentences that are page furniture. A breadcrumb has no end of its own: " | " ends it."""
    if _FURNITURE.match(part) and not _SENTENCES.search(part):
        return ""
    sentences = _SENTENCES.split(part)
    kept = [sentence for sentence in sentences if not _FURNITURE.match(sentence.rstrip("."))]
    return part if len(kept) == len(sentences) else " ".join(kept)


def _without_furniture(text: str) -> str:
    parts = _PARTS.split(_LABEL.sub("", text))
    kept: list[str] = []
    for part, separator in zip(parts[::2], [*parts[1::2], ""], strict=True):
        words = _without_furniture_sentences(part.strip())
        if words:
            kept.append(_PRICE.sub("", words).strip() + (separator if separator == "\n" else "; "))
    joined = "".join(kept).strip().rstrip(";").strip()
    return _SPACE.sub(" ", _SEPARATORS.sub("; ", joined.replace(";\n", "\n").replace("; \n", "\n")))
