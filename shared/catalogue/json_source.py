"""A JSON document as a source of values, which are decoded one by one while it is read."""

import codecs
import json
import re
from typing import Any, BinaryIO, NoReturn

from shared.catalogue.json_objects import as_object

# No row is larger, in characters: it could not be stored.
LARGEST_VALUE = 2_000_000
_CHUNK = 256 * 1024
_BLANKS = re.compile(r"[ \t\n\r]*")
# Larger integers are floats, as in JavaScript. Python itself refuses those of more than 4,300 digits.
_LONGEST_INTEGER = 20


class NotJson(ValueError):
    """The document is broken. The message says how."""


def _refuse(constant: str) -> NoReturn:
    raise NotJson(f"{constant} is no JSON number")


def _integer(digits: str) -> int | float:
    return int(digits) if len(digits) <= _LONGEST_INTEGER else float(digits)


_decoder = json.JSONDecoder(object_pairs_hook=as_object, parse_int=_integer, parse_constant=_refuse)


def decode(text: str) -> Any:
    """The value of a text that is one JSON value.

    Raises:
        NotJson: when it is broken, or nested too deep.
    """
    try:
        return _decoder.decode(text)
    except RecursionError:
        raise NotJson("it is nested too deep") from None
    except json.JSONDecodeError as error:
        raise NotJson(f"{error.msg} at character {error.pos + 1}") from None


class JsonSource:
    """Reads a UTF-8 file piece by piece."""

    def __init__(self, file: BinaryIO) -> None:
        if file.read(len(codecs.BOM_UTF8)) != codecs.BOM_UTF8:
            file.seek(0)
        self._file = file
        self._decode = codecs.getincrementaldecoder("utf-8")().decode
        self._text = ""
        self._at = 0
        self._ended = False

    def peek(self) -> str:
        """The next character that is not blank; empty at the end."""
        while True:
            blanks = _BLANKS.match(self._text, self._at)
            self._at = blanks.end() if blanks else self._at
            if self._at < len(self._text) or self._ended:
                return self._text[self._at : self._at + 1]
            self._read(_CHUNK)

    def take(self) -> str:
        """The next character that is not blank. It is consumed."""
        character = self.peek()
        self._at += len(character)
        return character

    def key(self) -> str:
        """The next key of an object, with its colon.

        Raises:
            NotJson: when there is none.
        """
        held = self.value() if self.peek() == '"' else None
        if held is None or self.take() != ":":
            raise NotJson("a key and a colon are expected")
        return str(held[0])

    def value(self) -> tuple[Any] | None:
        """The next value, in a tuple. None, and nothing is consumed, if it is a large list or object.

        Raises:
            NotJson: when it is broken, nested too deep, or a text that is too large.
        """
        opening = self.peek()
        while True:
            try:
                value, end = _decoder.raw_decode(self._text, self._at)
            except RecursionError:
                raise NotJson("a value is nested too deep") from None
            except json.JSONDecodeError as error:
                reason = error.msg
            else:
                if end < len(self._text) or self._ended:  # otherwise a number might continue
                    self._at = end
                    return (value,)
                reason = "it ends too early"
            held = len(self._text) - self._at
            if held > LARGEST_VALUE and opening in ("[", "{"):
                return None
            if self._ended or held > LARGEST_VALUE:
                raise NotJson(reason if self._ended else f"a value has over {LARGEST_VALUE:,} characters")
            self._read(max(_CHUNK, held))

    def _read(self, size: int) -> None:
        # Not a TextIOWrapper, which would close a file that belongs to the caller.
        data = self._file.read(size)
        self._ended = not data
        self._text = self._text[self._at :] + self._decode(data, self._ended)
        self._at = 0
