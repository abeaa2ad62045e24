// SVG charts. Each is shown beside its numbers as text, so no information is in the picture alone.

import { h, svg } from "./dom.js";

/** Parts of a whole as one bar. `parts`: [{size, tone}]. */
export function stackedBar(parts, total, label) {
  let x = 0;
  const bars = parts
    .filter((part) => part.size > 0)
    .map((part) => {
      const width = total ? (part.size / total) * 1000 : 0;
      const bar = svg("rect", { class: `fill-${part.tone}`, x, y: 0, width, height: 12 });
      x += width;
      return bar;
    });
  return frame("0 0 1000 12", "bar", label, [
    svg("rect", { class: "fill-track", width: 1000, height: 12 }),
    bars,
  ]);
}

/** Spans on a time axis. `spans`: [{from, to, tone}]; all times are in ms; `mark` is a time to highlight. */
export function timeLine(spans, from, to, mark, label) {
  const place = (at) => (1000 * (at - from)) / Math.max(1, to - from);
  const bars = spans.map((span) => {
    const start = place(span.from);
    return svg("rect", {
      class: `fill-${span.tone}`,
      x: start,
      y: 1,
      width: Math.max(5, place(span.to) - start),
      height: 10,
    });
  });
  const marker =
    mark && mark <= to ? [svg("rect", { class: "mark", x: place(mark), width: 3, height: 12 })] : [];
  return frame("0 0 1000 12", "bar", label, [
    svg("rect", { class: "fill-track", width: 1000, height: 12 }),
    bars,
    marker,
  ]);
}

/** A column chart. `items`: [{name, value, tone, text}]; the highest column fills the height. */
export function columns(items, label) {
  const highest = Math.max(...items.map((item) => item.value), 0) || 1;
  const bars = items.map((item) => {
    const height = Math.max(item.value ? 2 : 0, (item.value / highest) * 100);
    const bar = svg("rect", {
      class: `fill-${item.tone ?? "busy"}`,
      x: 0,
      y: 100 - height,
      width: 10,
      height,
    });
    const picture = svg(
      "svg",
      { viewBox: "0 0 10 100", preserveAspectRatio: "none", "aria-hidden": "true" },
      bar,
    );
    return h(
      "li",
      { title: `${item.name}: ${item.text}` },
      h("span", { class: "value" }, item.text),
      picture,
      h("span", { class: "name" }, item.name),
    );
  });
  return h("ul", { class: "columns", "aria-label": label }, bars);
}

function frame(viewBox, className, label, children) {
  return svg(
    "svg",
    { class: className, viewBox, preserveAspectRatio: "none", role: "img", "aria-label": label },
    ...children,
  );
}
