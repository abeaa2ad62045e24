import { h } from "../scripts/dom.js";
export function openProduct(main, id) { main.append(h("h1", {}, id)); return () => {}; }
