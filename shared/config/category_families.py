"""The shop's own mapping of categories to instrument families: the setting `CATEGORY_FAMILIES`."""

from shared.content.families import Family
from shared.domain.ids import category_slug


def read_category_families(text: str) -> dict[str, Family]:
    """Pairs such as `Tasten=piano,Licht=other`, by slug or name of the category.

    Raises:
        ValueError: a pair is incomplete, or names no family.
    """
    families: dict[str, Family] = {}
    for pair in filter(None, (part.strip() for part in text.split(","))):
        category, sign, family = (part.strip() for part in pair.rpartition("="))
        if not (category and sign and family):
            raise ValueError(f"{pair!r} must be a pair such as Tasten=piano; a name with a comma as its slug")
        if family not in list(Family):
            raise ValueError(f"{family!r} is no family; the families are {', '.join(Family)}")
        families[category_slug(category)] = Family(family)
    return families
