// Curves over epochs, drawn by uPlot when they are seen: a name at the end of each, a value under the pointer, and a stretch
// of the axis when one drags over it.
import { bus } from "../api.js";
import { css, html, nothing, Part } from "../part.js";
import { number } from "../words.js";

const FONT = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Noto Sans', sans-serif";
let uPlot = null;

/** uPlot and its own style, when the first chart is seen. */
async function load() {
  if (uPlot) return;
  const [library, style] = await Promise.all([
    import("uplot"),
    fetch(new URL("../lib/uplot/uPlot.min.css", import.meta.url)).then((answer) => answer.text()),
  ]);
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(style);
  if (!uPlot) document.adoptedStyleSheets.unshift(sheet);
  uPlot = library.default;
}

/** The mean of each value and those before it, where older ones count less. */
export function smoothed(values, weight) {
  if (!weight) return values;
  let mean = null;
  return values.map((value) => {
    if (value == null) return null;
    mean = mean == null ? value : weight * mean + (1 - weight) * value;
    return mean;
  });
}

class LineChart extends Part {
  static sheet = css`
    line-chart { display: block; min-height: 14rem; }
    line-chart .plot { height: 14rem; min-width: 0; }
    line-chart .head { min-height: 1.7rem; gap: 0 1rem; margin-bottom: .2rem; }
    line-chart .head h3 { font-size: .95rem; }
    line-chart .value { font-size: .88rem; color: var(--soft); }
    line-chart .u-select { background: var(--accent); opacity: .15; }`;

  /** `series`: [{ name, series: 1 to 8, dashed, values }], `x`: the epochs, as long as the values. */
  static properties = { title: { attribute: false }, x: {}, series: {}, log: { type: Boolean }, smooth: { type: Number }, under: { state: true } };

  constructor() {
    super();
    this.title = "";
    this.x = [];
    this.series = [];
    this.log = false;
    this.smooth = 0;
    this.under = null;
    this.repaint = () => this.#build();
    this.sight = matchMedia("(prefers-color-scheme: dark)");
  }

  connectedCallback() {
    super.connectedCallback();
    this.seen = new IntersectionObserver(async ([entry]) => {
      if (!entry.isIntersecting) return;
      this.seen.disconnect();
      await load();
      this.ready = true;
      this.#build();
    }, { rootMargin: "200px" });
    this.seen.observe(this);
    this.size = new ResizeObserver(() => {
      const place = this.querySelector(".plot");
      if (this.plot && place) this.plot.setSize({ width: place.clientWidth, height: place.clientHeight });
    });
    this.size.observe(this);
    bus.addEventListener("theme", this.repaint);
    this.sight.addEventListener("change", this.repaint);
  }

  disconnectedCallback() {
    super.disconnectedCallback();
    this.seen.disconnect();
    this.size.disconnect();
    bus.removeEventListener("theme", this.repaint);
    this.sight.removeEventListener("change", this.repaint);
    this.plot?.destroy();
    this.plot = null;
  }

  updated(changes) {
    if (!this.ready || !this.isConnected) return;
    if (changes.has("log") || this.shape !== this.#shape) this.#build();
    else if (changes.has("x") || changes.has("series") || changes.has("smooth")) this.plot?.setData(this.#data);
  }

  get #shape() {
    return this.series.map((each) => each.name + each.series + each.dashed).join("\n");
  }

  /** A logarithm has no place for zero and less. */
  get #data() {
    return [this.x, ...this.series.map(({ values }) => smoothed(values, this.smooth)
      .map((value) => (this.log && !(value > 0) ? null : value)))];
  }

