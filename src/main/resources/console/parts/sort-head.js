// The head of a column by which a table can be sorted.
import { html, nothing } from "../part.js";

const SIGNS = { ascending: "↑", descending: "↓" };

/** `order` names the column that sorts now, with "-" before it where large values come first; `first`: "-" where a column begins so. */
export function sortHead(label, key, order, choose, { isNumber = false, first = "" } = {}) {
  const way = order === key ? "ascending" : order === `-${key}` ? "descending" : null;
  const next = way === null ? first + key : way === "ascending" ? `-${key}` : key;
  return html`<th scope="col" class=${isNumber ? "number" : ""} aria-sort=${way ?? nothing}><button @click=${() => choose(next)}>${label} <span class=${way ? "" : "soft"} aria-hidden="true">${SIGNS[way] || "↕"}</span></button></th>`;
}

/** Rows in such an order; those without a value come last. `value` gives what a row has in a column. */
export function sorted(rows, order, value) {
  if (!order) return rows;
  const key = order.replace(/^-/, "");
  const sign = order.startsWith("-") ? -1 : 1;
  return rows.toSorted((one, other) => {
    const [a, b] = [value(one, key), value(other, key)];
    if (a == null || b == null) return (a == null) - (b == null);
    return sign * (typeof a === "number" && typeof b === "number" ? a - b : String(a).localeCompare(String(b), "en", { numeric: true }));
  });
}
