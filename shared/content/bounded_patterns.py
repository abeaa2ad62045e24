"""Regular expressions whose time grows in proportion to the text, for texts that others write.

Python's engine tries a pattern at every position. `\\d+x` reads all digits from each of them, so 20,000
digits take 200 million steps. With a bound on each repetition a position takes a constant number of steps.
"""

import re

# More than the repetitions of anything that a rule looks for: a word, a number, blanks between two words.
MOST_REPETITIONS = 100

_PIECE = re.compile(r"\\.|\[\^?(?:\\.|[^\]\\]){0,900}\]|\{(?P<least>\d{1,4}),\}|(?P<any>[+*])|.", re.DOTALL)


def compile_bounded(pattern: str, flags: int = 0) -> re.Pattern[str]:
    """The compiled pattern, with at most `MOST_REPETITIONS` of whatever it repeats without a bound.

    The pattern must not be verbose: `+` and `*` in its comments would be changed too.
    """
    return re.compile(bounded(pattern), flags)


def bounded(pattern: str) -> str:
    """`pattern` with a bound on each repetition that has none. Possessive repetitions are not supported."""
    return _PIECE.sub(_with_bound, pattern)


def _with_bound(piece: re.Match[str]) -> str:
    if piece["any"]:
        return f"{{{int(piece['any'] == '+')},{MOST_REPETITIONS}}}"
    if piece["least"]:
        return f"{{{piece['least']},{max(MOST_REPETITIONS, int(piece['least']))}}}"
    return piece[0]
