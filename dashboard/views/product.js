// The page of a product: its catalogue record, texts, tries and store links.

import { call } from "../scripts/api.js";
import { button, h, morph, section } from "../scripts/dom.js";
import { watch } from "../scripts/live.js";
import { badge, moment, money } from "../scripts/format.js";
import { heading } from "./content.js";
import { links } from "./links.js";
import { texts } from "./texts.js";
import { tries } from "./tries.js";

const POLL_MS = 2000;
const RECORD = [
  "sku",
  "brand",
  "category",
  "msrp_price",
  "currency",
  "description",
  "url_source",
  "image_uri",
];

export function openProduct(main, id, caller) {
  const state = {
    id,
    product: null,
    quality: null,
    tries: null,
    region: "",
    links: null,
    left: "",
    right: "",
    changes: false,
  };
  const path = `products/${encodeURIComponent(id)}`;
  const operates = caller.scope === "operate";
  let stopped = false;
  document.title = `${id} – Instrument content`;

  function show() {
    if (stopped || !state.product) return;
    const next = main.cloneNode(false);
    next.append(
      head(state.product, operates),
      h("div", { class: "product" }, record(state.product), texts(state), tries(state), links(state)),
    );
    morph(main, next);
  }

  async function load(product) {
    state.product = product;
    show();
    const region = state.region ? `?region=${state.region}` : "";
    const [quality, past, linked] = await Promise.all([
      call("GET", `${path}/quality`),
      call("GET", `${path}/tries`),
      call("GET", `${path}${region}`),
    ]);
    Object.assign(state, { quality, tries: past.tries, links: linked.links });
    show();
  }

  main.replaceChildren(h("p", { class: "quiet" }, "Loading …"));
  call("GET", path).catch(
    (error) =>
      stopped ||
      main.replaceChildren(
        h("h1", {}, id),
        h("p", { class: "problem" }, error.message),
        h("p", {}, h("a", { href: "#/products" }, "All products")),
      ),
  );
  const watched = watch(path, POLL_MS, load);
  const choose = async ({ target }) => {
    const name = target.dataset.choice;
    if (!name) return;
    state[name] = target.type === "checkbox" ? target.checked : target.value;
    if (name === "region") await load(state.product);
    else show();
  };
  main.addEventListener("change", choose);
  return () => {
    stopped = true;
    watched.stop();
    main.removeEventListener("change", choose);
  };
}

function head(product, operates) {
  const failed = Object.values(product.tries).some((one) => one.state === "failed");
  const data = { product: product.product_id, product_ids: product.product_id };
  return h(
    "header",
    { class: "product-head", "data-key": "head" },
    h(
      "p",
      {},
      h("a", { href: `#/products?category=${encodeURIComponent(product.category)}` }, product.category),
    ),
    h("h1", {}, product.name),
    h(
      "p",
      { class: "line-up" },
      badge(product.openai_processing_status),
      h("code", {}, product.product_id),
      product.openai_processed_at &&
        h("span", { class: "quiet" }, "processed ", moment(product.openai_processed_at)),
      product.due_at && h("span", { class: "quiet" }, "due ", moment(product.due_at)),
      h("span", { class: "quiet" }, `texts cost ${money(product.cost)}`),
    ),
    product.openai_error_message && h("p", { class: "warned" }, product.openai_error_message),
    operates &&
      h(
        "p",
        { class: "actions" },
        failed && button("retry_failed", "Retry failed texts", data, "main"),
        button("start_run", "Start a run for this product", data),
        button("regenerate", "Regenerate", data),
      ),
  );
}

function record({ content }) {
  const { specs, ...known } = content.product_input;
  const all = [
    ...RECORD.filter((name) => known[name] != null).map((name) => [heading(name), known[name]]),
    ...Object.entries(specs),
  ];
  return section(
    "record",
    "Catalogue record",
    h(
      "dl",
      { class: "record" },
      all.map(([name, value]) =>
        h(
          "div",
          { class: String(value).length > 40 ? "wide" : "" },
          h("dt", {}, name),
          h("dd", {}, String(value)),
        ),
      ),
    ),
  );
}
