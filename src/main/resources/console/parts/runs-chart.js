// The curves of several runs over each other: a name at the end of each, the nearest one under the pointer, and a stretch of
// the axis when one drags over it. It is one SVG, so it copies and prints as it stands.
import { css, html, nothing, svg } from "../part.js";
import { look } from "../runs.js";
import { number } from "../words.js";
import { tick, ticks } from "./chart.js";
import { round } from "./marks.js";
import { Scaled } from "./scaled.js";

const TOP = 12;
const BOTTOM = 30;
/** Pixels between two names. */
const APART = 16;
const FEW = 12;
/** A chart below this width leaves its names less room. */
const NARROW = 520;

class RunsChart extends Scaled {
  static sheet = css`
    runs-chart { display: block; position: relative; }
    runs-chart svg { display: block; width: 100%; touch-action: pan-y; font-size: 12px; }
    runs-chart .over { position: absolute; inset: 0; cursor: crosshair; }
    /* Each is drawn by itself: a pointer that moves has the curves not painted again. */
    runs-chart svg { will-change: transform; }
    runs-chart path { fill: none; stroke-width: 1.8; stroke-linejoin: round; }
    runs-chart path.raw { stroke-width: 1; opacity: .28; }
    runs-chart path.band { stroke: none; opacity: .18; }
    runs-chart path.near { stroke-width: 3.4; }
    runs-chart .noted { paint-order: stroke; stroke: var(--card); stroke-width: 4px; stroke-linejoin: round; }
    runs-chart .grid { stroke: var(--line); stroke-width: 1; }
    runs-chart .cross { stroke: var(--edge); stroke-width: 1; stroke-dasharray: 3 3; }
    runs-chart .mark { stroke: var(--edge); stroke-width: 1; stroke-dasharray: 5 4; }
    runs-chart .lead { stroke: var(--edge); stroke-width: .8; opacity: .6; }
    runs-chart text { font-variant-numeric: tabular-nums; }
    runs-chart .axis { fill: var(--soft); }
    runs-chart text.name { font-weight: 600; }
    runs-chart text.tip { fill: var(--ink); font-weight: 600; font-size: 12.5px; paint-order: stroke; stroke: var(--card); stroke-width: 5px; stroke-linejoin: round; }
    runs-chart .told { fill: var(--card); stroke: var(--line); }
    runs-chart .key { stroke-width: 2.4; }
    runs-chart text.row { fill: var(--ink); }
    runs-chart text.row.near { font-weight: 600; }
    runs-chart .dot { stroke: var(--card); stroke-width: 2; }
    runs-chart .stretch { fill: var(--accent); opacity: .15; }`;

  /**
   * `curves`: [{ id, name, place, x, y, raw?, low?, high? }], `y` and the others as long as `x`; `metric`: what they show; `rises`:
   * whether more is better; `marked`: the id of one that is shown thick; `mark`: { epoch, name } of an epoch that has a line; `cross`:
   * the epoch that is pointed at in another chart.
   */
  static properties = {
    curves: {}, metric: {}, rises: { type: Boolean }, log: { type: Boolean }, marked: {}, mark: { attribute: false }, cross: { attribute: false },
    under: { state: true }, dragged: { state: true },
  };

  constructor() {
    super();
    this.curves = [];
    this.metric = "";
    this.rises = false;
    this.log = false;
    this.marked = "";
    this.mark = null;
    this.cross = null;
    this.under = null;
    this.dragged = null;
  }

  /** The drawing is made anew when what it shows changes, not when the pointer moves. */
  willUpdate(changes) {
    if (["curves", "metric", "log", "width", "rises"].some((name) => changes.has(name))) this.drawn = this.width ? this.#draw() : null;
  }

  get height() {
    return Math.round(Math.min(560, Math.max(260, this.width * 0.46, Math.min(this.curves.length, 26) * APART + 60)));
  }

