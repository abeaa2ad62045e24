"""HTTP: products and their content."""

import asyncio

import azure.durable_functions as df

from shared.clock import utcnow
from shared.content.document import assemble
from shared.errors import Discontinued, NotFound
from shared.models.ids import category_slug, is_safe_id, slugify
from shared.models.product import Product
from shared.models.run import Requeueing
from shared.services import Services, get_services
from triggers.contract.products import (
    PreviewAnswer,
    PreviewBody,
    ProductAnswer,
    ProductInShort,
    ProductListQuery,
    ProductPage,
    RegenerateAccepted,
    RegenerateBody,
    RequeueingAnswer,
    TryOfLocale,
)
from triggers.keys import Scope
from triggers.operations import Call, Reply, accepted, operation
from triggers.previews import preview
from triggers.starts import categories_of, known_categories, new_id, start_requeueing

bp = df.Blueprint()


@operation(
    bp, "GET", "v1/products/{product_id}", scope=Scope.READ, answers={200: ProductAnswer}, errors=(404, 410)
)
def get_product(call: Call) -> Reply:
    """A product: where it stands, the latest try of each locale, and its content document."""
    services = get_services()
    product = _find(services, call.path["product_id"])
    published = services.contents.published(product.product_id)
    return Reply(
        ProductAnswer(
            **_in_short(product).model_dump(),
            locales={
                candidate.locale: TryOfLocale(**candidate.model_dump(exclude={"locale"}))
                for candidate in services.contents.candidates(product.product_id)
            },
            content=assemble(product, published, services.settings.locales),
        )
    )


@operation(bp, "GET", "v1/products", scope=Scope.READ, answers={200: ProductPage})
def list_products(call: Call, query: ProductListQuery) -> Reply:  # noqa: ARG001 - every handler takes its call
    """Products of a category, by id."""
    category = category_slug(query.category)
    page = get_services().products.page(category, query.after, query.limit, query.status)
    following = page[-1].product_id if len(page) == query.limit else None
    return Reply(ProductPage(products=[_in_short(product) for product in page], next_after=following))


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


@operation(
    bp,
    "POST",
    "v1/products/regenerate",
    scope=Scope.OPERATE,
    answers={202: RegenerateAccepted},
    errors=(404,),
    starts=True,
)
async def regenerate(call: Call, body: RegenerateBody) -> Reply:
    """Make products wait to be written anew; the next run takes them.

    What is published stays until something better is stored.
    """
    services = await asyncio.to_thread(get_services)
    requeueing = await asyncio.to_thread(_create_requeueing, services, body)
    await start_requeueing(call.client, requeueing.requeueing_id)
    location = f"/api/v1/requeueings/{requeueing.requeueing_id}"
    return accepted(RegenerateAccepted(requeueing=requeueing, location=location), location)


@operation(
    bp,
    "GET",
    "v1/requeueings/{requeueing_id}",
    scope=Scope.READ,
    answers={200: RequeueingAnswer},
    errors=(404,),
)
def get_requeueing(call: Call) -> Reply:
    """How far a regeneration has come in making products wait."""
    return Reply(RequeueingAnswer(requeueing=get_services().requeueings.get(call.path["requeueing_id"])))


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


def _create_requeueing(services: Services, body: RegenerateBody) -> Requeueing:
    categories = known_categories(services, body.categories)
    if body.product_ids:
        living = categories_of(services, body.product_ids)
        categories = [slug for slug in living if slug in categories] if categories else living
    requeueing = Requeueing(
        requeueing_id=new_id(),
        product_ids=list(dict.fromkeys(body.product_ids)),
        categories=categories,
        brand=slugify(body.brand) if body.brand else None,
        locales=list(body.locales),
        prompt_version=body.prompt_version,
        model=body.model,
        outcome=body.outcome,
        created_at=utcnow(),
    )
    services.requeueings.create(requeueing)
    return requeueing
