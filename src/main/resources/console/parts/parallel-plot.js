// Parallel coordinates: one axis for each parameter that varies and one for the objective, one line for each trial. The better a
// trial, the darker its line; the best one is thick and has its name.
import { css, html, nothing, svg } from "../part.js";
import { number } from "../words.js";
import { ticks } from "./chart.js";
import { decades } from "./runs-chart.js";
import { Scaled } from "./scaled.js";

const TOP = 44;
const BOTTOM = 22;
const HEIGHT = 330;
const SIDE = 70;
/** An axis needs so many pixels beside the next one; more axes than fit are scrolled. */
const ROOM = 120;
const MANY = 12;
/** Values that are this far apart are drawn by their logarithms. */
const FAR = 50;

class ParallelPlot extends Scaled {
  static sheet = css`
    parallel-plot { display: block; }
    parallel-plot .frame { position: relative; overflow-x: auto; }
    parallel-plot svg { display: block; font-size: 12px; will-change: transform; }
    parallel-plot .over { position: absolute; left: 0; top: 0; }
    parallel-plot .axis { stroke: var(--edge); stroke-width: 1.2; }
    parallel-plot .tick { stroke: var(--edge); stroke-width: 1; }
    parallel-plot text { fill: var(--soft); font-variant-numeric: tabular-nums; paint-order: stroke; stroke: var(--card); stroke-width: 6px; stroke-linejoin: round; }
    parallel-plot text.title { fill: var(--ink); font-weight: 600; font-size: 12.5px; }
    parallel-plot text.label { fill: var(--accent); font-weight: 650; }
    parallel-plot path { fill: none; stroke-width: 1.6; }
    parallel-plot path.open { stroke: var(--edge); stroke-dasharray: 2 5; opacity: .4; }
    parallel-plot path.best { stroke: var(--accent); stroke-width: 3.6; }
    parallel-plot path.marked { stroke: var(--series-2); stroke-width: 3.6; }
    parallel-plot .told { min-height: 1.6rem; }`;

  /** `axes`: [{ key, title, isLogarithm? }], the last one the objective; `trials`: [{ trial, rank, values by key }], the best one first. */
  static properties = { axes: {}, trials: {}, rises: { type: Boolean }, marked: { type: Number }, near: { state: true } };

  constructor() {
    super();
    this.axes = [];
    this.trials = [];
    this.rises = false;
    this.marked = 0;
    this.near = 0;
  }

  willUpdate(changes) {
    if (["axes", "trials", "width", "rises"].some((name) => changes.has(name))) this.drawn = this.width ? this.#draw() : null;
  }

