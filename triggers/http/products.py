"""HTTP: products and their content."""

import asyncio
from functools import partial

import azure.durable_functions as df

from shared.channels.export_item import ExportItem
from shared.channels.json_ld import MEDIA_TYPE, json_ld_bytes
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
    JsonLdQuery,
    ListedProduct,
    PreviewAnswer,
    PreviewArguments,
    ProductListQuery,
    ProductPage,
    ProductQuery,
    ProductResponse,
    ProductSummary,
    QualityResponse,
    StoreLinkResponse,
    TriesResponse,
    TryOfPart,
)

bp = df.Blueprint()

_MAX_DOCUMENTS = 100


@operation(
    bp,
    "GET",
    "v1/products/{product_id}",
    scope=Scope.READ,
    responses={200: ProductResponse},
    errors=(404, 409, 410),
    cached=True,
)
def get_product(call: Call, query: ProductQuery) -> Reply:
    """Return a product: its status, the latest try of each locale, its store links and its content document.

    With `locale` or an Accept-Language header, one locale is returned. The only tracking parameters of
    `links` are the shop's own affiliate ids (`AFFILIATE_IDS`).
    """
    services = get_services()
    product = _find(services, call.path["product_id"])
    locales, locale = services.settings.locales, None
    whole = served = services.contents.served(product.product_id)
    accepted_languages = call.header("Accept-Language")
    if query.locale or accepted_languages:
        available = [name for name in locales if name in {item.locale for item in served.published}]
        locale = choose_locale(query.locale, accepted_languages, available)
        locales = (locale,) if locale else ()
        served = served.only(locales)
    candidates = services.contents.candidates(product.product_id)
    links = store_links(product, services.settings.affiliate_ids, query.region, query.placement)
    return Reply(
        ProductResponse(
            **_summary(product).model_dump(),
            locale=locale,
            tries={
                candidate.part: TryOfPart(**candidate.model_dump(include=set(TryOfPart.model_fields)))
                for candidate in candidates
            },
            prompt_tokens=_tokens_used(served, "prompt_tokens"),
            completion_tokens=_tokens_used(served, "completion_tokens"),
            cost=round(served.cost, 6),
            links=[StoreLinkResponse(**vars(link)) for link in links],
            content=build_document(product, served, locales),
            # All of them: a locale that cannot be read may be why another one is returned.
            unreadable=_unreadable(whole, candidates),
        )
    )


@operation(
    bp,
    "GET",
    "v1/products/{product_id}/quality",
    scope=Scope.READ,
    responses={200: QualityResponse},
    errors=(404, 409, 410),
    cached=True,
)
def get_quality(call: Call) -> Reply:
    """Return the findings of the quality checks in a product's published and rejected texts."""
    services = get_services()
    product = _find(services, call.path["product_id"])
    return Reply(product_quality(services, product))


@operation(
    bp,
    "GET",
    "v1/products/{product_id}/tries",
    scope=Scope.READ,
    responses={200: TriesResponse},
    errors=(404, 409, 410),
)
def get_tries(call: Call) -> Reply:
    """Return the failed tries of a product's texts and facts, and the latest stored try of each."""
    services = get_services()
    product_id = _find(services, call.path["product_id"]).product_id
    return Reply(TriesResponse(product_id=product_id, tries=services.contents.tries(product_id)))


@operation(
    bp,
    "GET",
    "v1/products/{product_id}/json-ld",
    scope=Scope.READ,
    responses={200: MEDIA_TYPE},
    errors=(404, 409, 410),
    cached=True,
)
def get_json_ld(call: Call, query: JsonLdQuery) -> Reply:
    """Return the JSON-LD of a product in one locale, to be put into a page of the shop.

    It describes a schema.org WebPage about a Product, without an offer.
    """
    services = get_services()
    product = _find(services, call.path["product_id"])
    item = ExportItem.of(product, services.contents.served(product.product_id), services.settings.locales)
    locale = choose_locale(query.locale, call.header("Accept-Language"), tuple(item.texts))
    if locale is None:
        raise NotFound(f"Product {product.product_id} has no text yet.")
    return Reply(json_ld_bytes(item, locale), media_type=MEDIA_TYPE, headers={"Content-Language": locale})


@operation(bp, "GET", "v1/products", scope=Scope.READ, responses={200: ProductPage}, cached=True)
def list_products(call: Call, query: ProductListQuery) -> Reply:  # noqa: ARG001 - every handler takes its call
    """List the products of a category, in the order of their ids.

    To keep a copy up to date, send `content=true` and, in `updated_since`, the time when the last copy began.
    """
    services = get_services()
    limit = min(query.limit, _MAX_DOCUMENTS) if query.content else query.limit
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
    responses={200: PreviewAnswer},
    errors=(404, 410, 501, 503),
)
async def preview_product(call: Call, arguments: PreviewArguments) -> Reply:
    """Generate a product's content now with online calls, and store nothing.

    Needs `AZURE_OPENAI_ONLINE_DEPLOYMENT_NAME`, because a batch deployment accepts no online calls.
    """
    services = await asyncio.to_thread(get_services)
    product = await asyncio.to_thread(_find, services, call.path["product_id"])
    return Reply(await preview(services, product, arguments.locales))


def _find(services: Services, product_id: str) -> Product:
    claim = services.contents.claim(product_id) if is_safe_id(product_id) else None
    stored = services.products.get(claim.category, product_id) if claim else None
    if stored is None:
        raise NotFound(f"There is no product {product_id!r}.")
    if stored.product.discontinued_at:
        since = stored.product.discontinued_at
        raise Discontinued(f"Product {product_id} has been discontinued since {since:%Y-%m-%d}.")
    return stored.product


def _summary(product: Product) -> ProductSummary:
    return ProductSummary(**product.model_dump(include=set(ProductSummary.model_fields)))


def _tokens_used(served: ServedContent, tokens: str) -> int:
    """Return how many tokens the served parts used; parts of one request share its tokens equally.

    `tokens` is `prompt_tokens` or `completion_tokens`.
    """
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
    return ListedProduct(**_summary(product).model_dump(), content=document, unreadable=unreadable)
