// The header: navigation, the main actions, and the state of the connection.

import { button, h } from "../scripts/dom.js";
import { moment } from "../scripts/format.js";

export function pageHeader(caller, lostSince) {
  if (!caller) return [h("span", { class: "brand" }, "Instrument content")];
  const operates = caller.scope === "operate";
  return [
    h("a", { class: "brand", href: "#/" }, "Instrument content"),
    h(
      "nav",
      { "aria-label": "Pages" },
      link("#/", "Overview", /^(#\/)?$/),
      link("#/products", "Products", /^#\/products/),
    ),
    h(
      "div",
      { class: "actions" },
      operates && button("start_run", "Start a run", {}, "main"),
      operates && button("import_file", "Import a file"),
      h("span", { class: "who", title: caller.key }, operates ? "may operate" : "may only read"),
      button("sign_out", "Sign out", {}, "plain"),
    ),
    h(
      "p",
      { class: lostSince ? "link lost" : "link live", role: "status" },
      lostSince ? ["Connection lost ", moment(lostSince.toISOString()), "; trying again."] : "Live",
    ),
  ];
}

function link(href, text, pattern) {
  return h("a", { href, "aria-current": pattern.test(location.hash) ? "page" : false }, text);
}