  #build() {
    const place = this.querySelector(".plot");
    if (!this.ready || !place || !this.isConnected) return;
    this.plot?.destroy();
    this.shape = this.#shape;
    const colour = (name) => this.#colour(name);
    const soft = colour("--soft");
    const grid = { stroke: colour("--line"), width: 1 };
    const size = this.#size;
    const axis = { stroke: soft, grid, ticks: grid, font: `${size}px ${FONT}` };
    const room = Math.max(...this.series.map(({ name }) => name.length)) * size * 0.6 + 12;
    this.plot = new uPlot({
      width: place.clientWidth,
      height: place.clientHeight,
      padding: [8, room, 0, 0],
      legend: { show: false },
      cursor: { drag: { x: true, y: false, setScale: false }, points: { size: 7 } },
      scales: { x: { time: false }, y: { distr: this.log ? 3 : 1 } },
      axes: [
        { ...axis, values: (_, marks) => marks.map((mark) => (Number.isInteger(mark) ? number(mark) : "")) },
        { ...axis, size: 4.9 * size, values: (_, marks) => marks.map((mark) => (mark == null ? "" : number(mark))) },
      ],
      series: [{}, ...this.series.map((each) => ({
        label: each.name, stroke: colour(`--series-${each.series}`), width: 2, spanGaps: true,
        dash: each.dashed ? [6, 4] : undefined, points: { show: this.x.length < 2 },
      }))],
      hooks: {
        draw: [(plot) => this.#names(plot)],
        setCursor: [(plot) => { this.under = plot.cursor.idx ?? null; }],
        setSelect: [(plot) => {
          if (plot.select.width < 8) return;
          const [from, to] = [plot.select.left, plot.select.left + plot.select.width].map((at) => Math.round(plot.posToVal(at, "x")));
          plot.setSelect({ left: 0, width: 0, top: 0, height: 0 }, false);
          this.dispatchEvent(new CustomEvent("stretch", { detail: { from, to } }));
        }],
      },
    }, this.#data, place);
  }

  /** Of its letters, in pixels: they grow with the page. */
  get #size() {
    return Math.round(parseFloat(getComputedStyle(document.documentElement).fontSize) * 0.75);
  }

  /** A colour of the style sheet as a canvas understands it. */
  #colour(name) {
    this.style.color = `var(${name})`;
    const found = getComputedStyle(this).color;
    this.style.color = "";
    return found;
  }

  /** The name of each curve at its end; those that would touch move apart. */
  #names(plot) {
    const scale = devicePixelRatio || 1;
    const labels = this.series.map((each, i) => {
      const values = plot.data[i + 1];
      let last = values.length - 1;
      while (last >= 0 && values[last] == null) last--;
      return last < 0 ? null : { name: each.name, stroke: this.#colour(`--series-${each.series}`),
        x: plot.valToPos(plot.data[0][last], "x", true), y: plot.valToPos(values[last], "y", true) };
    }).filter(Boolean).sort((a, b) => a.y - b.y);
    const apart = 1.2 * this.#size * scale;
    labels.forEach((label, i) => { if (i) label.y = Math.max(label.y, labels[i - 1].y + apart); });
    for (let i = labels.length - 1, floor = plot.bbox.top + plot.bbox.height; i >= 0; i--) {
      labels[i].y = Math.min(labels[i].y, floor);
      floor = labels[i].y - apart;
    }
    plot.ctx.save();
    plot.ctx.font = `600 ${this.#size * scale}px ${FONT}`;
    plot.ctx.textBaseline = "middle";
    plot.ctx.textAlign = "left";
    for (const label of labels) {
      plot.ctx.fillStyle = label.stroke;
      plot.ctx.fillText(label.name, label.x + 7 * scale, label.y);
    }
    plot.ctx.restore();
  }

  render() {
    const last = this.x.length - 1;
    const at = this.under ?? last;
    const told = at >= 0 ? this.series.map(({ name, values }) => `${name} ${number(round(values[at]))}`).join(", ") : "nothing yet";
    return html`<div class="head"><h3>${this.title}</h3><span class="value">${at >= 0 ? html`epoch ${this.x[at]}: ${told}` : nothing}</span></div>
      <div class="plot" role="img" aria-label=${`${this.title} over the epochs; the last: ${told}`}></div>`;
  }
}

function round(value) {
  return typeof value === "number" ? Number(value.toPrecision(4)) : value;
}

customElements.define("line-chart", LineChart);
