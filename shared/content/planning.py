"""Plans the texts of a product from its record: what the record cannot carry is not asked for.

A plan is a pure function of the record. It is made before a request is built, and stored in the manifest.
"""

from collections.abc import Mapping

from shared.content.content_parts import Part, parts_of_family
from shared.content.evidence import Evidence, read_evidence
from shared.content.families import Family, family_of_product
from shared.domain.content_plan import ContentPlan, Depth
from shared.domain.product import ProductRecord

# The fewest facts of each depth. Four of five real records have five facts; rich ones have ten and more.
_FEWEST_FACTS = {Depth.FULL: 9, Depth.STANDARD: 4, Depth.SHORT: 2, Depth.MINIMAL: 0}
# Families without a sound of their own: stands, cables, lamps.
_SILENT = frozenset({Family.OTHER})


def plan_content(product: ProductRecord, families: Mapping[str, Family] | None = None) -> ContentPlan:
    """What is asked for a product in each locale. `families` is the shop's own mapping of its categories."""
    return plan_for(read_evidence(product), family_of_product(product, families or {}))


def plan_for(evidence: Evidence, family: Family) -> ContentPlan:
    """The plan that some evidence makes possible."""
    count = len(evidence.facts)
    depth = next(depth for depth, fewest in _FEWEST_FACTS.items() if count >= fewest)
    parts = [part for part in parts_of_family(family) if _is_asked(part, depth, family, evidence)]
    return ContentPlan(depth=depth, family=family, facts=count, parts=tuple(part.name for part in parts))


def fullest_plan(family: Family) -> ContentPlan:
    """The plan of a record with every kind of fact: no product of the family is asked for more."""
    parts = tuple(part.name for part in parts_of_family(family) if Depth.FULL in part.sizes)
    return ContentPlan(depth=Depth.FULL, family=family, facts=_FEWEST_FACTS[Depth.FULL], parts=parts)


def _is_asked(part: Part, depth: Depth, family: Family, evidence: Evidence) -> bool:
    if depth not in part.sizes or (part.for_instruments and family in _SILENT):
        return False
    if part.name == "tonal_profile" and not family.sounds:
        return False
    if depth == Depth.FULL and part.is_about_sound:
        return True
    return part.kinds is None or bool(part.kinds & evidence.kinds)
