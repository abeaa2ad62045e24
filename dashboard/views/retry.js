// Retrying what failed: all of it, for one reason, or one product.

import { call } from "../scripts/api.js";
import { onSubmit, openDialog } from "../scripts/dialogs.js";
import { h } from "../scripts/dom.js";
import { notice } from "../scripts/notices.js";
import { count, said } from "../scripts/words.js";
import { openStart } from "./start_run.js";

const LOOK_MS = 300;

/** `outcome`: only what failed for this reason; `product`: only this product. */
export function openRetry({ outcome, product }) {
  const what = product
    ? `what failed of ${product}`
    : outcome
      ? `what failed as ${said(outcome)}`
      : "all that failed";
  openDialog("Retry", (dialog) => {
    const form = h(
      "form",
      {},
      h(
        "p",
        {},
        `Makes ${what} wait again, with every try it may have. What is published stays until something better is stored.`,
      ),
      h(
        "label",
        { class: "tick" },
        h("input", { name: "start", type: "checkbox", checked: true }),
        "Then start a run for it; its estimate comes first",
      ),
      h("footer", {}, h("button", { type: "submit", class: "main" }, "Retry")),
    );
    onSubmit(form, async ({ start }) => {
      const chosen = {
        failed: true,
        outcome: outcome || undefined,
        product_ids: product ? [product] : undefined,
      };
      const { requeueing } = await call("POST", "products/regenerate", { json: chosen });
      const done = await finished(requeueing.requeueing_id);
      notice(
        done.products
          ? `${count(done.products, "product")} made to wait again.`
          : "Nothing that failed was left.",
      );
      dialog.close();
      if (start && done.products) await openStart({ product_ids: product ?? "" });
    });
    return [form];
  });
}

async function finished(id) {
  for (;;) {
    const { requeueing } = await call("GET", `requeueings/${id}`);
    if (requeueing.status !== "running") return requeueing;
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  }
}
