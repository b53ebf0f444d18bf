// A value for each name, with the interval that holds it: as bars from zero, or as marks beside the value of all.
import { css, html, nothing, svg } from "../part.js";
import { number } from "../words.js";
import { Chart, cut, range, tick, ticks } from "./chart.js";
import { marks, round } from "./marks.js";

class RangeChart extends Chart {
  static sheet = css`
    range-chart { display: block; min-width: 0; }
    range-chart rect { fill: var(--series-1); fill-opacity: .35; }
    range-chart .held { stroke: var(--series-1); stroke-width: 2; fill: none; }
    range-chart .value-mark { fill: var(--series-1); }
    range-chart g.faded { opacity: .55; }
    range-chart text.name { font-weight: 550; stroke: var(--card); stroke-width: 3px; paint-order: stroke; }
    range-chart tspan.more { fill: var(--soft); font-weight: 400; }
    range-chart text.number { text-anchor: end; font-variant-numeric: tabular-nums; }
    range-chart .all { stroke: var(--ink); stroke-dasharray: 3 3; }`;

  /** `rows`: [{ name, more, value, low, high, isFaded }]; `all`: a value to compare with; `bars`: from zero on. */
  static properties = { rows: {}, all: {}, unit: {}, label: {}, bars: { type: Boolean } };

  constructor() {
    super();
    this.rows = [];
    this.all = null;
    this.unit = "";
    this.bars = false;
  }

  draw(width, em) {
    const known = this.rows.filter(({ value }) => Number.isFinite(value));
    if (!known.length) return html`<p class="soft">None of them has a value.</p>`;
    let [low, high] = range([...known.flatMap((each) => [each.value, each.low ?? each.value, each.high ?? each.value]), ...(this.bars ? [0] : []), ...(this.all == null ? [] : [this.all])]);
    if (this.bars && Math.min(...known.map((each) => each.low ?? each.value)) >= 0) low = 0;
    const longest = (Math.max(...this.rows.map(({ name, more }) => name.length + (more ? more.length + 2 : 0))) + 1) * em * 0.58;
    // Long names stand above their bars where there is no room beside them.
    const isNarrow = width < 34 * em && longest > 0.25 * width;
    const names = isNarrow ? 0 : Math.min(0.36 * width, longest);
    const values = Math.max(...known.map(({ value }) => number(short(value)).length)) * em * 0.62 + em;
    const step = (isNarrow ? 3.4 : 2.3) * em;
    const top = this.all == null ? 0.4 * em : 1.7 * em;
    const height = round(top + this.rows.length * step + 3 * em);
    const at = (value) => round(names + em + (value - low) / (high - low) * (width - names - values - 2 * em));
    const foot = top + this.rows.length * step;
    return html`<svg viewBox="0 0 ${width} ${height}" height=${height} role="img" aria-label=${this.label || this.title}>
      ${ticks(low, high, Math.max(2, Math.min(6, (width - names - values) / em / 6))).map((each) => svg`<line class="grid" x1=${at(each)} x2=${at(each)} y1=${top} y2=${foot} /><text x=${at(each)} y=${foot + 1.3 * em} text-anchor="middle">${tick(each)}</text>`)}
      <text x=${at(high)} y=${foot + 2.7 * em} text-anchor="end">${cut(this.unit, width / em * 1.6)} →</text>
      ${this.bars ? svg`<line class="axis" x1=${at(0)} x2=${at(0)} y1=${top} y2=${foot} />` : nothing}
      ${this.rows.map((each, i) => this.#row(each, top + i * step + (isNarrow ? 2.2 : 1.15) * em, { at, width, em, names, isNarrow }))}
      ${this.all == null ? nothing : svg`<line class="all" x1=${at(this.all)} x2=${at(this.all)} y1=${top - 0.3 * em} y2=${foot} /><text x=${at(this.all)} y=${em} text-anchor="middle" class="name">all ${number(short(this.all))}</text>`}</svg>`;
  }

  #row({ name, more, value, low, high, isFaded, told }, y, { at, width, em, names, isNarrow }) {
    const room = isNarrow ? width : names;
    const label = svg`<text class="name" x=${isNarrow ? 0 : names} y=${isNarrow ? y - em : y + em / 3} text-anchor=${isNarrow ? "start" : "end"}>${cut(name, room / em / 0.56 - (more ? more.length + 2 : 0))}${more ? svg`<tspan class="more" dx="6">${more}</tspan>` : nothing}</text>`;
    if (!Number.isFinite(value)) return svg`${label}<text x=${at.length ? names + em : 0} y=${y + em / 3}>${told || "–"}</text>`;
    const half = 0.28 * em;
    return svg`<g class=${isFaded ? "faded" : ""}>${label}
      ${this.bars ? svg`<rect x=${Math.min(at(0), at(value))} width=${Math.max(1, Math.abs(at(value) - at(0)))} y=${y - 0.62 * em} height=${1.24 * em} rx="2"><title>${told}</title></rect>` : nothing}
      ${low == null || high == null ? nothing : svg`<path class="held" d="M${at(low)} ${y - half}v${2 * half}M${at(low)} ${y}H${at(high)}M${at(high)} ${y - half}v${2 * half}"><title>${told}</title></path>`}
      <path class="value-mark" d=${marks(0, [[at(value), y]], round(0.36 * em))}><title>${told}</title></path>
      <text class="number name" x=${width} y=${y + em / 3}>${number(short(value))}</text></g>`;
  }
}

function short(value) {
  return Number(value.toPrecision(3));
}

customElements.define("range-chart", RangeChart);
