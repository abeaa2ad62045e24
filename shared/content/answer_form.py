"""The form of an answer: what the model fills for one locale, and how it becomes stored content.

The form is flat and has only the parts of the plan, because names, brackets and empty fields cost tokens in
every answer. It is a pydantic model made from the plan: the response schema, the validation of answers and
the worst case are read from it.
"""

from functools import lru_cache, partial
from typing import Annotated, Any

from pydantic import BeforeValidator, ConfigDict, Field, StringConstraints, create_model

from shared.content.content_parts import HARD_LIMITS, PARTS_BY_NAME, Part, Range, Shape
from shared.content.sections import BasicInfo, LocaleContent
from shared.content.text_types import Section
from shared.domain.content_plan import ContentPlan, Depth

# The most characters per word, space included: German and Italian texts have 7 on average. Phrases are short,
# and one long compound weighs more in them.
_CHARACTERS_PER_WORD = 9
_CHARACTERS_PER_WORD_OF_A_PHRASE = 12
_SHORTEST_TEXT = 20


class AnswerObject(Section):
    """An object of the answer. It allows no other fields."""

    model_config = ConfigDict(extra="forbid", frozen=True)


def _line(words: Range) -> Any:
    return Annotated[str, _string(2, words[1] * _CHARACTERS_PER_WORD_OF_A_PHRASE), _described("", words)]


def _paragraph(words: Range, about: str = "") -> Any:
    return Annotated[str, _string(_SHORTEST_TEXT, words[1] * _CHARACTERS_PER_WORD), _described(about, words)]


def _string(shortest: int, longest: int) -> StringConstraints:
    return StringConstraints(strip_whitespace=True, min_length=shortest, max_length=longest)


def _described(about: str, words: Range) -> Any:
    return Field(description=_joined(about, f"{_range(words)} words"))


def _joined(*parts: str) -> str:
    return ", ".join(filter(None, parts))


def _range(bounds: Range) -> str:
    return str(bounds[0]) if bounds[0] == bounds[1] else f"{bounds[0]}-{bounds[1]}"


# The objects of lists: the words of each text.
_ITEM_WORDS: dict[Shape, dict[str, Range]] = {
    Shape.REASONS: {"title": (2, 6), "description": (10, 20)},
    Shape.AUDIENCES: {"user_type": (1, 6), "reason": (8, 16)},
    Shape.QUESTIONS: {"question": (5, 14), "answer": (8, 30)},
}


def _item(name: str, shape: Shape) -> type[AnswerObject]:
    (line, line_words), (paragraph, paragraph_words) = _ITEM_WORDS[shape].items()
    fields: dict[str, Any] = {line: (_line(line_words), ...), paragraph: (_paragraph(paragraph_words), ...)}
    return create_model(name, __base__=AnswerObject, **fields)


_ITEMS = {shape: _item(shape.name.capitalize()[:-1], shape) for shape in _ITEM_WORDS}


def locale_form(plan: ContentPlan) -> type[AnswerObject]:
    """The model of what is asked for one locale. Its fields are the parts of the plan."""
    return _locale_form(plan.depth, plan.parts)


@lru_cache(maxsize=512)
def _locale_form(depth: Depth, parts: tuple[str, ...]) -> type[AnswerObject]:
    fields: dict[str, Any] = {name: (_type_of(PARTS_BY_NAME[name], depth), ...) for name in parts}
    return create_model("Texts", __base__=AnswerObject, **fields)


def _type_of(part: Part, depth: Depth) -> Any:
    size = part.sizes[depth]
    if part.shape is Shape.SEARCH_TEXT:
        described = Field(description=_joined(part.about, f"at most {size[1]} characters"))
        return Annotated[str, _string(2, HARD_LIMITS[size[1]]), described]
    if part.shape is Shape.TEXT:
        text = _paragraph(size, part.about)
        return text if part.required else text | None
    items = part.items[depth]
    description = _joined(part.about, f"{_range(items)} items")
    item: Any = _ITEMS.get(part.shape)
    if item is None:
        description += f" of {_range(size)} words"
        item = Annotated[str, _string(2, size[1] * _CHARACTERS_PER_WORD_OF_A_PHRASE)]
    fewest = 1 if part.required else 0
    bounds = Field(min_length=fewest, max_length=items[1], description=description)
    # The items after those that were asked for are left out: too many are no reason to pay for a text again.
    return Annotated[list[item], bounds, BeforeValidator(partial(_first_items, count=items[1]))]


def _first_items(value: Any, count: int) -> Any:
    return value[:count] if isinstance(value, list) else value


@lru_cache(maxsize=512)
def words_asked(plan: ContentPlan | None) -> dict[str, Range]:
    """The words that are asked for, by the path of the stored field, without indices.

    Without a plan the ranges are those of all depths together.
    """
    names = PARTS_BY_NAME if plan is None else plan.parts
    asked: dict[str, Range] = {}
    for part in (PARTS_BY_NAME[name] for name in names):
        sizes = list(part.sizes.values()) if plan is None else [part.sizes[plan.depth]]
        path = ".".join(part.path)
        if part.shape in (Shape.TEXT, Shape.PHRASES):
            asked[path] = (min(low for low, _ in sizes), max(high for _, high in sizes))
        for key, words in _ITEM_WORDS.get(part.shape, {}).items():
            asked[f"{path}.{key}"] = words
    return asked


def stored_content(plan: ContentPlan, answer: dict[str, Any]) -> LocaleContent:
    """Validate what the model filled for one locale, and put each part where it is stored.

    Raises:
        pydantic.ValidationError: it names the fields of the answer that are not as asked.
    """
    filled = locale_form(plan).model_validate(answer).model_dump()
    stored: dict[str, Any] = {}
    for name, value in filled.items():
        if value is None:
            continue
        *sections, key = PARTS_BY_NAME[name].path
        section = stored
        for each in sections:
            section = section.setdefault(each, {})
        section[key] = value
    return LocaleContent.model_validate(stored)


class _EarlierBasicInfo(BasicInfo):
    overview: str = Field(min_length=_SHORTEST_TEXT)


class _EarlierContent(LocaleContent):
    basic_info: _EarlierBasicInfo


def earlier_content(answer: Any) -> LocaleContent:
    """The content of an answer to a request of an earlier version, which has the sections of stored content.

    Raises:
        pydantic.ValidationError: it names the fields that are not texts, or that there is no overview.
    """
    return LocaleContent.model_validate(_EarlierContent.model_validate(answer).model_dump())
