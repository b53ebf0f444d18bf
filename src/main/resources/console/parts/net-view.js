// A small net as a drawing: the larger a weight, the thicker its edge; a dashed edge has a negative weight.
import { css, html, Part, svg } from "../part.js";
import { number } from "../words.js";

const WIDTH = 360;
const HEIGHT = 260;
const RADIUS = 19;

class NetView extends Part {
  static sheet = css`
    net-view { display: block; }
    net-view svg { display: block; width: 100%; height: auto; max-height: 22rem; }
    net-view line { stroke: var(--high); stroke-linecap: round; }
    net-view line.negative { stroke: var(--low); stroke-dasharray: 7 6; stroke-linecap: butt; }
    net-view circle { fill: var(--card); stroke: var(--edge); stroke-width: 1.6; }
    net-view text { fill: var(--ink); font-size: 13px; text-anchor: middle; dominant-baseline: central; font-weight: 600; }
    net-view text.name { fill: var(--soft); font-size: 12px; font-weight: 500; }`;

  /** `layers`: the names of the units, layer by layer. `weights`: between them, [to][from]. */
  static properties = { layers: {}, weights: {} };

  constructor() {
    super();
    this.layers = [];
    this.weights = [];
  }

  #place(layer, unit) {
    const units = this.layers[layer].length;
    return {
      x: 45 + layer * (WIDTH - 90) / (this.layers.length - 1),
      y: HEIGHT / 2 + (unit - (units - 1) / 2) * Math.min(76, (HEIGHT - 40) / Math.max(1, units - 0.5)),
    };
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
        const { x, y } = this.#place(layer, unit);
        return svg`<circle cx=${x} cy=${y} r=${RADIUS} /><text x=${x} y=${y}>${name}</text>`;
      }))}</svg>`;
  }
}

customElements.define("net-view", NetView);
