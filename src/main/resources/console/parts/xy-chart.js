// Lines and marks over two axes, each with its name beside it.
import { css, html, nothing, svg } from "../part.js";
import { Chart, cut, range, tick, ticks } from "./chart.js";
import { dashes, marks, round } from "./marks.js";

class XyChart extends Chart {
  static sheet = css`
    xy-chart { display: block; min-width: 0; }
    xy-chart .line { fill: none; stroke: currentColor; stroke-width: 2; }
    xy-chart .points { fill: currentColor; fill-opacity: .55; stroke: var(--card); stroke-width: .75; }
    xy-chart .ranges { stroke: currentColor; stroke-opacity: .45; stroke-width: 1.6; fill: none; }
    xy-chart .chosen { fill: none; stroke: var(--ink); stroke-width: 2; }
    xy-chart .over { fill: transparent; stroke: none; }
    xy-chart .pressed { fill: transparent; cursor: pointer; }
    xy-chart .pressed:hover { fill: var(--ink); }
    xy-chart text.key { text-anchor: end; font-weight: 600; fill: currentColor; }`;

  /**
   * `series`: [{ name, kind: "line", "points", "ranges" or "guide", points: [{ x, y, low, high, size, row, told }] }]; `from` and `to`:
   * both axes, where they are known; `chosen`: the row that is marked.
   */
  static properties = { x: {}, y: {}, series: {}, from: {}, to: {}, label: {}, chosen: {} };

  constructor() {
    super();
    this.series = [];
    this.chosen = 0;
  }

  draw(width, em) {
    const all = this.series.flatMap(({ points }) => points);
    const [left, right] = this.from == null ? range(all.map(({ x }) => x)) : [this.from, this.to];
    const [low, high] = this.from == null ? range(all.flatMap((each) => [each.y, each.low, each.high])) : [this.from, this.to];
    const marksOfY = ticks(low, high, 5);
    const room = Math.max(...marksOfY.map((each) => tick(each).length)) * em * 0.58 + 10;
    const [top, bottom] = [1.7 * em, 2.9 * em];
    const height = Math.round(Math.min(Math.max(0.72 * width, 15 * em), 24 * em));
    const atX = (value) => round(room + (value - left) / (right - left) * (width - room - 8));
    const atY = (value) => round(height - bottom - (value - low) / (high - low) * (height - bottom - top));
    const seen = this.series.filter(({ kind }) => kind !== "guide");
    return html`<svg viewBox="0 0 ${width} ${height}" height=${height} role="img" aria-label=${this.label || this.title} @pointerleave=${() => { this.under = ""; }}>
      ${marksOfY.map((each) => svg`<line class="grid" x1=${room} x2=${width - 8} y1=${atY(each)} y2=${atY(each)} /><text x=${room - 6} y=${atY(each) + em / 3} text-anchor="end">${tick(each)}</text>`)}
      ${ticks(left, right, Math.max(2, Math.min(6, (width - room) / em / 6))).map((each) => svg`<text x=${atX(each)} y=${height - bottom + 1.3 * em} text-anchor="middle">${tick(each)}</text>`)}
      <line class="axis" x1=${room} x2=${width - 8} y1=${height - bottom} y2=${height - bottom} />
      <text x="0" y=${em}>${cut(this.y, width / em * 1.6)} ↑</text>
      <text x=${width - 8} y=${height - 0.35 * em} text-anchor="end">${cut(this.x, width / em * 1.6)} →</text>
      ${this.series.map((each) => this.#series(each, seen.indexOf(each), atX, atY, em))}
      ${seen.length > 1 || seen[0]?.named ? this.#names(seen, width, height - bottom, em) : nothing}</svg>`;
  }

  #series({ kind, points }, i, atX, atY, em) {
    const shown = points.filter(({ x, y }) => Number.isFinite(x) && Number.isFinite(y));
    const path = shown.map(({ x, y }, at) => `${at ? "L" : "M"}${atX(x)} ${atY(y)}`).join("");
    if (kind === "guide") return svg`<path class="guide" d=${path} />`;
    if (kind === "line") {
      return svg`<path class="line s${i % 8 + 1}" d=${path} stroke-dasharray=${dashes(i)} />
        ${shown.filter(({ told }) => told).map(({ x, y, told }) => svg`<circle class="over" cx=${atX(x)} cy=${atY(y)} r=${0.6 * em} @pointerenter=${() => { this.under = told; }}><title>${told}</title></circle>`)}`;
    }
    const picked = shown.find(({ row }) => row && row === this.chosen);
    const drawn = svg`<g class="s${i % 8 + 1}">
      ${kind === "ranges" ? svg`<path class="ranges" d=${shown.map(({ x, low, high }) => `M${atX(x)} ${atY(low)}V${atY(high)}`).join("")} />` : nothing}
      ${shown.some(({ size }) => size)
        ? shown.map(({ x, y, size, told }) => svg`<path class="points" d=${marks(i, [[atX(x), atY(y)]], round(size * em))}><title>${told}</title></path>`)
        : svg`<path class="points" d=${marks(i, shown.map(({ x, y }) => [atX(x), atY(y)]), round(0.32 * em))} />`}</g>
      ${picked ? svg`<circle class="chosen" cx=${atX(picked.x)} cy=${atY(picked.y)} r=${0.7 * em} />` : nothing}`;
    return shown.some(({ row }) => row)
      ? svg`${drawn}${shown.map(({ x, y, row, told }) => svg`<circle class="pressed" cx=${atX(x)} cy=${atY(y)} r=${0.4 * em} @click=${() => this.#choose(row)}><title>${told}</title></circle>`)}`
      : drawn;
  }

  #choose(row) {
    this.dispatchEvent(new CustomEvent("choose", { bubbles: true, detail: { row } }));
  }

  /** Where curves of rates leave room. */
  #names(seen, width, bottom, em) {
    return seen.map((each, i) => {
      const y = bottom - (seen.length - i - 0.3) * 1.45 * em;
      return svg`<g class="s${i % 8 + 1}"><text class="key" x=${width - 46} y=${y + em / 3}>${cut(each.name, width / em)}</text>
        ${each.kind === "line" ? svg`<line class="line" x1=${width - 40} x2=${width - 12} y1=${y} y2=${y} stroke-dasharray=${dashes(i)} />`
          : svg`<path class="points" d=${marks(i, [[width - 26, y]], 0.4 * em)} />`}</g>`;
    });
  }
}

customElements.define("xy-chart", XyChart);
