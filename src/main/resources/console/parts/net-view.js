// A small net as a drawing: the larger a weight, the thicker its edge; a dashed edge has a negative weight.
import { css, html, Part, svg } from "../part.js";
import { number } from "../words.js";
import { cut } from "./chart.js";

const WIDTH = 360;
const HEIGHT = 260;
const RADIUS = 19;
/** Letters that a circle has room for; a longer name stands below it. */
const ROOM = 4;
const LONGEST = 18;

class NetView extends Part {
  static sheet = css`
    net-view { display: block; }
    net-view svg { display: block; width: 100%; height: auto; max-height: 22rem; }
    net-view line { stroke: var(--high); stroke-linecap: round; }
    net-view line.negative { stroke: var(--low); stroke-dasharray: 7 6; stroke-linecap: butt; }
    net-view circle { fill: var(--card); stroke: var(--edge); stroke-width: 1.6; }
    net-view text { fill: var(--ink); font-size: 13px; dominant-baseline: central; font-weight: 600; }
    net-view text.below { fill: var(--soft); font-size: 12px; font-weight: 500; paint-order: stroke; stroke: var(--card); stroke-width: 4px; }`;

  /** `layers`: the names of the units, layer by layer. `weights`: between them, [to][from]. */
  static properties = { layers: {}, weights: {} };

  constructor() {
    super();
    this.layers = [];
    this.weights = [];
  }

  #place(layer, unit) {
    const units = this.layers[layer].length;
    const apart = Math.min(76, (HEIGHT - 40) / Math.max(1, units - 0.5));
    return {
      x: 45 + layer * (WIDTH - 90) / (this.layers.length - 1),
      y: HEIGHT / 2 + (unit - (units - 1) / 2) * apart,
      r: Math.min(RADIUS, 0.44 * apart),
    };
  }

  /** A name within the drawing: what stands at its edge begins or ends there. */
  #below(name, x, y) {
    const [at, anchor] = x < WIDTH / 4 ? [2, "start"] : x > WIDTH * 3 / 4 ? [WIDTH - 2, "end"] : [x, "middle"];
    return svg`<text class="below" x=${at} y=${y} text-anchor=${anchor}>${cut(name, LONGEST)}</text>`;
  }

  render() {
    const largest = Math.max(1, ...this.weights.flat(2).map(Math.abs));
    const edges = this.weights.flatMap((matrix, layer) => matrix.flatMap((row, to) => row.map((weight, from) => {
      const a = this.#place(layer, from);
      const b = this.#place(layer + 1, to);
      return svg`<line x1=${a.x} y1=${a.y} x2=${b.x} y2=${b.y} class=${weight < 0 ? "negative" : ""}
        stroke-width=${(0.6 + 7 * Math.abs(weight) / largest).toFixed(2)} stroke-opacity=${(0.35 + 0.65 * Math.abs(weight) / largest).toFixed(2)}><title>${number(Number(weight.toPrecision(4)))}</title></line>`;
    })));
    return html`<svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="The net: its edges are as thick as their weights are large">
      ${edges}
      ${this.layers.flatMap((units, layer) => units.map((name, unit) => {
        const { x, y, r } = this.#place(layer, unit);
        return svg`<circle cx=${x} cy=${y} r=${r} />${name.length <= ROOM ? svg`<text x=${x} y=${y} text-anchor="middle">${name}</text>` : this.#below(name, x, y + r + 11)}`;
      }))}</svg>`;
  }
}

customElements.define("net-view", NetView);
