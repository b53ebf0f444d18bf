// A net as the service lays it out: a box for each layer, the shape that goes along each edge, a frame around each nested net.
// With what is known of its layers, a press on one tells what it is, its formula and its counts.
import { css, html, nothing, Part, svg } from "../part.js";
import { bytes, count, number } from "../words.js";
import { cut } from "./chart.js";
import "./copy-picture.js";
import { attributes } from "./layer-specs.js";

const WIDTH = 168;
const HEIGHT = 52;
/** Between two rows. */
const GAP = 44;
const EDGE = 14;
/** Letters in a box. */
const NAME = 20;
const MORE = 27;
/** Of what is written of a layer. */
const LONGEST = 160;
/** A net of fewer boxes is seen as a whole. */
const FEW = 4;
/** Pixels of a letter that is as large as the page's letters are. */
const LETTER = 16;

class GraphView extends Part {
  static sheet = css`
    graph-view { display: grid; gap: .6rem; grid-template-columns: minmax(0, 1fr); }
    graph-view .over { display: flex; flex-wrap: wrap; gap: .2rem .8rem; align-items: center; justify-content: space-between; }
    graph-view .over span { display: flex; flex-wrap: wrap; justify-content: flex-end; margin-left: auto; }
    graph-view .over button { font-size: .85rem; }
    graph-view .plane { overflow: auto; max-height: 34rem; }
    graph-view svg { display: block; margin: 0 auto; max-width: none; }
    graph-view .plane.whole { overflow: hidden; }
    graph-view .plane.whole svg { max-width: 100%; max-height: 34rem; }
    graph-view rect { fill: var(--card); stroke: var(--line); }
    graph-view rect.input { fill: var(--accent-tint); }
    graph-view rect.frame { fill: var(--tint); stroke-dasharray: 5 4; }
    graph-view g.frozen > rect { stroke: var(--edge); stroke-dasharray: 2 4; }
    graph-view g[role] { cursor: pointer; }
    graph-view g[aria-pressed=true] > rect { stroke: var(--accent); stroke-width: 2; }
    graph-view g.wrong > rect { stroke: var(--bad); stroke-width: 2; }
    graph-view g.doubtful > rect { stroke: var(--warn); stroke-width: 2; }
    graph-view g > rect.here { fill: none; stroke: var(--accent); stroke-width: 1.6; stroke-dasharray: none; }
    graph-view path { fill: none; stroke: var(--edge); stroke-width: 1.4; }
    graph-view path.own { stroke: var(--accent); stroke-width: 2.6; }
    graph-view text { text-anchor: middle; fill: var(--ink); font-size: 13px; font-weight: 600; }
    graph-view text.more, graph-view text.shape, graph-view text.nested { fill: var(--soft); font-size: 11.5px; font-weight: 400; }
    graph-view text.shape { stroke: var(--card); stroke-width: 4px; paint-order: stroke; }
    graph-view text.nested { text-anchor: start; }
    graph-view text.sign { fill: var(--bad); }
    graph-view g.doubtful text.sign { fill: var(--warn); }
    graph-view .chosen { position: sticky; bottom: 0; padding: .6rem 0 .2rem; border-top: 1px solid var(--line); background: var(--card); }
    graph-view summary { cursor: pointer; font-size: .93rem; font-weight: 550; }
    graph-view td, graph-view th { padding: .3rem .6rem; }
    @media (max-width: 40rem) { graph-view .chosen { bottom: 4rem; } }
    @media print { graph-view .chosen { position: static; } graph-view .plane { max-height: none; } }`;

  /**
   * `summary`: of the service, with its layers. `marks`: by the name of a layer, its faults, each { detail, isWarning }. `specs`: as
   * `layerSpecs` gives them. `here`: the layer at which a reader is elsewhere. Tells "choose" with the summary of a layer that is pressed.
   */
  static properties = { graph: {}, summary: {}, marks: {}, specs: {}, here: {}, chosen: { state: true }, isWhole: { state: true }, isListed: { state: true } };

  constructor() {
    super();
    this.summary = null;
    this.marks = new Map();
    this.specs = new Map();
    this.here = "";
    this.chosen = "";
    this.isWhole = false;
    this.isListed = false;
  }

  willUpdate() {
    this.layers = new Map((this.summary?.layers || []).map((layer) => [layer.name, layer]));
  }

