// A matrix, or a few of them side by side: the stronger a colour, the larger a number; those below zero have the other colour and,
// where there is room, a minus sign.
import { css, html, nothing, svg } from "../part.js";
import { number } from "../words.js";
import { outlines, signed, STEPS } from "./bands.js";
import { Chart, cut } from "./chart.js";

class HeatMap extends Chart {
  static sheet = css`
    heat-map { display: block; min-width: 0; }
    heat-map .above { fill: var(--high); }
    heat-map .below { fill: var(--low); }
    heat-map .ground { fill: var(--tint); }
    heat-map .minus { stroke: var(--ink); stroke-width: 1.3; fill: none; }`;

  /** `maps`: [{ name, rows, columns, values }]; `across` and `down`: names of columns and rows; `square`: of pixels. */
  static properties = { maps: {}, across: {}, down: {}, rowName: {}, columnName: {}, label: {}, square: { type: Boolean } };

  constructor() {
    super();
    this.maps = [];
    this.square = false;
  }

  draw(width, em) {
    const { rows, columns } = this.maps[0];
    const isOne = this.maps.length === 1;
    const largest = Math.max(1e-30, ...this.maps.map(({ values }) => values.reduce((most, each) => Math.max(most, Number.isFinite(each) ? Math.abs(each) : 0), 0)));
    const named = isOne && this.down?.length === rows && rows <= 40;
    const room = named ? Math.min(0.3 * width, Math.max(...this.down.map((each) => each.length)) * em * 0.58 + 8) : 0;
    const beside = isOne ? 1 : Math.max(1, Math.min(this.maps.length, Math.floor(width / Math.max(5 * em, 100))));
    const wide = (width - room) / beside - (isOne ? 0 : em);
    const cell = Math.min(wide / columns, isOne ? 2.4 * em : 1.2 * em);
    const high = this.square || !isOne ? cell : Math.min(cell, 1.7 * em);
    const turned = isOne && this.across?.length === columns && cell >= 1.05 * em;
    const longest = turned ? Math.min(16, Math.max(...this.across.map((each) => each.length))) : 0;
    const head = isOne ? (turned ? longest * em * 0.56 + 0.6 * em : 0) : 1.5 * em;
    const each = head + rows * high + (isOne ? 0 : 0.6 * em);
    const height = Math.ceil(Math.ceil(this.maps.length / beside) * each + 2);
    return html`<svg viewBox="0 0 ${width} ${height}" height=${height} role="img" aria-label=${this.label || this.title} @pointerleave=${() => { this.under = ""; }}>
      ${turned ? this.across.map((name, i) => svg`<text transform="translate(${room + (i + 0.5) * cell + em / 3} ${head - 0.4 * em}) rotate(-90)">${cut(name, 16)}</text>`) : nothing}
      ${named ? this.down.map((name, i) => svg`<text class="name" x=${room - 8} y=${head + (i + 0.5) * high + em / 3} text-anchor="end">${cut(name, room / em / 0.58)}</text>`) : nothing}
      ${this.maps.map((map, i) => {
        const x = room + (i % beside) * (wide + em);
        const y = Math.floor(i / beside) * each + head;
        return svg`${isOne ? nothing : svg`<text class="name" x=${x} y=${y - 0.4 * em}>${cut(map.name, wide / em / 0.58)}</text>`}${this.#map(map, { x, y, cell, high, largest, em })}`;
      })}</svg>`;
  }

  #map({ name, rows, columns, values }, { x, y, cell, high, largest, em }) {
    const drawn = outlines(columns, rows, (i) => signed(values[i], largest), (column, row) => ({ x: round(x + column * cell), y: round(y + row * high), width: cell, height: round(high) }));
    const minus = cell > 0.9 * em && high > 0.9 * em ? values.map((value, i) => (value < 0 && signed(value, largest) ? `M${round(x + (i % columns + 0.5) * cell - 0.2 * em)} ${round(y + (Math.floor(i / columns) + 0.5) * high)}h${round(0.4 * em)}` : "")).join("") : "";
    const told = (event) => {
      const place = event.currentTarget.getBoundingClientRect();
      const column = Math.min(columns - 1, Math.max(0, Math.floor((event.clientX - place.left) / place.width * columns)));
      const row = Math.min(rows - 1, Math.max(0, Math.floor((event.clientY - place.top) / place.height * rows)));
      this.under = `${name ? `${name}, ` : ""}${this.#name(this.down, this.rowName, row)}${rows > 1 ? ", " : ""}${this.#name(this.across, this.columnName, column)}: ${number(Number(values[row * columns + column]?.toPrecision?.(4) ?? NaN))}`;
    };
    return svg`<g @pointermove=${told}><rect class="ground" x=${x} y=${y} width=${columns * cell} height=${rows * high} />
      ${drawn.filter(({ level }) => level).map(({ level, path }) => svg`<path class=${level < 0 ? "below" : "above"} fill-opacity=${(Math.abs(level) / STEPS).toFixed(2)} d=${path} />`)}
      ${minus ? svg`<path class="minus" d=${minus} />` : nothing}</g>`;
  }

  #name(names, kind, i) {
    return names?.length > i ? names[i] : `${kind} ${i}`;
  }
}

function round(value) {
  return Math.round(value * 100) / 100;
}

customElements.define("heat-map", HeatMap);
