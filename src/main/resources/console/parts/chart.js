// What every drawn chart has: its title, its own width in pixels, so that letters keep their size, and a copy of it as SVG.
import { html, nothing, Part } from "../part.js";
import { number } from "../words.js";

/** What a copy needs of the style sheets, and those of it that what is inside takes over. */
const INHERITED = ["fill", "fill-opacity", "stroke", "stroke-width", "stroke-opacity", "stroke-dasharray", "stroke-linecap", "stroke-linejoin",
  "font-family", "font-size", "font-weight", "text-anchor", "dominant-baseline", "paint-order"];
const OWN = ["opacity"];

export class Chart extends Part {
  static properties = { title: { attribute: false }, width: { state: true }, copied: { state: true }, under: { state: true } };

  constructor() {
    super();
    this.title = "";
    this.width = 0;
    this.copied = "";
    /** What the pointer is over, in words. */
    this.under = "";
  }

  connectedCallback() {
    super.connectedCallback();
    this.size = new ResizeObserver(() => requestAnimationFrame(() => { this.width = Math.floor(this.clientWidth); }));
    this.size.observe(this);
  }

  disconnectedCallback() {
    super.disconnectedCallback();
    this.size.disconnect();
  }

  /** Of its letters, in pixels: they grow with the page. */
  get em() {
    return 0.8 * parseFloat(getComputedStyle(document.documentElement).fontSize);
  }

  async #copy() {
    const text = pictureOf(this.querySelector("svg"));
    try {
      await navigator.clipboard.writeText(text);
      this.copied = "Copied";
    } catch {
      // Browsers give pages without HTTPS no clipboard: it becomes a file.
      const link = document.createElement("a");
      link.href = URL.createObjectURL(new Blob([text], { type: "image/svg+xml" }));
      link.download = `${this.title.toLowerCase().replace(/[^a-z0-9]+/g, "-")}.svg`;
      link.click();
      setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
      this.copied = "Saved";
    }
    setTimeout(() => { this.copied = ""; }, 1_500);
  }

  render() {
    return html`<figure class="chart"><figcaption><h3>${this.title}</h3><span class="soft small under" aria-hidden="true">${this.under}</span>
        <button class="plain" @click=${this.#copy}>${this.copied || "Copy as SVG"}<span class="unseen"> ${this.title}</span></button></figcaption>
      ${this.width ? this.draw(this.width, this.em) : nothing}</figure>`;
  }
}

const exact = new Intl.NumberFormat("en", { maximumSignificantDigits: 12 });

/** Round numbers over a range, about so many, and more than one: one alone gives no scale. */
export function ticks(from, to, about) {
  const rough = (to - from) / Math.max(1, about);
  if (!(rough > 0) || !Number.isFinite(rough)) return [Number(from.toPrecision(4))];
  const size = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((each) => each * size).find((each) => each >= rough);
  const found = [];
  for (let i = Math.ceil(from / step - 1e-9); i * step <= to + step * 1e-9; i++) found.push(i * step);
  return found.length < 2 && about < 24 ? ticks(from, to, about * 2) : found;
}

/** A tick without the noise of its last digits, and with all others: two next to each other never read the same. */
export function tick(value) {
  const own = Number(value.toPrecision(12));
  if (Number.isInteger(own)) return number(own);
  return Math.abs(own) < 1e-4 ? own.toExponential() : exact.format(own);
}

/** The least and the largest of some numbers, and a little more. */
export function range(values, margin = 0.04) {
  let [low, high] = [Infinity, -Infinity];
  for (const value of values) {
    if (!Number.isFinite(value)) continue;
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  if (!(low <= high)) return [0, 1];
  const more = high > low ? (high - low) * margin : Math.abs(low) * 0.1 || 1;
  return [low - more, high + more];
}

export function cut(text, length) {
  const own = String(text);
  return own.length > length ? `${own.slice(0, Math.max(1, length - 1))}…` : own;
}

/** A drawing as a file that stands alone: with its colours, and the ground that it stood on. */
export function pictureOf(drawn) {
  const copy = drawn.cloneNode(true);
  const { width, height } = drawn.getBoundingClientRect();
  const originals = [drawn, ...drawn.querySelectorAll("*")];
  [copy, ...copy.querySelectorAll("*")].forEach((each, i) => {
    const style = getComputedStyle(originals[i]);
    const above = i ? getComputedStyle(originals[i].parentNode) : null;
    for (const name of [...INHERITED, ...OWN]) {
      const value = style.getPropertyValue(name);
      const known = above && INHERITED.includes(name) ? above.getPropertyValue(name) : OWN.includes(name) ? "1" : "";
      if (value !== known) each.setAttribute(name, value); else each.removeAttribute(name);
    }
    for (const name of ["class", "tabindex", "role"]) if (each !== copy || name !== "role") each.removeAttribute(name);
  });
  copy.setAttribute("xmlns", "http://www.w3.org/2000/svg");
  copy.setAttribute("width", Math.round(width));
  copy.setAttribute("height", Math.round(height));
  const ground = document.createElementNS("http://www.w3.org/2000/svg", "rect");
  ground.setAttribute("width", "100%");
  ground.setAttribute("height", "100%");
  ground.setAttribute("stroke", "none");
  ground.setAttribute("fill", getComputedStyle(drawn.closest(".card") || document.body).backgroundColor);
  copy.prepend(ground);
  return new XMLSerializer().serializeToString(copy).replace(/<!--[\s\S]*?-->/g, "");
}
