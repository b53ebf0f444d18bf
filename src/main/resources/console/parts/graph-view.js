// A net as the service lays it out: a box for each layer, the shape that goes along each edge, a frame around each nested net.
// With what is known of its layers, a press on one tells its formula and its counts.
import { css, html, nothing, Part, svg } from "../part.js";
import { bytes, number } from "../words.js";

const WIDTH = 168;
const HEIGHT = 52;
const EDGE = 14;

class GraphView extends Part {
  static sheet = css`
    graph-view { display: grid; gap: .8rem; grid-template-columns: minmax(0, 1fr); }
    graph-view .plane { overflow: auto; max-height: 34rem; }
    graph-view svg { display: block; margin: 0 auto; max-width: none; }
    graph-view rect { fill: var(--card); stroke: var(--line); }
    graph-view rect.input { fill: var(--accent-tint); }
    graph-view rect.frame { fill: var(--tint); stroke-dasharray: 5 4; }
    graph-view g[role] { cursor: pointer; }
    graph-view g[aria-pressed=true] > rect { stroke: var(--accent); stroke-width: 2; }
    graph-view g.wrong > rect { stroke: var(--bad); stroke-width: 2; }
    graph-view g.doubtful > rect { stroke: var(--warn); stroke-width: 2; }
    graph-view path { fill: none; stroke: var(--edge); stroke-width: 1.4; }
    graph-view text { text-anchor: middle; fill: var(--ink); font-size: 13px; font-weight: 600; }
    graph-view text.more, graph-view text.shape, graph-view text.nested { fill: var(--soft); font-size: 11.5px; font-weight: 400; }
    graph-view text.shape { stroke: var(--card); stroke-width: 4px; paint-order: stroke; }
    graph-view text.nested { text-anchor: start; }
    graph-view text.sign { fill: var(--bad); }
    graph-view g.doubtful text.sign { fill: var(--warn); }`;

  /** `layers`: as a summary lists them. `marks`: by the name of a layer, its faults, each { detail, isWarning }. */
  static properties = { graph: {}, layers: {}, marks: {}, chosen: { state: true } };

  constructor() {
    super();
    this.layers = [];
    this.marks = new Map();
    this.chosen = "";
  }

  render() {
    const { nodes, edges } = this.graph;
    const by = new Map(nodes.map((node) => [node.name, node]));
    const xs = nodes.map((node) => node.x);
    const ys = nodes.map((node) => node.y);
    const left = Math.min(...xs) - WIDTH / 2 - 2 * EDGE;
    const top = Math.min(...ys) - HEIGHT / 2 - 2 * EDGE;
    const width = Math.max(...xs) - left + WIDTH / 2 + 2 * EDGE;
    const height = Math.max(...ys) - top + HEIGHT / 2 + 2 * EDGE;
    const read = new Set(edges.map(({ from }) => from));
    const told = `The net: ${nodes.map((node) => `${node.name}, ${node.type}`).join("; ")}`;
    return html`<div class="plane" tabindex="0" role="group" aria-label="The net"><svg viewBox="${left} ${top} ${width} ${height}" width=${width} height=${height}
        role=${this.layers.length ? "group" : "img"} aria-label=${told}>
      ${frames(nodes).map(({ name, x, y, width: wide, height: high }) => svg`<rect class="frame" x=${x} y=${y} width=${wide} height=${high} rx="10" /><text class="nested" x=${x + 6} y=${y + 11}>${cut(name)}</text>`)}
      ${edges.map(({ from, to }) => {
        const [a, b] = [by.get(from), by.get(to)];
        if (!a || !b) return nothing;
        const middle = (a.y + b.y) / 2;
        return svg`<path d="M${a.x} ${a.y + HEIGHT / 2}C${a.x} ${middle} ${b.x} ${middle} ${b.x} ${b.y - HEIGHT / 2}" />
          ${a.shape ? svg`<text class="shape" x=${(a.x + b.x) / 2} y=${middle + 4}>${shape(a)}</text>` : nothing}`;
      })}
      ${nodes.map((node) => this.#node(node, !read.has(node.name)))}</svg></div>
      ${this.#details()}`;
  }

