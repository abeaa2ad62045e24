// Retrying failed texts: all of them, those with one outcome, or those of one product.

import { call } from "../scripts/api.js";
import { onSubmit, openDialog } from "../scripts/dialogs.js";
import { h } from "../scripts/dom.js";
import { notice } from "../scripts/notices.js";
import { count, readable } from "../scripts/format.js";
import { openStart } from "./start_run.js";

const POLL_MS = 300;

/** `outcome`: only texts that failed with it. `product`: only texts of this product. */
export function openRetry({ outcome, product }) {
  const what = product
    ? `the failed texts of ${product}`
    : outcome
      ? `all texts that failed as “${readable(outcome)}”`
      : "all failed texts";
  openDialog("Retry", (dialog) => {
    const form = h(
      "form",
      {},
      h(
        "p",
        {},
        `Requests ${what} again, with all tries available. `,
        "Published texts stay until better ones are stored.",
      ),
      h(
        "label",
        { class: "tick" },
        h("input", { name: "start", type: "checkbox", checked: true }),
        "Then start a run (the estimate is shown first)",
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
          ? `Pending again: ${count(done.products, "product")}.`
          : "There was no failed text left.",
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
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}
