// The actions behind buttons. Each gets the data attributes of the pressed button.

import { call } from "./api.js";
import { confirmed } from "./dialogs.js";
import { notice } from "./notices.js";
import { openImport, openReport } from "../views/import_file.js";
import { openRetry } from "../views/retry.js";
import { openStart } from "../views/start_run.js";

export const actions = {
  async submit({ batch }) {
    const why = "It is sent to Azure OpenAI, and the answers are charged.";
    if (!(await confirmed("Submit this batch?", why, "Submit"))) return;
    await call("POST", `batch/submit/${batch}`);
    notice("The batch is being submitted.");
  },

  async process_results({ batch }) {
    await call("POST", `batch/process-results/${batch}`);
    notice("The job is being checked. Its results are stored as soon as it has ended.");
  },

  async cancel({ batch }) {
    const why = "Finished results are charged and stored. The other products become pending again.";
    if (!(await confirmed("Cancel this batch?", why, "Cancel the batch", "danger"))) return;
    await call("POST", `batch/cancel/${batch}`);
    notice("The batch is being cancelled.");
  },

  async regenerate({ product }) {
    const why = "The next run writes all its texts again. Published texts stay until better ones are stored.";
    if (!(await confirmed("Regenerate this product?", why, "Regenerate"))) return;
    await call("POST", "products/regenerate", { json: { product_ids: [product] } });
    notice("The product waits for the next run.");
  },

  start_run: (data) => openStart(data),
  retry_failed: (data) => openRetry(data),
  import_file: () => openImport(),
  show_import: ({ import: id }) => openReport(id),
};