  /** The shape of a layer that none reads has no edge at which it could stand. */
  #node(node, isLast) {
    const marks = this.marks.get(node.name) || [];
    const kind = marks.some((mark) => !mark.isWarning) ? "wrong" : marks.length ? "doubtful" : "";
    const more = [node.type === node.name ? "" : node.type, isLast && node.shape ? shape(node) : "", node.parameters ? `${number(node.parameters)} par.` : ""].filter(Boolean).join(" · ");
    const drawn = svg`<rect x=${node.x - WIDTH / 2} y=${node.y - HEIGHT / 2} width=${WIDTH} height=${HEIGHT} rx="8" class=${node.type === "input" ? "input" : ""} />
      <text x=${node.x} y=${node.y - 5}>${cut(node.name)}</text>
      <text class="more" x=${node.x} y=${node.y + 13}>${cut(more, 28)}</text>
      ${marks.length ? svg`<text class="sign" x=${node.x + WIDTH / 2 - 12} y=${node.y - HEIGHT / 2 + 18}>!</text>` : nothing}`;
    if (!this.layers.length || node.type === "input") return svg`<g>${drawn}</g>`;
    const choose = () => { this.chosen = this.chosen === node.name ? "" : node.name; };
    return svg`<g class=${kind} role="button" tabindex="0" aria-pressed=${this.chosen === node.name ? "true" : "false"}
      aria-label=${[node.name, more, ...marks.map((mark) => mark.detail)].join(", ")} @click=${choose} @keydown=${(event) => {
        if (event.key !== "Enter" && event.key !== " ") return;
        event.preventDefault();
        choose();
      }}>${drawn}</g>`;
  }

  #details() {
    if (!this.layers.length) return nothing;
    const layer = this.layers.find((each) => each.name === this.chosen);
    if (!layer) return html`<p class="soft small">Press a layer to see its formula and its counts.</p>`;
    return html`<dl class="facts" aria-live="polite">
      <dt>Layer</dt><dd class="strong">${layer.name}</dd>
      ${(this.marks.get(layer.name) || []).map((mark) => html`<dt>${mark.isWarning ? "Warning" : "Error"}</dt><dd>${mark.detail}</dd>`)}
      <dt>Shape</dt><dd>${layer.formula}</dd>
      <dt>Parameters</dt><dd>${number(layer.parameters)}${layer.parameters && !layer.trainable ? ", frozen" : ""}</dd>
      <dt>Multiply-adds</dt><dd>${number(layer.multiply_adds)} for a row</dd>
      <dt>Memory</dt><dd>${bytes(layer.bytes)} to serve it, ${bytes(layer.training_bytes)} to train it</dd></dl>`;
  }
}

/** Around the layers of each nested net, whose names begin with its own. */
function frames(nodes) {
  const nets = new Map();
  for (const node of nodes) {
    const parts = node.name.split("/");
    parts.slice(0, -1).forEach((_, depth) => {
      const name = parts.slice(0, depth + 1).join("/");
      nets.set(name, [...(nets.get(name) || []), node]);
    });
  }
  return [...nets].map(([name, inner]) => {
    const x = Math.min(...inner.map((node) => node.x)) - WIDTH / 2 - EDGE;
    const y = Math.min(...inner.map((node) => node.y)) - HEIGHT / 2 - EDGE;
    return { name, x, y, width: Math.max(...inner.map((node) => node.x)) + WIDTH / 2 + EDGE - x, height: Math.max(...inner.map((node) => node.y)) + HEIGHT / 2 + EDGE - y };
  });
}

function shape(node) {
  return `[${node.shape.join(", ")}]`;
}

function cut(text, length = 20) {
  return text.length > length ? `${text.slice(0, length - 1)}…` : text;
}

customElements.define("graph-view", GraphView);
