// How the values of a column are spread, small: bars of equal width, or the most frequent values.
import { css, html, Part, svg } from "../part.js";
import { count, number } from "../words.js";

const WIDTH = 200;
const HEIGHT = 56;

class SmallHistogram extends Part {
  static sheet = css`
    small-histogram svg { display: block; width: 100%; height: 3.5rem; }
    small-histogram rect { fill: var(--series-1); }
    small-histogram .ends { display: flex; justify-content: space-between; gap: .5rem; font-size: .82rem; color: var(--soft); }
    small-histogram .tops { display: grid; gap: .2rem; font-size: .85rem; }
    small-histogram .top { display: grid; grid-template-columns: minmax(0, 1fr) minmax(0, 1fr) 3.2rem; gap: .5rem; align-items: center; }
    small-histogram .top svg { height: .55rem; }`;

  /** A column of a profile, and the rows of its dataset. */
  static properties = { column: {}, rows: {} };

  render() {
    const { histogram, top, name } = this.column;
    if (histogram) {
      const most = Math.max(1, ...histogram.counts);
      const wide = WIDTH / histogram.counts.length;
      const { edges, counts } = histogram;
      return html`<svg viewBox="0 0 ${WIDTH} ${HEIGHT}" preserveAspectRatio="none" role="img" aria-label=${`${name}: ${number(edges[0])} to ${number(edges.at(-1))}, most of them about ${number(edges[counts.indexOf(most)] ?? edges[0])}`}>
        ${counts.map((height, i) => svg`<rect x=${i * wide + 0.5} width=${wide - 1} y=${HEIGHT - height / most * HEIGHT} height=${height ? Math.max(1, height / most * HEIGHT) : 0}><title>${number(edges[i])} to ${number(edges[i + 1])}: ${count(height, "row")}</title></rect>`)}</svg>
        <div class="ends"><span>${end(edges[0])}</span><span>${end(edges.at(-1))}</span></div>`;
    }
    if (!top?.length) return html`<p class="soft small">no values to count</p>`;
    const most = Math.max(1, ...top.map((each) => each.count));
    return html`<div class="tops">${top.slice(0, 4).map((each) => html`<div class="top"><span class="cut" title=${String(each.value)}>${String(each.value)}</span>
      <svg viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true"><rect width=${100 * each.count / most} height="10"></rect></svg><span class="soft number">${number(each.count)}</span></div>`)}</div>`;
  }
}

function end(edge) {
  return typeof edge === "string" ? edge.slice(0, 10) : number(edge);
}

customElements.define("small-histogram", SmallHistogram);