  #draw() {
    const { width, height } = this;
    const shown = this.curves.filter(({ x }) => x.length);
    const left = width < NARROW ? 40 : 62;
    const room = Math.min(width * (width < NARROW ? 0.42 : 0.36), Math.max(0, ...shown.map(({ name }) => wide(name))) + 14);
    const right = width - room;
    const bottom = height - BOTTOM;
    const usable = (value) => value != null && Number.isFinite(value) && (!this.log || value > 0);
    let [from, to, low, high] = [Infinity, -Infinity, Infinity, -Infinity];
    for (const { x, y, low: under, high: above } of shown) {
      from = Math.min(from, x[0]);
      to = Math.max(to, x.at(-1));
      for (const values of [y, under, above]) {
        for (const value of values || []) {
          if (usable(value)) {
            if (value < low) low = value;
            if (value > high) high = value;
          }
        }
      }
    }
    if (low > high) return { shown: [], left, right, bottom };
    if (from === to) [from, to] = [from - 1, to + 1];
    const scale = this.log ? Math.log10 : (value) => value;
    let [least, most] = [scale(low), scale(high)];
    const margin = (most - least) * 0.04 || Math.abs(most) * 0.1 || 1;
    [least, most] = [least - margin, most + margin];
    const px = (epoch) => left + (epoch - from) / (to - from) * (right - left);
    const py = (value) => bottom - (scale(value) - least) / (most - least) * (bottom - TOP);
    const line = (x, values) => {
      let path = "";
      for (let i = 0; i < x.length; i++) {
        if (usable(values[i])) path += `${path ? "L" : "M"}${round(px(x[i]))} ${round(py(values[i]))}`;
      }
      return path.includes("L") ? path : path && `${path}m-2 0h4`;
    };
    const area = ({ x, low: under, high: above }) => {
      const at = x.map((_, i) => i).filter((i) => above[i] != null && usable(above[i]));
      // A logarithm has no place for zero and less: the band ends at the foot.
      const foot = (i) => (usable(under[i]) ? py(under[i]) : bottom);
      return at.length < 2 ? "" : `M${at.map((i) => `${px(x[i]).toFixed(1)} ${py(above[i]).toFixed(1)}`).join("L")}L${at.reverse().map((i) => `${px(x[i]).toFixed(1)} ${foot(i).toFixed(1)}`).join("L")}Z`;
    };
    return {
      shown, left, right, bottom, room, from, to, px, py, usable,
      curves: shown.map((curve) => ({ ...look(curve.place), path: line(curve.x, curve.y), raw: shown.length <= FEW && curve.raw ? line(curve.x, curve.raw) : "", band: curve.low ? area(curve) : "" })),
      names: this.#names(shown, px, py, usable, bottom),
      xs: apart(ticks(from, to, Math.max(2, Math.floor((right - left) / 60))).filter((epoch) => Number.isInteger(epoch) && px(epoch) > left + 50), px),
      ys: this.log ? decades(low, high) : ticks(least, most, Math.max(3, Math.floor((bottom - TOP) / 55))),
    };
  }

  /** The name of each curve at its end; those that would touch move apart, and of too many the best have one. */
  #names(shown, px, py, usable, bottom) {
    const ends = shown.map(({ name, place, x, y }) => {
      let last = y.length - 1;
      while (last >= 0 && !usable(y[last])) last--;
      return last < 0 ? null : { name, place, value: y[last], x: px(x[last]), at: py(y[last]) };
    }).filter(Boolean);
    const fitting = Math.floor((bottom - TOP) / APART) + 1;
    const labels = ends.sort((a, b) => (this.rises ? b.value - a.value : a.value - b.value)).slice(0, fitting).sort((a, b) => a.at - b.at);
    labels.forEach((label, i) => { label.y = i ? Math.max(label.at, labels[i - 1].y + APART) : Math.max(label.at, TOP); });
    for (let i = labels.length - 1, floor = bottom; i >= 0; i--) {
      labels[i].y = Math.min(labels[i].y, floor);
      floor = labels[i].y - APART;
    }
    return labels;
  }

  /** The epoch at a place. */
  #epochAt(left) {
    const { drawn } = this;
    return drawn.from + (left - drawn.left) / (drawn.right - drawn.left) * (drawn.to - drawn.from);
  }

  /** The point of a curve that is nearest to a place. */
  #nearest(left, top) {
    const { drawn } = this;
    let best = null;
    drawn.shown.forEach((curve, i) => {
      const { x, y } = curve;
      const at = nearestIndex(x, this.#epochAt(left));
      for (let j = at - 1; j <= at + 1; j++) {
        if (!drawn.usable(y[j])) continue;
        const distance = Math.hypot(drawn.px(x[j]) - left, drawn.py(y[j]) - top);
        if (!best || distance < best.distance) best = { distance, curve, i, epoch: x[j], value: y[j], left: drawn.px(x[j]), top: drawn.py(y[j]) };
      }
    });
    return best;
  }

  #point(event) {
    const box = this.getBoundingClientRect();
    return { left: (event.clientX - box.left) / this.scale, top: (event.clientY - box.top) / this.scale };
  }

  /** At most once a frame. */
  #move(event) {
    const { left, top } = this.#point(event);
    if (this.dragged) {
      this.dragged = { ...this.dragged, to: left };
      return;
    }
    cancelAnimationFrame(this.frame);
    this.frame = requestAnimationFrame(() => this.drawn?.shown.length && this.#tell(this.#nearest(left, top)));
  }

  #tell(under) {
    this.under = under;
    this.dispatchEvent(new CustomEvent("near", { detail: { id: under?.curve.id || "", epoch: under?.epoch ?? null } }));
  }

  #leave() {
    cancelAnimationFrame(this.frame);
    this.#tell(null);
  }

  #press(event) {
    if (event.button || event.pointerType === "touch") return;
    event.currentTarget.setPointerCapture(event.pointerId);
    const { left } = this.#point(event);
    this.dragged = { from: left, to: left };
  }

  #release() {
    const { dragged, drawn } = this;
    this.dragged = null;
    if (!dragged || !drawn?.shown.length || Math.abs(dragged.to - dragged.from) < 8) return;
    const [from, to] = [dragged.from, dragged.to].sort((a, b) => a - b)
      .map((left) => Math.round(Math.min(drawn.to, Math.max(drawn.from, this.#epochAt(left)))));
    if (from < to) this.dispatchEvent(new CustomEvent("stretch", { detail: { from, to } }));
  }

  get drawing() {
    return this.querySelector("svg.lines");
  }

  render() {
    const { width, height, drawn } = this;
    if (!drawn) return nothing;
    const told = drawn.shown.map(({ name, y }) => `${name} ${number(y.findLast((value) => value != null))}`).join(", ");
    return html`<svg class="lines" viewBox="0 0 ${width} ${height}" height=${height * this.scale} role="img" aria-label=${`${this.metric} over the epochs; the last values: ${told || "none yet"}`}>
        ${drawn.shown.length ? svg`
          ${drawn.ys.map((value) => svg`<line class="grid" x1=${drawn.left} x2=${drawn.right} y1=${drawn.py(value)} y2=${drawn.py(value)} /><text class="axis" x=${drawn.left - 8} y=${drawn.py(value) + 4} text-anchor="end">${tick(value)}</text>`)}
          <text class="axis" x=${drawn.left} y=${drawn.bottom + 20}>epoch</text>
          ${drawn.xs.map((value) => svg`<text class="axis" x=${drawn.px(value)} y=${drawn.bottom + 20} text-anchor="middle">${tick(value)}</text>`)}
          ${drawn.curves.map(({ colour, band }) => (band ? svg`<path class="band series-${colour}" d=${band} />` : nothing))}
          ${drawn.curves.map(({ colour, raw }) => (raw ? svg`<path class="raw series-${colour}" d=${raw} />` : nothing))}
          ${drawn.curves.map(({ colour, dashes, path }) => svg`<path class="curve series-${colour}" stroke-dasharray=${dashes} d=${path} />`)}
          ${this.mark && this.mark.epoch >= drawn.from && this.mark.epoch <= drawn.to ? this.#mark(this.mark, drawn) : nothing}
          ${drawn.names.map(({ name, place, x, y, at }) => svg`${Math.abs(y - at) > 3 || x < drawn.right - 1 ? svg`<line class="lead" x1=${x + 2} y1=${at} x2=${drawn.right + 5} y2=${y} />` : nothing}
            <text class="name series-${look(place).colour}" x=${drawn.right + 8} y=${y + 4}>${cut(name, drawn.room)}</text>`)}` : nothing}
      </svg>
      <svg class="over" viewBox="0 0 ${width} ${height}" height=${height * this.scale} aria-hidden="true" @pointermove=${this.#move} @pointerleave=${this.#leave} @pointerdown=${this.#press} @pointerup=${this.#release}
        @dblclick=${() => this.dispatchEvent(new CustomEvent("stretch", { detail: { from: "", to: "" } }))}>
        ${this.#over(drawn)}</svg>`;
  }

  #mark({ epoch, name }, drawn) {
    const x = drawn.px(epoch);
    const isLeft = x > (drawn.left + drawn.right) / 2;
    return svg`<line class="mark" x1=${x} x2=${x} y1=${TOP} y2=${drawn.bottom} />
      <text class="axis noted" x=${x + (isLeft ? -5 : 5)} y=${drawn.bottom - 6} text-anchor=${isLeft ? "end" : "start"}>${name}</text>`;
  }

  #over(drawn) {
    if (!drawn.shown.length) return nothing;
    const { under, dragged } = this;
    const marked = under?.curve.id || this.marked;
    const i = drawn.shown.findIndex(({ id }) => id === marked);
    const near = drawn.curves[i];
    return svg`
      ${dragged ? svg`<rect class="stretch" x=${Math.min(dragged.from, dragged.to)} width=${Math.abs(dragged.to - dragged.from)} y=${TOP} height=${drawn.bottom - TOP} />` : nothing}
      ${!under && this.cross >= drawn.from && this.cross <= drawn.to ? svg`<line class="cross" x1=${drawn.px(this.cross)} x2=${drawn.px(this.cross)} y1=${TOP} y2=${drawn.bottom} />` : nothing}
      ${near ? svg`<path class="near series-${near.colour}" stroke-dasharray=${near.dashes} d=${near.path} />` : nothing}
      ${under && near ? svg`<line class="cross" x1=${under.left} x2=${under.left} y1=${TOP} y2=${drawn.bottom} />
        <circle class="dot series-${near.colour}" cx=${under.left} cy=${under.top} r="5" />
        ${this.#tip(under, drawn)}` : nothing}`;
  }

  /** Of a few curves the values of all in this epoch, in their order from above; of many, that of the nearest. */
  #tip({ curve, epoch, value, left, top }, drawn) {
    const isLeft = left > (drawn.left + drawn.right) / 2;
    if (drawn.shown.length <= FEW) {
      const rows = drawn.shown.map(({ id, name, place, x, y }) => {
        const own = epoch < x[0] || epoch > x.at(-1) ? null : y[nearestIndex(x, epoch)];
        return drawn.usable(own) ? { isNear: id === curve.id, ...look(place), text: `${cut(name, 170)} ${number(own)}`, y: drawn.py(own) } : null;
      }).filter(Boolean).sort((a, b) => a.y - b.y);
      const width = Math.max(90, ...rows.map(({ text }) => wide(text))) + 44;
      const height = (rows.length + 1) * APART + 12;
      const x = Math.max(0, Math.min(this.width - width, isLeft ? left - width - 14 : left + 14));
      const y = Math.max(0, Math.min(drawn.bottom - height, top - height / 2));
      return svg`<g><rect class="told" x=${x} y=${y} width=${width} height=${height} rx="5" />
        <text class="axis" x=${x + 10} y=${y + 18}>epoch ${number(epoch)}</text>
        ${rows.map(({ colour, dashes, text, isNear }, i) => svg`<line class="key series-${colour}" stroke-dasharray=${dashes} x1=${x + 10} x2=${x + 30} y1=${y + (i + 2) * APART - 2} y2=${y + (i + 2) * APART - 2} />
          <text class="row ${isNear ? "near" : ""}" x=${x + 36} y=${y + (i + 2) * APART + 2}>${text}</text>`)}</g>`;
    }
    return svg`<text class="tip" x=${left + (isLeft ? -12 : 12)} y=${Math.max(TOP + 14, top - 12)} text-anchor=${isLeft ? "end" : "start"}>${curve.name}: ${number(value)} in epoch ${number(epoch)}</text>`;
  }
}

/**
 * The mean of each value and those before it, where older ones count less; what the first ones lack of older ones is made up for, so
 * that none counts more because it is the first.
 */
export function smoothed(values, weight) {
  if (!weight) return values;
  let sum = 0;
  let share = 0;
  return values.map((value) => {
    if (value == null) return null;
    sum = weight * sum + (1 - weight) * value;
    share = weight * share + 1 - weight;
    return sum / share;
  });
}

let pen = null;

/** The pixels of a name. */
function wide(text) {
  pen ??= document.createElement("canvas").getContext("2d");
  pen.font = `600 12px ${getComputedStyle(document.body).fontFamily}`;
  return pen.measureText(text).width;
}

function cut(name, room) {
  if (wide(name) <= room - 8) return name;
  let most = name.length - 1;
  while (most > 1 && wide(`${name.slice(0, most)}…`) > room - 8) most--;
  return `${name.slice(0, most)}…`;
}

/** Of even ticks as many as have room for their numbers, the last one among them. */
function apart(ticks, px) {
  if (ticks.length < 2) return ticks;
  const room = wide(tick(ticks.at(-1))) + 8;
  const step = Math.max(1, Math.ceil(room / (px(ticks[1]) - px(ticks[0]))));
  return ticks.filter((_, i) => (ticks.length - 1 - i) % step === 0);
}

/** The index of the value that is nearest, in rising values. */
function nearestIndex(values, wanted) {
  let [low, high] = [0, values.length - 1];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (values[middle] < wanted) low = middle + 1; else high = middle;
  }
  return low;
}

/** Round numbers of a logarithm. */
export function decades(low, high) {
  const found = [];
  const wide = Math.log10(high / low) > 3;
  for (let n = Math.floor(Math.log10(low)); n <= Math.ceil(Math.log10(high)); n++) {
    for (const part of wide ? [1] : [1, 2, 5]) {
      const value = Number((part * 10 ** n).toPrecision(6));
      if (value >= low && value <= high) found.push(value);
    }
  }
  return found.length > 1 ? found : ticks(low, high, 4);
}

customElements.define("runs-chart", RunsChart);