  render() {
    const { nodes, edges } = this.graph;
    const by = new Map(nodes.map((node) => [node.name, node]));
    const xs = nodes.map((node) => node.x);
    const ys = nodes.map((node) => node.y);
    const left = Math.min(...xs) - WIDTH / 2 - 2 * EDGE;
    const top = Math.min(...ys) - HEIGHT / 2 - 2 * EDGE;
    const right = Math.max(...xs.map((x) => x + WIDTH / 2), ...edges.map(({ bend }) => bend ?? -Infinity));
    const width = right - left + 2 * EDGE;
    const height = Math.max(...ys) - top + HEIGHT / 2 + 2 * EDGE;
    const read = new Set(edges.map(({ from }) => from));
    const told = `The net: ${nodes.map((node) => `${node.name}, ${node.type}`).join("; ")}`;
    return html`<div class="over">${this.#totals()}<span>${nodes.length < FEW ? nothing : html`<button class="plain" @click=${() => { this.isWhole = !this.isWhole; }}>${this.isWhole ? "Full size" : "Show it whole"}</button>`}
        <copy-picture name="the net" .drawing=${() => this.querySelector("svg")}></copy-picture></span></div>
      <div class="plane ${this.isWhole ? "whole" : ""}" tabindex="0" role="group" aria-label="The net"><svg viewBox="${left} ${top} ${width} ${height}" width=${`${width / LETTER}rem`} height=${`${height / LETTER}rem`}
        role=${this.layers.size ? "group" : "img"} aria-label=${told}>
      ${frames(nodes).map(({ name, x, y, width: wide, height: high }) => svg`<rect class="frame" x=${x} y=${y} width=${wide} height=${high} rx="10" /><text class="nested" x=${x + 6} y=${y + 11}>${cut(name, NAME)}</text>`)}
      ${this.#edges(edges, by)}
      ${nodes.map((node) => this.#node(node, !read.has(node.name)))}</svg></div>
      ${this.#details()}${this.#table()}`;
  }

