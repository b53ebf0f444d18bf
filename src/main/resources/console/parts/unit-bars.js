// Numbers side by side: what each unit of a layer says, or how many weights are about as large.
import { css, html, nothing, svg } from "../part.js";
import { number } from "../words.js";
import { Chart, range, tick, ticks } from "./chart.js";

class UnitBars extends Chart {
  static sheet = css`
    unit-bars { display: block; min-width: 0; }
    unit-bars rect.above { fill: var(--high); }
    unit-bars rect.below { fill: var(--low); }
    unit-bars rect.plain { fill: var(--series-1); }
    unit-bars rect.under { fill: transparent; }
    unit-bars rect.under:hover { fill: var(--ink); fill-opacity: .08; }`;

  /** `bars`: [{ value, told, name }]; `edges`: of a histogram, one more than bars; `plain`: counts, which have no sign. */
  static properties = { bars: {}, edges: {}, label: {}, plain: { type: Boolean }, low: { type: Boolean } };

  constructor() {
    super();
    this.bars = [];
    this.plain = false;
    this.low = false;
  }

  draw(width, em) {
    const values = this.bars.map(({ value }) => value);
    let [least, most] = range([...values, 0]);
    if (Math.min(...values) >= 0) least = 0;
    if (Math.max(...values) <= 0) most = 0;
    // All are zero.
    if (least === most) most = 1;
    const few = ticks(least, most, this.low ? 2 : 3);
    const shown = few.length > 1 ? few : ticks(least, most, 5);
    const room = Math.max(...shown.map((each) => tick(each).length)) * em * 0.58 + 10;
    const named = !this.edges && this.bars.every(({ name }) => name);
    const [top, bottom] = [0.6 * em, this.edges || named ? 1.7 * em : 0.6 * em];
    const height = Math.round((this.low ? 6.5 : 9) * em + bottom);
    const atY = (value) => top + (most - value) / (most - least) * (height - top - bottom);
    const wide = (width - room - 2) / this.bars.length;
    const bar = Math.min(wide * 0.84, 2.4 * em);
    const every = named ? Math.ceil((Math.max(...this.bars.map(({ name }) => name.length)) + 1) * em * 0.58 / wide) : 0;
    return html`<svg viewBox="0 0 ${width} ${height}" height=${height} role="img" aria-label=${this.label || this.title} @pointerleave=${() => { this.under = ""; }}>
      ${shown.map((each) => svg`<line class="grid" x1=${room} x2=${width} y1=${atY(each)} y2=${atY(each)} /><text x=${room - 6} y=${atY(each) + em / 3} text-anchor="end">${tick(each)}</text>`)}
      ${this.bars.map(({ value, told, name }, i) => {
        const x = room + i * wide;
        const kind = this.plain ? "plain" : value < 0 ? "below" : "above";
        return svg`<rect class=${kind} x=${x + (wide - bar) / 2} width=${bar} y=${Math.min(atY(0), atY(value))} height=${value ? Math.max(1, Math.abs(atY(value) - atY(0))) : 0} rx=${bar > 6 ? 1.5 : 0} />
          <rect class="under" x=${x} width=${wide} y=${top} height=${height - top - bottom} @pointerenter=${() => { this.under = told; }}><title>${told}</title></rect>
          ${named && i % every === 0 ? svg`<text x=${x + wide / 2} y=${height - 0.3 * em} text-anchor="middle">${name}</text>` : nothing}`;
      })}
      <line class="axis" x1=${room} x2=${width} y1=${atY(0)} y2=${atY(0)} />
      ${this.edges ? this.#edges(room, width, height, em) : nothing}</svg>`;
  }

  #edges(room, width, height, em) {
    const [from, to] = [this.edges[0], this.edges.at(-1)];
    return ticks(from, to, 5).map((each) => svg`<text x=${Math.min(width - em, Math.max(room, room + (each - from) / (to - from) * (width - room)))} y=${height - 0.3 * em} text-anchor="middle">${tick(each)}</text>`);
  }
}

/** Bars for about so many classes of equal width. */
export function histogram(values, about = 31) {
  let [low, high] = [Infinity, -Infinity];
  for (const value of values) {
    if (!Number.isFinite(value)) continue;
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  if (!(low <= high)) return { bars: [], edges: [0, 1] };
  if (low === high) [low, high] = [low - 0.5, high + 0.5];
  const counts = Array.from({ length: Math.min(about, Math.max(5, Math.ceil(2 * Math.sqrt(values.length)))) }, () => 0);
  const wide = (high - low) / counts.length;
  for (const value of values) if (Number.isFinite(value)) counts[Math.min(counts.length - 1, Math.floor((value - low) / wide))]++;
  const edges = [...counts.map((_, i) => low + i * wide), high];
  return { edges, bars: counts.map((value, i) => ({ value, told: `${number(short(edges[i]))} to ${number(short(edges[i + 1]))}: ${number(value)}` })) };
}

function short(value) {
  return Number(value.toPrecision(3));
}

customElements.define("unit-bars", UnitBars);
