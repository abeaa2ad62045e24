// The list of products of a category, in pages.

import { call, withQuery } from "../scripts/api.js";
import { fields, labelled } from "../scripts/dialogs.js";
import { h, table } from "../scripts/dom.js";
import { badge, moment, number } from "../scripts/format.js";
import { STATES } from "./catalogue.js";

const PAGE = 50;

export function openProducts(main, query) {
  document.title = "Products – Instrument content";
  let closed = false;
  show(main, query, () => closed).catch((error) =>
    main.replaceChildren(h("p", { class: "problem" }, error.message)),
  );
  return () => (closed = true);
}

async function show(main, query, isClosed) {
  const { categories } = await call("GET", "batch/products/status");
  const category =
    query.get("category") ?? categories.find((one) => Object.keys(one.by_status).length)?.category ?? "";
  const status = query.get("status") ?? "";
  const wanted = { category, status, limit: PAGE, after: query.get("after") };
  const page = category
    ? await call("GET", withQuery("products", wanted))
    : { products: [], next_after: null };
  if (isClosed()) return;
  const rows = page.products.map((product) =>
    h(
      "tr",
      {},
      h(
        "th",
        { scope: "row" },
        h("a", { href: `#/products/${encodeURIComponent(product.product_id)}` }, product.name),
      ),
      h("td", {}, product.product_id),
      h("td", {}, product.brand),
      h("td", {}, badge(product.openai_processing_status)),
      h("td", {}, product.openai_processed_at ? moment(product.openai_processed_at) : "not yet"),
      h("td", { class: "why" }, product.openai_error_message ?? ""),
    ),
  );
  main.replaceChildren(
    h("h1", {}, "Products"),
    chooser(categories, category, status),
    rows.length
      ? table("Products", ["Name", "Id", "Brand", "State", "Processed", "Reason"], rows, "card")
      : h("p", { class: "quiet" }, "No products found."),
    page.next_after &&
      h(
        "p",
        {},
        h(
          "a",
          { href: `#/products?${new URLSearchParams({ category, status, after: page.next_after })}` },
          "Next page",
        ),
      ),
  );
}

function chooser(categories, category, status) {
  const size = (one) => number(Object.values(one.by_status).reduce((sum, count) => sum + count, 0));
  const names = categories.map((one) =>
    h("option", { value: one.category, selected: one.category === category }, `${one.name} (${size(one)})`),
  );
  const states = [["", "any state"], ...STATES.map(([state]) => [state, state])];
  const form = h(
    "form",
    { class: "chooser" },
    labelled("Category", h("select", { name: "category" }, names)),
    labelled(
      "State",
      h(
        "select",
        { name: "status" },
        states.map(([value, text]) => h("option", { value, selected: value === status }, text)),
      ),
    ),
  );
  form.addEventListener("change", () => (location.hash = `#/products?${new URLSearchParams(fields(form))}`));
  const find = h(
    "form",
    { class: "chooser" },
    labelled("Product id", h("input", { name: "id", required: true })),
    h("button", { type: "submit" }, "Open"),
  );
  find.addEventListener("submit", (event) => {
    event.preventDefault();
    location.hash = `#/products/${encodeURIComponent(fields(find).id)}`;
  });
  return h("div", { class: "choosers" }, form, find);
}