  #totals() {
    if (!this.summary) return html`<span></span>`;
    const { layers, parameters, trainable_parameters: trainable, multiply_adds: work, training_bytes: memory, training_batch: batch } = this.summary;
    return html`<p class="soft small">${count(layers.length, "layer")} · ${count(parameters, "parameter")}${trainable < parameters ? `, ${number(trainable)} of them trainable` : ""} ·
      ${number(work)} multiply-adds for a row · about ${bytes(memory)} to train ${count(batch, "row")} at a time</p>`;
  }

  /** Lines first: what is written along them stands over all of them. */
  #edges(edges, by) {
    const known = edges.map((edge) => ({ ...edge, a: by.get(edge.from), b: by.get(edge.to) })).filter(({ a, b }) => a && b);
    const straight = new Set(known.filter(({ bend }) => bend == null).map(({ from }) => from));
    const own = ({ from, to }) => this.chosen !== "" && (from === this.chosen || to === this.chosen);
    return [
      ...[...known].sort((one, other) => own(one) - own(other)).map((edge) => svg`<path class=${own(edge) ? "own" : ""} d=${line(edge)} />`),
      // What goes around others has the same shape as what goes straight from the same layer.
      ...known.filter(({ a, from, bend }) => a.shape && (bend == null || !straight.has(from))).map(({ a, b, bend }) => svg`<text class="shape"
        x=${(a.x + (bend ?? b.x)) / 2} y=${bend == null ? (a.y + b.y) / 2 + 4 : a.y + (HEIGHT + GAP) / 2 + 4}>${shape(a.shape)}</text>`),
    ];
  }

  /** The shape of a layer that none reads has no edge at which it could stand. */
  #node(node, isLast) {
    const marks = this.marks.get(node.name) || [];
    const isFrozen = frozen(this.layers.get(node.name));
    const kind = [marks.some((mark) => !mark.isWarning) ? "wrong" : marks.length ? "doubtful" : "", isFrozen ? "frozen" : ""].join(" ");
    const more = [node.type === node.name ? "" : node.type, activation(this.specs, node.name), isLast && node.shape ? shape(node.shape) : "", node.parameters ? `${number(node.parameters)} par.` : "", isFrozen ? "frozen" : ""].filter(Boolean).join(" · ");
    const name = node.name.split("/").at(-1);
    const isCut = name.length > NAME || more.length > MORE || name !== node.name;
    const drawn = svg`<rect x=${node.x - WIDTH / 2} y=${node.y - HEIGHT / 2} width=${WIDTH} height=${HEIGHT} rx="8" class=${node.type === "input" ? "input" : ""} />
      ${node.name === this.here ? svg`<rect class="here" x=${node.x - WIDTH / 2 - 5} y=${node.y - HEIGHT / 2 - 5} width=${WIDTH + 10} height=${HEIGHT + 10} rx="12" />` : nothing}
      <text x=${node.x} y=${node.y - 5}>${cut(name, NAME)}</text>
      <text class="more" x=${node.x} y=${node.y + 13}> ${cut(more, MORE)} </text>
      ${marks.length ? svg`<text class="sign" x=${node.x + WIDTH / 2 - 12} y=${node.y - HEIGHT / 2 + 18}>!</text>` : nothing}
      ${isCut ? svg`<title>${node.name}: ${more}</title>` : nothing}`;
    const layer = this.layers.get(node.name);
    if (!layer) return svg`<g>${drawn}</g>`;
    const choose = () => {
      this.chosen = this.chosen === node.name ? "" : node.name;
      if (this.chosen) this.dispatchEvent(new CustomEvent("choose", { detail: layer }));
    };
    // A person who controls the page by voice says the text that is shown, so the accessible name contains it.
    const [written, whole] = [[cut(name, NAME), cut(more, MORE)], [node.name, more]].map((words) => words.filter(Boolean).join(", "));
    return svg`<g class=${kind} role="button" tabindex="0" aria-pressed=${this.chosen === node.name ? "true" : "false"}
      aria-label=${[isCut ? written : "", whole, ...marks.map((mark) => mark.detail)].filter(Boolean).join(", ")} @click=${choose} @keydown=${(event) => {
        if (event.key !== "Enter" && event.key !== " ") return;
        event.preventDefault();
        choose();
      }}>${drawn}</g>`;
  }

  #details() {
    if (!this.layers.size) return nothing;
    const layer = this.layers.get(this.chosen);
    if (!layer) return html`<p class="soft small">Press a layer to see what it is, its formula and its counts.</p>`;
    return html`<div class="chosen"><dl class="facts" aria-live="polite">
      <dt>Layer</dt><dd><span class="strong">${layer.name}</span>, ${layer.type}${frozen(layer) ? ", frozen" : ""}</dd>
      ${(this.marks.get(layer.name) || []).map((mark) => html`<dt>${mark.isWarning ? "Warning" : "Error"}</dt><dd>${mark.detail}</dd>`)}
      ${this.#attributes(layer)}
      <dt>Reads</dt><dd>${layer.inputs.join(", ")}</dd>
      <dt>Shape</dt><dd>${shape(layer.output_shape)}${layer.formula ? html` <span class="soft">· ${layer.formula}</span>` : nothing}</dd>
      <dt>Parameters</dt><dd>${number(layer.parameters)}${frozen(layer) ? ", frozen" : ""}</dd>
      <dt>Multiply-adds</dt><dd>${number(layer.multiply_adds)} for a row</dd>
      <dt>Memory</dt><dd>${bytes(layer.bytes)} to serve it, ${bytes(layer.training_bytes)} to train it</dd></dl></div>`;
  }

  #attributes({ name }) {
    const own = attributes(this.specs, name);
    if (!own.length) return nothing;
    return html`<dt>Written</dt><dd>${own.map(([member, value], i) => html`${i ? " · " : ""}<code>${member}</code> ${cut(typeof value === "string" ? value : JSON.stringify(value), LONGEST)}`)}</dd>`;
  }

  /** Drawn when it is opened, since a net may have thousands of layers. */
  #table() {
    if (!this.layers.size) return nothing;
    return html`<details @toggle=${(event) => { this.isListed = event.target.open; }}><summary>Its layers as a table</summary>
      ${this.isListed ? html`<div class="wide" tabindex="0" role="group" aria-label="Its layers"><table>
        <thead><tr><th scope="col">Layer</th><th scope="col">Type</th><th scope="col">Reads</th><th scope="col">Shape</th><th scope="col" class="number">Parameters</th><th scope="col" class="number">Multiply-adds</th></tr></thead>
        <tbody>${[...this.layers.values()].map((layer) => html`<tr><td class="strong">${layer.name}</td><td>${layer.type}${frozen(layer) ? ", frozen" : ""}</td><td>${layer.inputs.join(", ")}</td>
          <td class="nowrap">${shape(layer.output_shape)}</td><td class="number">${number(layer.parameters)}</td><td class="number">${number(layer.multiply_adds)}</td></tr>`)}</tbody></table></div>` : nothing}</details>`;
  }
}

/** From the lower side of a box to the upper side of another, beside all between where the service bends it. */
function line({ a, b, bend }) {
  const begin = a.y + HEIGHT / 2;
  const end = b.y - HEIGHT / 2;
  const middle = (begin + end) / 2;
  return bend == null ? `M${a.x} ${begin}C${a.x} ${middle} ${b.x} ${middle} ${b.x} ${end}`
    : `M${a.x} ${begin}C${a.x} ${begin + GAP} ${bend} ${begin} ${bend} ${begin + GAP}V${end - GAP}C${bend} ${end} ${b.x} ${end - GAP} ${b.x} ${end}`;
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

function frozen(layer) {
  return Boolean(layer?.parameters) && !layer.trainable;
}

/** In a word, "" for none. */
function activation(specs, name) {
  const own = attributes(specs, name).find(([member]) => member === "activation")?.[1];
  const word = typeof own === "string" ? own : own?.type;
  return typeof word === "string" ? word : "";
}

function shape(sizes) {
  return `[${sizes.join(", ")}]`;
}

customElements.define("graph-view", GraphView);
