// A net as the service lays it out: a box for each layer, with its type, the shape that it gives and its parameters.
import { css, html, Part, svg } from "../part.js";
import { number } from "../words.js";

const WIDTH = 168;
const HEIGHT = 52;

class GraphView extends Part {
  static sheet = css`
    graph-view { display: block; overflow: auto; max-height: 34rem; }
    graph-view svg { display: block; margin: 0 auto; max-width: none; }
    graph-view rect { fill: var(--card); stroke: var(--line); }
    graph-view rect.input { fill: var(--accent-tint); }
    graph-view path { fill: none; stroke: var(--edge); stroke-width: 1.4; }
    graph-view text { text-anchor: middle; fill: var(--ink); font-size: 13px; font-weight: 600; }
    graph-view text.more { fill: var(--soft); font-size: 11.5px; font-weight: 400; }`;

  static properties = { graph: {} };

  render() {
    const { nodes, edges } = this.graph;
    const by = Object.fromEntries(nodes.map((node) => [node.name, node]));
    const xs = nodes.map((node) => node.x);
    const ys = nodes.map((node) => node.y);
    const left = Math.min(...xs) - WIDTH / 2 - 8;
    const top = Math.min(...ys) - HEIGHT / 2 - 8;
    const width = Math.max(...xs) - left + WIDTH / 2 + 8;
    const height = Math.max(...ys) - top + HEIGHT / 2 + 8;
    return html`<svg viewBox="${left} ${top} ${width} ${height}" width=${width} height=${height} role="img" aria-label=${`The net: ${nodes.map((node) => `${node.name}, ${node.type}`).join("; ")}`}>
      ${edges.map(({ from, to }) => {
        const [a, b] = [by[from], by[to]];
        if (!a || !b) return svg``;
        const middle = (a.y + b.y) / 2;
        return svg`<path d="M${a.x} ${a.y + HEIGHT / 2}C${a.x} ${middle} ${b.x} ${middle} ${b.x} ${b.y - HEIGHT / 2}" />`;
      })}
      ${nodes.map((node) => svg`<g><rect x=${node.x - WIDTH / 2} y=${node.y - HEIGHT / 2} width=${WIDTH} height=${HEIGHT} rx="8" class=${node.type === "input" ? "input" : ""} />
        <text x=${node.x} y=${node.y - 5}>${cut(node.name)}</text>
        <text class="more" x=${node.x} y=${node.y + 13}>${cut([node.type === node.name ? "" : node.type, node.shape ? `[${node.shape.join(", ")}]` : "", node.parameters ? `${number(node.parameters)} par.` : ""].filter(Boolean).join(" · "), 28)}</text></g>`)}</svg>`;
  }
}

function cut(text, length = 20) {
  return text.length > length ? `${text.slice(0, length - 1)}…` : text;
}

customElements.define("graph-view", GraphView);
