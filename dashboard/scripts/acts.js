// What buttons do. Each takes the data of the button that was pressed.

import { call } from "./api.js";
import { confirmed } from "./dialogs.js";
import { notice } from "./notices.js";
import { openImport, openReport } from "../views/import_file.js";
import { openRetry } from "../views/retry.js";
import { openStart } from "../views/start_run.js";

export const acts = {
  async submit({ batch }) {
    const why = "It is sent to Azure OpenAI, and what it answers is paid for.";
    if (!(await confirmed("Submit this batch?", why, "Submit"))) return;
    await call("POST", `batch/submit/${batch}`);
    notice("The batch is being submitted.");
  },

  async process_results({ batch }) {
    await call("POST", `batch/process-results/${batch}`);
    notice("The job is looked at now; results are stored as soon as it has ended.");
  },

  async cancel({ batch }) {
    const why = "What Azure has finished by then is charged, and is stored. The other products wait again.";
    if (!(await confirmed("Cancel this batch?", why, "Cancel the batch", "danger"))) return;
    await call("POST", `batch/cancel/${batch}`);
    notice("The batch is being cancelled.");
  },

  async regenerate({ product }) {
    const why =
      "The next run writes all its texts. What is published stays until something better is stored.";
    if (!(await confirmed("Write it anew?", why, "Write anew"))) return;
    await call("POST", "products/regenerate", { json: { product_ids: [product] } });
    notice("The product waits for the next run.");
  },

  start_run: (facts) => openStart(facts),
  retry_failed: (facts) => openRetry(facts),
  import_file: () => openImport(),
  show_import: ({ import: id }) => openReport(id),
};
