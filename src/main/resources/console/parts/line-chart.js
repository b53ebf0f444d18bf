// The curves of one job over its epochs, drawn when they are seen: their values under the pointer, the same epoch in the charts
// beside it, and a copy as SVG.
import { css, html, nothing, Part } from "../part.js";
import { number } from "../words.js";
import "./copy-picture.js";
import { smoothed } from "./runs-chart.js";

/** The values of more curves stand beside the pointer alone. */
const FEW = 2;

/** The epoch under the pointer, for all charts of the page. */
const pointer = new EventTarget();

class LineChart extends Part {
  static sheet = css`
    line-chart { display: block; min-width: 0; min-height: 18rem; }
    line-chart .head { min-height: 2.3rem; gap: 0 1rem; }
    line-chart .head h3 { font-size: .95rem; }
    @media (min-width: 40rem) { line-chart .head { flex-wrap: nowrap; } }
    line-chart .value { font-size: .88rem; color: var(--soft); }
    line-chart copy-picture button { font-size: .85rem; }`;

  /** `series`: [{ name, place, values }], `x`: the epochs, as long as the values; `mark`: { epoch, name } of one that has a line. */
  static properties = {
    title: { attribute: false }, x: {}, series: {}, log: { type: Boolean }, smooth: { type: Number }, mark: { attribute: false },
    seen: { state: true }, under: { state: true },
  };

  constructor() {
    super();
    this.title = "";
    this.x = [];
    this.series = [];
    this.log = false;
    this.smooth = 0;
    this.mark = null;
    this.seen = false;
    this.under = null;
    this.pointed = ({ detail }) => { this.under = detail; };
    this.printed = () => { this.seen = true; };
  }

  connectedCallback() {
    super.connectedCallback();
    this.sight = new IntersectionObserver(([entry]) => {
      if (!entry.isIntersecting) return;
      this.sight.disconnect();
      this.seen = true;
    }, { rootMargin: "200px" });
    this.sight.observe(this);
    pointer.addEventListener("move", this.pointed);
    addEventListener("beforeprint", this.printed);
  }

  disconnectedCallback() {
    super.disconnectedCallback();
    this.sight.disconnect();
    pointer.removeEventListener("move", this.pointed);
    removeEventListener("beforeprint", this.printed);
  }

  willUpdate(changes) {
    if (!["x", "series", "smooth"].some((name) => changes.has(name))) return;
    this.curves = this.series.map(({ name, place, values }) => ({
      id: name, name, place, x: this.x, y: smoothed(values, this.smooth), raw: this.smooth ? values : null,
    }));
  }

  render() {
    const found = this.under === null ? -1 : this.x.indexOf(this.under);
    const at = found < 0 ? this.x.length - 1 : found;
    const told = this.curves.length > FEW ? "" : this.curves.map(({ name, y }) => `${name} ${number(y[at])}`).join(", ");
    return html`<div class="head"><h3>${this.title}</h3><span class="value">${at < 0 ? nothing : `epoch ${this.x[at]}${told && `: ${told}`}`}</span>
        <copy-picture .name=${this.title} .drawing=${() => this.querySelector("runs-chart").drawing}></copy-picture></div>
      ${this.seen ? html`<runs-chart .metric=${this.title} .curves=${this.curves} ?log=${this.log} .mark=${this.mark} .cross=${this.under}
        @near=${({ detail }) => pointer.dispatchEvent(new CustomEvent("move", { detail: detail.epoch }))}
        @stretch=${({ detail }) => this.dispatchEvent(new CustomEvent("stretch", { detail }))}></runs-chart>` : nothing}`;
  }
}

customElements.define("line-chart", LineChart);
