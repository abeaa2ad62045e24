"""HTTP: products and their content."""

import asyncio
from functools import partial

import azure.durable_functions as df

from shared.composition import get_services
from shared.content.content_records import Candidate, ServedContent
from shared.content.document import build_document
from shared.content.locale_negotiation import choose_locale
from shared.domain.errors import Discontinued, NotFound
from shared.domain.ids import category_slug, is_safe_id
from shared.domain.product import Product
from shared.persistence.pages import Page
from shared.persistence.parallel import map_ordered
from shared.retailers.retailer_links import store_links
from shared.services import Services
from triggers.api.operation import Call, Reply, operation
from triggers.http.previews import preview
from triggers.http.product_quality import product_quality
from triggers.schemas.common_schemas import Scope
from triggers.schemas.product_schemas import (
    ListedProduct,
    PreviewAnswer,
    PreviewBody,
    ProductAnswer,
    ProductInShort,
    ProductListQuery,
    ProductPage,
    ProductQuery,
    QualityAnswer,
    StoreLinkAnswer,
    TriesAnswer,
    TryOfPart,
)

bp = df.Blueprint()

_MOST_DOCUMENTS = 100


@operation(
    bp,
    "GET",
    "v1/products/{product_id}",
    scope=Scope.READ,
    answers={200: ProductAnswer},
    errors=(404, 409, 410),
    cached=True,
)
def get_product(call: Call, query: ProductQuery) -> Reply:
    """A product: where it stands, the latest try of each locale, its store links, and its content document.

    With `locale` or an Accept-Language header one locale is served. `links` are made for the caller: clean
    addresses, credited to the shop by the ids in `AFFILIATE_IDS`.
    """
    services = get_services()
    product = _find(services, call.path["product_id"])
    locales, locale = services.settings.locales, None
    served = services.contents.served(product.product_id)
    accepted_languages = call.header("Accept-Language")
    if query.locale or accepted_languages:
        available = [name for name in locales if name in {item.locale for item in served.published}]
        locale = choose_locale(query.locale, accepted_languages, available)
        locales = (locale,) if locale else ()
        served = served.only(locales)
    candidates = services.contents.candidates(product.product_id)
    links = store_links(product, services.settings.affiliate_ids, query.region, query.placement)
    return Reply(
        ProductAnswer(
            **_in_short(product).model_dump(),
            locale=locale,
            tries={
                candidate.part: TryOfPart(**candidate.model_dump(include=set(TryOfPart.model_fields)))
                for candidate in candidates
            },
            prompt_tokens=_shared(served, "prompt_tokens"),
            completion_tokens=_shared(served, "completion_tokens"),
            cost=round(served.cost, 6),
            links=[StoreLinkAnswer(**vars(link)) for link in links],
            content=build_document(product, served, locales),
            unreadable=_unreadable(served, candidates),
        )
    )


@operation(
    bp,
    "GET",
    "v1/products/{product_id}/quality",
    scope=Scope.READ,
    answers={200: QualityAnswer},
    errors=(404, 409, 410),
    cached=True,
)
def get_quality(call: Call) -> Reply:
    """What the checks found in a product's texts: those that are served, and those that were rejected."""
    services = get_services()
    product = _find(services, call.path["product_id"])
    return Reply(product_quality(services, product))


@operation(
    bp,
    "GET",
    "v1/products/{product_id}/tries",
    scope=Scope.READ,
    answers={200: TriesAnswer},
    errors=(404, 409, 410),
)
def get_tries(call: Call) -> Reply:
    """Every try that was made for a product's parts, and what each came to."""
    services = get_services()
    product_id = _find(services, call.path["product_id"]).product_id
    return Reply(TriesAnswer(product_id=product_id, tries=services.contents.tries(product_id)))


@operation(bp, "GET", "v1/products", scope=Scope.READ, answers={200: ProductPage}, cached=True)
def list_products(call: Call, query: ProductListQuery) -> Reply:  # noqa: ARG001 - every handler takes its call
    """Products of a category, by id.

    For keeping a copy: `content=true` and `updated_since` the time at which the last copy began.
    """
    services = get_services()
    limit = min(query.limit, _MOST_DOCUMENTS) if query.content else query.limit
    page = services.products.page(
        category_slug(query.category), query.after, limit, query.status, query.updated_since
    )
    served = map_ordered(partial(_served, services), page) if query.content else [None] * len(page)
    listed = [_listed(services, *each) for each in zip(page, served, strict=True)]
    return Reply(ProductPage(products=listed, next_after=page.next_after, unreadable=page.unreadable))


@operation(
    bp,
    "POST",
    "v1/products/{product_id}/preview",
    scope=Scope.OPERATE,
    answers={200: PreviewAnswer},
    errors=(404, 410, 501, 503),
)
async def preview_product(call: Call, body: PreviewBody) -> Reply:
    """Generate a product's content now, by online calls, and store nothing.

    Needs `AZURE_OPENAI_ONLINE_DEPLOYMENT_NAME`: a batch deployment answers no online calls.
    """
    services = await asyncio.to_thread(get_services)
    product = await asyncio.to_thread(_find, services, call.path["product_id"])
    return Reply(await preview(services, product, body.locales))


def _find(services: Services, product_id: str) -> Product:
    claim = services.contents.claim(product_id) if is_safe_id(product_id) else None
    stored = services.products.get(claim.category, product_id) if claim else None
    if stored is None:
        raise NotFound(f"There is no product {product_id!r}.")
    if stored.product.discontinued_at:
        since = stored.product.discontinued_at
        raise Discontinued(f"Product {product_id} is discontinued since {since:%Y-%m-%d}.")
    return stored.product


def _in_short(product: Product) -> ProductInShort:
    return ProductInShort(**product.model_dump(include=set(ProductInShort.model_fields)))


def _shared(served: ServedContent, tokens: str) -> int:
    """What was served took of one kind of tokens; parts that shared a request share its tokens."""
    parts = (*served.published, *filter(None, [served.facts]))
    shares: list[float] = [getattr(part, tokens) / part.request_parts for part in parts]
    return round(sum(shares))


def _unreadable(served: ServedContent, candidates: Page[Candidate]) -> list[str]:
    return [*served.unreadable, *(row.id for row in candidates.unreadable)]


def _served(services: Services, product: Product) -> ServedContent | None:
    return None if product.discontinued_at else services.contents.served(product.product_id)


def _listed(services: Services, product: Product, served: ServedContent | None) -> ListedProduct:
    document = None if served is None else build_document(product, served, services.settings.locales)
    unreadable = [] if served is None else list(served.unreadable)
    return ListedProduct(**_in_short(product).model_dump(), content=document, unreadable=unreadable)
