// Start: ask for the key, then open the page of the current address.

import { actions } from "./actions.js";
import { ApiError, call, key } from "./api.js";
import { morph } from "./dom.js";
import { connection } from "./live.js";
import { notice } from "./notices.js";
import { tick } from "./format.js";
import { pageHeader } from "../views/header.js";
import { askForKey } from "../views/key.js";
import { openOverview } from "../views/overview.js";
import { openProduct } from "../views/product.js";
import { openProducts } from "../views/products.js";

const main = document.getElementById("main");
const header = document.getElementById("top");
const session = { caller: null, close: () => {} };

const PAGES = [
  [/^#\/products\/([^/?]+)$/, ([, id]) => openProduct(main, decodeURIComponent(id), session.caller)],
  [/^#\/products(?:\?(.*))?$/, ([, query]) => openProducts(main, new URLSearchParams(query ?? ""))],
  [/^(#\/)?$/, () => openOverview(main, session.caller)],
];

function route() {
  if (!session.caller || (location.hash && !location.hash.startsWith("#/"))) return;
  const hash = location.hash;
  session.close();
  main.replaceChildren();
  const [pattern, open] = PAGES.find(([wanted]) => wanted.test(hash)) ?? PAGES.at(-1);
  session.close = open(hash.match(pattern) ?? []);
  showHeader();
  main.focus({ preventScroll: true });
  window.scrollTo(0, 0);
}

function showHeader() {
  const next = header.cloneNode(false);
  next.append(...pageHeader(session.caller, connection.lostSince));
  morph(header, next);
}

async function enter() {
  try {
    session.caller = await call("GET", "caller");
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    if (error.status === 401) return signOut(key.get() ? "The app does not know this key." : "");
    return signOut(error.message);
  }
  document.body.classList.toggle("reads", session.caller.scope === "read");
  route();
}

function signOut(message = "") {
  session.close();
  session.close = () => {};
  session.caller = null;
  key.forget();
  showHeader();
  askForKey(main, message, enter);
}

connection.onChange = showHeader;
connection.onRefused = (error) => signOut(error.message);

document.addEventListener("click", async (event) => {
  const pressed = event.target.closest("[data-action]");
  if (!pressed) return;
  if (pressed.dataset.action === "sign_out") return signOut();
  pressed.disabled = true;
  try {
    await actions[pressed.dataset.action]({ ...pressed.dataset });
  } catch (error) {
    notice(error.message, "bad");
    if (!(error instanceof ApiError)) throw error;
  } finally {
    pressed.disabled = false;
  }
});
window.addEventListener("hashchange", route);
setInterval(() => document.hidden || tick(document), 1000);

if (key.get() === null) signOut();
else enter();
