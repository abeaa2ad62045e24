// The actions behind buttons. Each gets the data attributes of the pressed button.

import { call } from "./api.js";
import { confirmed } from "./dialogs.js";
import { notice } from "./notices.js";
import { openImport, openReport } from "../views/import_file.js";
import { openRetry } from "../views/retry.js";
import { openStart } from "../views/start_run.js";

/** Call an operation for each batch of an alert: `batch` holds ids with commas. One error does not stop the others. */
async function forEach(batch, operation) {
  let failure = null;
  for (const id of batch.split(",")) {
    try {
      await call("POST", `batch/${operation}/${id}`);
    } catch (error) {
      failure = error;
    }
  }
  if (failure) throw failure;
}

/** Name the batches of a question: "this batch" or "these 13 batches". */
function these(batch) {
  const number = batch.split(",").length;
  return number === 1 ? "this batch" : `these ${number} batches`;
}

export const actions = {
  async submit({ batch }) {
    const why = "What is sent to Azure OpenAI is answered, and the answers are charged.";
    if (!(await confirmed(`Submit ${these(batch)}?`, why, "Submit"))) return;
    await forEach(batch, "submit");
    notice("Submitting has begun.");
  },

  async process_results({ batch }) {
    await forEach(batch, "process-results");
    notice("The job is being checked. Its results are stored as soon as it has ended.");
  },

  async cancel({ batch }) {
    const why = "Finished results are charged and stored. The other products become pending again.";
    const label = batch.includes(",") ? "Cancel the batches" : "Cancel the batch";
    if (!(await confirmed(`Cancel ${these(batch)}?`, why, label, "danger"))) return;
    await forEach(batch, "cancel");
    notice("Cancelling has begun.");
  },

  async mark_seen({ seen }) {
    await call("POST", `${seen}/seen`);
    notice("Marked as seen.");
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