  #draw() {
    const width = Math.max(this.width, (this.axes.length - 1) * ROOM + 2 * SIDE);
    const axes = this.axes.map((axis, i) => ({ ...axis, x: SIDE + i * (width - 2 * SIDE) / Math.max(1, this.axes.length - 1), ...scaleOf({ ...axis, isTurned: i === this.axes.length - 1 && !this.rises }, this.trials.map(({ values }) => values[axis.key]).filter((value) => value != null)) }));
    const ranked = this.trials.filter(({ rank }) => rank).length;
    const lines = this.trials.map((trial) => {
      const points = axes.map(({ x, key, y }) => (trial.values[key] == null ? null : { x, y: y(trial.values[key]) })).filter(Boolean);
      const path = points.map((point, i) => {
        if (!i) return `M${point.x.toFixed(1)} ${point.y.toFixed(1)}`;
        const before = points[i - 1];
        const bend = (point.x - before.x) * 0.38;
        return `C${(before.x + bend).toFixed(1)} ${before.y.toFixed(1)} ${(point.x - bend).toFixed(1)} ${point.y.toFixed(1)} ${point.x.toFixed(1)} ${point.y.toFixed(1)}`;
      }).join("");
      // From the accent of a series for the best down to the colour of the grid.
      const share = trial.rank ? Math.round(100 - 78 * (trial.rank - 1) / Math.max(1, ranked - 1)) : 0;
      return { ...trial, points, path, colour: `color-mix(in oklab, var(--series-1) ${share}%, var(--line))` };
    });
    return { width, axes, lines };
  }

  #move(event) {
    const box = event.currentTarget.getBoundingClientRect();
    const [left, top] = [(event.clientX - box.left) / this.scale, (event.clientY - box.top) / this.scale];
    cancelAnimationFrame(this.frame);
    this.frame = requestAnimationFrame(() => {
      let best = { distance: 30 };
      for (const line of this.drawn?.lines || []) {
        for (let i = 1; i < line.points.length; i++) {
          const [a, b] = [line.points[i - 1], line.points[i]];
          if (left < a.x - 5 || left > b.x + 5) continue;
          const share = Math.min(1, Math.max(0, (left - a.x) / (b.x - a.x)));
          const distance = Math.abs(a.y + (b.y - a.y) * share * share * (3 - 2 * share) - top);
          if (distance < best.distance) best = { distance, trial: line.trial };
        }
      }
      this.#tell(best.trial || 0);
    });
  }

  #leave() {
    cancelAnimationFrame(this.frame);
    this.#tell(0);
  }

  #tell(trial) {
    if (trial === this.near) return;
    this.near = trial;
    this.dispatchEvent(new CustomEvent("near", { detail: trial }));
  }

  get drawing() {
    return this.querySelector("svg.lines");
  }

  render() {
    const { drawn } = this;
    if (!drawn) return nothing;
    const best = drawn.lines.find(({ rank }) => rank === 1);
    const marked = drawn.lines.find(({ trial }) => trial === (this.near || this.marked));
    const says = (line) => `Trial ${line.trial}: ${this.axes.map(({ key, title }) => `${title} ${shown(line.values[key])}`).join(", ")}`;
    return html`<p class="told small soft">${marked ? says(marked) : best ? `The best. ${says(best)}` : "No trial has a value yet."}</p>
      <div class="frame" tabindex="0" role="group" aria-label="Parallel coordinates">
      <svg class="lines" viewBox="0 0 ${drawn.width} ${HEIGHT}" width=${drawn.width * this.scale} height=${HEIGHT * this.scale} role="img" aria-label=${`${drawn.lines.length} trials over ${this.axes.map(({ title }) => title).join(", ")}. ${best ? `The best: ${says(best)}` : ""}`}>
        ${drawn.lines.toReversed().map(({ rank, path, colour }) => (rank === 1 ? nothing : rank ? svg`<path d=${path} stroke=${colour} />` : svg`<path class="open" d=${path} />`))}
        ${best ? svg`<path class="best" d=${best.path} />` : nothing}
        ${drawn.axes.map(({ x, title, marks, y }, i) => svg`<line class="axis" x1=${x} x2=${x} y1=${TOP} y2=${HEIGHT - BOTTOM} />
          <text class="title" x=${x} y="18" text-anchor="middle">${title.length > 20 ? `${title.slice(0, 19)}…` : title}</text>
          ${i === drawn.axes.length - 1 ? svg`<text x=${x} y="33" text-anchor="middle">${this.rises ? "more" : "less"} is better</text>` : nothing}
          ${marks.map((mark) => svg`<line class="tick" x1=${i === drawn.axes.length - 1 ? x + 4 : x - 4} x2=${x} y1=${y(mark)} y2=${y(mark)} /><text x=${i === drawn.axes.length - 1 ? x + 8 : x - 8} y=${y(mark) + 4} text-anchor=${i === drawn.axes.length - 1 ? "start" : "end"}>${shown(mark).slice(0, 14)}</text>`)}`)}
        ${best?.points.length ? svg`<text class="label" x=${best.points.at(-1).x - 8} y=${best.points.at(-1).y + 17} text-anchor="end">★ best</text>` : nothing}
      </svg>
      <svg class="over" viewBox="0 0 ${drawn.width} ${HEIGHT}" width=${drawn.width * this.scale} height=${HEIGHT * this.scale} aria-hidden="true" @pointermove=${this.#move} @pointerleave=${this.#leave}>
        <rect width=${drawn.width} height=${HEIGHT} fill="transparent"></rect>${marked ? svg`<path class="marked" d=${marked.path} />` : nothing}</svg></div>`;
  }
}

/** A value of a parameter, of any type. */
export function shown(value) {
  return value == null ? "–" : typeof value === "number" ? number(value) : typeof value === "string" ? value : JSON.stringify(value);
}

/** { y, marks } of an axis: where a value is, and which values it names; a turned one has small values at its top. Values that are no numbers stand in their order. */
function scaleOf({ isLogarithm, isTurned }, values) {
  const foot = HEIGHT - BOTTOM;
  const place = (share) => foot - (isTurned ? 1 - share : share) * (foot - TOP);
  if (values.every((value) => typeof value === "number") && values.length) {
    const [low, high] = [Math.min(...values), Math.max(...values)];
    if (low === high) return { y: () => place(0.5), marks: [low] };
    const distinct = [...new Set(values)].sort((a, b) => a - b);
    if (low > 0 && (isLogarithm || high / low >= FAR)) {
      const y = (value) => place(Math.log(value / low) / Math.log(high / low));
      return { y, marks: apart(distinct.length <= MANY ? distinct : [low, high, ...decades(low, high)], y) };
    }
    const y = (value) => place((value - low) / (high - low));
    return { y, marks: apart(distinct.length <= MANY ? distinct : [low, high, ...ticks(low, high, 5)], y) };
  }
  const distinct = [...new Map(values.map((value) => [JSON.stringify(value), value])).values()];
  const y = (value) => place(distinct.length < 2 ? 0.5 : distinct.findIndex((each) => JSON.stringify(each) === JSON.stringify(value)) / (distinct.length - 1));
  return { y, marks: apart(distinct, y) };
}

/** Those that do not touch one that comes before. */
function apart(marks, y) {
  const found = [];
  for (const mark of marks) if (found.every((each) => Math.abs(y(each) - y(mark)) >= 17)) found.push(mark);
  return found;
}

customElements.define("parallel-plot", ParallelPlot);
