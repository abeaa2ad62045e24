// A product: its record, its texts beside each other, its tries, and its links.

import { call } from "../scripts/api.js";
import { button, h, morph, section } from "../scripts/dom.js";
import { watch } from "../scripts/live.js";
import { badge, moment, money } from "../scripts/words.js";
import { heading } from "./content.js";
import { links } from "./links.js";
import { texts } from "./texts.js";
import { tries } from "./tries.js";

const LIVE_MS = 2000;
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

  async function look(product) {
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

  main.replaceChildren(h("p", { class: "quiet" }, "Reading …"));
  call("GET", path).catch(
    (error) =>
      stopped ||
      main.replaceChildren(
        h("h1", {}, id),
        h("p", { class: "problem" }, error.message),
        h("p", {}, h("a", { href: "#/products" }, "All products")),
      ),
  );
  const watched = watch(path, LIVE_MS, look);
  const choose = async ({ target }) => {
    const name = target.dataset.choice;
    if (!name) return;
    state[name] = target.type === "checkbox" ? target.checked : target.value;
    if (name === "region") await look(state.product);
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
  const facts = { product: product.product_id, product_ids: product.product_id };
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
      product.due_at && h("span", { class: "quiet" }, "may be tried ", moment(product.due_at)),
      h("span", { class: "quiet" }, `texts cost ${money(product.cost)}`),
    ),
    product.openai_error_message && h("p", { class: "warned" }, product.openai_error_message),
    operates &&
      h(
        "p",
        { class: "acts" },
        failed && button("retry_failed", "Retry what failed", facts, "main"),
        button("start_run", "Start a run for it", facts),
        button("regenerate", "Write anew", facts),
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
    "Record of the catalogue",
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
