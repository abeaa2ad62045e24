"""Identifiers: safe in URLs, table keys and blob names by construction.

Table keys must not contain ``/ \\ # ?`` or control characters (learn.microsoft.com, "Understanding the Table
service data model"), and `~` starts the app's marker rows. So an id contains only ASCII letters, digits, `.`,
`_` and `-`.
"""

import hashlib
import re
import unicodedata
from datetime import UTC, datetime

_SAFE_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")
_EXCEL_TEXT = re.compile(r'="([^"]*)"')
_END_OF_TIME_MS = int(datetime(9999, 12, 31, tzinfo=UTC).timestamp() * 1000)

_NAME_HASH = re.compile(r"-[0-9a-f]{10}\Z")

# Unicode names of Latin letters, and of apostrophes that count as letters.
_LATIN = re.compile(r"LATIN |MODIFIER LETTER ")

UNCATEGORISED = "uncategorised"


def slugify(text: str) -> str:
    """Lower-case ASCII words joined by `-`; empty if no character of `text` can be kept."""
    plain = unicodedata.normalize("NFKD", text.replace("ß", "ss").replace("ø", "o").replace("Ø", "O"))
    return re.sub(r"[^a-z0-9]+", "-", plain.encode("ascii", "ignore").decode().lower()).strip("-")


# Format characters (Cf), surrogates (Cs), variation selectors, joiners and fillers: all invisible.
_FILLERS = "\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u3164\ufe00-\ufe0f\uffa0\U000e0000-\U000e0fff"
_UNSEEN = re.compile(f"[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f{_FILLERS}]")


def without_invisible(text: str) -> str:
    """`text` without invisible characters. Blanks and line breaks stay."""
    if text.isascii():
        return _UNSEEN.sub("", text)
    seen = "".join(c for c in text if unicodedata.category(c) not in ("Cf", "Cs"))
    return _UNSEEN.sub("", seen)


def normal_sku(text: str) -> str:
    """The SKU that a text means: the same article has the same SKU, however the text was typed.

    Invisible characters are removed, blanks inside become one space, and `="00123"`, as Excel writes numbers
    that are text, is `00123`. The Unicode form is NFC, so composed and decomposed letters are the same. NFC
    and not NFKC, because `²` and `2` may name two articles. Case matters: `ab-1` and `AB-1` are two SKUs.
    """
    formula = _EXCEL_TEXT.fullmatch(text.strip())
    plain = unicodedata.normalize("NFC", without_invisible(formula[1] if formula else text))
    return re.sub(r"\s+", " ", plain).strip()


def product_id_for(sku: str) -> str:
    """The product id of a SKU (see `normal_sku`): the SKU if it is a safe id, else a slug with a hash."""
    if _SAFE_ID.fullmatch(sku):
        return sku
    return f"{slugify(sku)[:60] or 'sku'}-{short_hash(sku)}"


def category_slug(name: str) -> str:
    """The slug of a category name: `UNCATEGORISED` for a blank one."""
    return _name_slug(name, "category") or UNCATEGORISED


def brand_slug(name: str) -> str:
    """The slug of a brand name; empty for a blank one."""
    return _name_slug(unicodedata.normalize("NFKC", name).casefold(), "brand", longest=None)


def has_name_hash(slug: str) -> bool:
    """Whether a brand's slug may end with a hash, as those of names in other scripts do."""
    return _NAME_HASH.search(slug) is not None


def is_blank(text: str) -> bool:
    """Whether `text` has nothing to see: only spaces, control characters and invisible ones."""
    return all(character.isspace() or unicodedata.category(character)[0] == "C" for character in text)


def _name_slug(name: str, kind: str, longest: int | None = 80) -> str:
    """`slugify`, with a hash of the name where that would lose letters or digits: `roland-1a2b3c4d5e`.

    Names in other scripts would all have an empty slug without it, and names in two scripts would have the
    slug of their Latin part. A name without any Latin letter or digit becomes `<kind>-<hash>`.
    """
    name = " ".join(unicodedata.normalize("NFC", name).split())
    if is_blank(name):
        return ""
    latin = slugify(name)[:longest]
    if not latin:
        return f"{kind}-{short_hash(name)}"
    return f"{latin}-{short_hash(name)}" if _loses_letters(name) else latin


def _loses_letters(name: str) -> bool:
    """Whether `slugify` drops letters or digits of another script. Latin letters that it drops do not count:
    stored slugs of Latin names stay as they are."""
    return any(
        not character.isascii() and character.isalnum() and not _LATIN.match(unicodedata.name(character, ""))
        for character in unicodedata.normalize("NFKD", name)
    )


def is_safe_id(text: str) -> bool:
    """Whether `text` can be an id of this app. Nothing is stored under any other text."""
    return _SAFE_ID.fullmatch(text) is not None


def newest_first_id(at: datetime, seed: str) -> str:
    """An id that sorts newest first: milliseconds from `at` to the end of 9999, then a hash of `seed`.

    The same time and seed give the same id, so creating a record is idempotent.
    """
    return f"{_END_OF_TIME_MS - int(at.timestamp() * 1000):015d}-{short_hash(seed)}"


def short_hash(text: str) -> str:
    """The first ten hex digits of the SHA-256 hash."""
    return hashlib.sha256(text.encode()).hexdigest()[:10]
