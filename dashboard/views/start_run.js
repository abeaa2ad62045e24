// Starting a run: what it would send and cost first, against the caps, and then the button.

import { call, withQuery } from "../scripts/api.js";
import { fields, labelled, onSubmit, openDialog } from "../scripts/dialogs.js";
import { h } from "../scripts/dom.js";
import { notice } from "../scripts/notices.js";
import { compact, count, money, number } from "../scripts/words.js";

const PAUSE_MS = 300;

/** `facts` may name categories (slugs with commas) and product_ids that are chosen already. */
export async function openStart(facts = {}) {
  const { categories } = await call("GET", "batch/products/status");
  openDialog("Start a run", (dialog) => build(dialog, categories, facts));
}

function build(dialog, categories, facts) {
  const chosen = (facts.category ?? "").split(",");
  const options = categories.map(({ category, name, by_status }) =>
    h(
      "option",
      { value: category, selected: chosen.includes(category) },
      `${name} (${number(by_status.pending ?? 0)} pending)`,
    ),
  );
  const forecast = h("div", { class: "forecast", role: "status" });
  const go = h("button", { type: "submit", class: "main" }, "Start");
  // A start that is sent twice is one run.
  const attempt = crypto.randomUUID();
  const form = h(
    "form",
    {},
    h(
      "div",
      { class: "columns-2" },
      labelled(
        "Categories",
        h("select", { name: "category", multiple: true, size: 7 }, options),
        "None chosen: all of them.",
      ),
      h(
        "div",
        {},
        labelled(
          "Products of each category",
          h("input", { name: "category_limit", type: "number", min: 0, value: facts.product_ids ? 0 : 10 }),
          "At most; 0 means all that are due.",
        ),
        labelled(
          "Product ids",
          h("input", { name: "product_ids", value: facts.product_ids ?? "" }),
          "Only these, with commas; due or not.",
        ),
        labelled("Brand", h("input", { name: "brand" })),
        h(
          "label",
          { class: "tick" },
          h("input", { name: "submit", type: "checkbox", checked: true }),
          "Submit the batches too",
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
    forecast.replaceChildren(h("p", { class: "quiet" }, "Counting …"));
    try {
      const found = await call("POST", withQuery("batch/estimate", work(fields(form))));
      if (mine === asked) forecast.replaceChildren(...show(found, go));
    } catch (error) {
      if (mine !== asked) return;
      go.disabled = true;
      forecast.replaceChildren(h("p", { class: "problem" }, error.message));
    }
  }
  form.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(estimate, PAUSE_MS);
  });
  onSubmit(form, async (values) => {
    const path = values.submit ? "batch/pipeline" : "batch/create";
    const { run } = await call("POST", withQuery(path, work(values)), {
      headers: { "Idempotency-Key": attempt },
    });
    notice(`Run ${run.run_id} is ${run.status}.`);
    dialog.close();
    if (location.hash !== "#/") location.hash = "#/";
  });
  estimate();
  return [form];
}

function work({ category, category_limit, product_ids, brand }) {
  return { category: category.join(","), category_limit: Number(category_limit), product_ids, brand };
}

function show({ total, max_run_cost, month, max_month_cost }, go) {
  go.disabled = total.requests === 0;
  go.textContent = total.requests ? `Start: about ${money(total.cost)}` : "Nothing to do";
  const held = (month.reserved.cost ?? 0) + (month.used.cost ?? 0);
  const caps = [
    [max_run_cost, total.most_cost, "MAX_RUN_COST"],
    [max_month_cost, held + total.most_cost, "MAX_MONTH_COST"],
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
              ? `${name} is ${money(cap)}: what does not fit waits for a later run.`
              : `Within ${name} of ${money(cap)}.`,
          ),
        )
      : h("p", { class: "quiet" }, "No cap is set (MAX_RUN_COST, MAX_MONTH_COST)."),
    total.products === 0 &&
      h("p", { class: "quiet" }, `No product is due. ${count(0, "request")} would be sent.`),
  ]
    .flat()
    .filter(Boolean);
}

const fact = (name, value) => h("div", {}, h("dt", {}, name), h("dd", {}, value));
