// Starting a run. The dialog shows an estimate of requests and cost first, compared with the caps.

import { call } from "../scripts/api.js";
import { fields, labelled, onSubmit, openDialog } from "../scripts/dialogs.js";
import { h } from "../scripts/dom.js";
import { notice } from "../scripts/notices.js";
import { compact, money, number } from "../scripts/format.js";

const TYPING_PAUSE_MS = 300;

/** `chosen` may preset `category` (slugs separated by commas) and `product_ids`. */
export async function openStart(chosen = {}) {
  const { categories } = await call("GET", "batch/products/status");
  openDialog("Start a run", (dialog) => build(dialog, categories, chosen));
}

function build(dialog, categories, chosen) {
  const slugs = (chosen.category ?? "").split(",");
  const options = categories.map(({ category, name, by_status }) =>
    h(
      "option",
      { value: category, selected: slugs.includes(category) },
      `${name} (${number(by_status.pending ?? 0)} pending)`,
    ),
  );
  const forecast = h("div", { class: "forecast", role: "status" });
  const go = h("button", { type: "submit", class: "main" }, "Start");
  // With this key, a request that is sent twice starts one run.
  const idempotencyKey = crypto.randomUUID();
  const form = h(
    "form",
    {},
    h(
      "div",
      { class: "columns-2" },
      labelled(
        "Categories",
        h("select", { name: "category", multiple: true, size: 7 }, options),
        "Select none to include all.",
      ),
      h(
        "div",
        {},
        labelled(
          "Products of each category",
          h("input", { name: "category_limit", type: "number", min: 0, value: chosen.product_ids ? 0 : 10 }),
          "At most this many. 0 means all that are due.",
        ),
        labelled(
          "Product ids",
          h("input", { name: "product_ids", value: chosen.product_ids ?? "" }),
          "Only these, even before they are due. Separate them with commas.",
        ),
        labelled("Brand", h("input", { name: "brand" })),
        h(
          "label",
          { class: "tick" },
          h("input", { name: "submit", type: "checkbox", checked: true }),
          "Also submit the batches",
        ),
      ),
    ),
    forecast,
    h("footer", {}, go),
  );

  let timer = null;
  let asked = 0;
  async function estimate() {
    const mine = (asked += 1);
    forecast.replaceChildren(h("p", { class: "quiet" }, "Estimating …"));
    try {
      const found = await call("POST", "batch/estimate", { json: work(fields(form)) });
      if (mine === asked) forecast.replaceChildren(...show(found, go));
    } catch (error) {
      if (mine !== asked) return;
      go.disabled = true;
      forecast.replaceChildren(h("p", { class: "problem" }, error.message));
    }
  }
  form.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(estimate, TYPING_PAUSE_MS);
  });
  onSubmit(form, async (values) => {
    const path = values.submit ? "batch/pipeline" : "batch/create";
    const { run } = await call("POST", path, {
      json: work(values),
      headers: { "Idempotency-Key": idempotencyKey },
    });
    notice(`Run ${run.run_id} is ${run.status}.`);
    dialog.close();
    if (location.hash !== "#/") location.hash = "#/";
  });
  estimate();
  return [form];
}

/** The chosen work. A field that is filled in is sent, even if it names nothing: the API then says so. */
function work({ category, category_limit, product_ids, brand }) {
  // A cleared limit is refused, because 0 means all.
  const chosen = { category_limit: category_limit === "" ? null : Number(category_limit) };
  if (category.length) chosen.category = category;
  if (product_ids)
    chosen.product_ids = product_ids
      .split(",")
      .map((id) => id.trim())
      .filter(Boolean);
  if (brand) chosen.brand = brand;
  return chosen;
}

function show({ total, max_run_cost, month, max_month_cost }, go) {
  go.disabled = total.requests === 0;
  go.textContent = total.requests ? `Start: about ${money(total.cost)}` : "Nothing to do";
  const held = (month.reserved.cost ?? 0) + (month.used.cost ?? 0);
  const caps = [
    [max_run_cost, total.most_cost, "cap per run"],
    [max_month_cost, held + total.most_cost, "monthly cap"],
  ].filter(([cap]) => cap);
  return [
    h(
      "dl",
      { class: "facts" },
      fact("Products", number(total.products)),
      fact("Requests", number(total.requests)),
      fact("Files", number(total.files)),
      fact("Tokens", `${compact(total.input_tokens)} in, ${compact(total.output_tokens)} out`),
      fact("Cost", `about ${money(total.cost)}`),
      fact("At worst", money(total.most_cost)),
    ),
    caps.length
      ? caps.map(([cap, most, name]) =>
          h(
            "p",
            { class: most > cap ? "warned" : "quiet" },
            most > cap
              ? `Over the ${name} of ${money(cap)}: what does not fit waits for a later run.`
              : `Within the ${name} of ${money(cap)}.`,
          ),
        )
      : h("p", { class: "quiet" }, "No cost cap is set."),
    total.products === 0 && h("p", { class: "quiet" }, "No product is due."),
  ]
    .flat()
    .filter(Boolean);
}

const fact = (name, value) => h("div", {}, h("dt", {}, name), h("dd", {}, value));
