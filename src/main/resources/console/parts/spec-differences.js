// Where documents differ, by JSON pointer: a column for each document; what is not as in the first is marked.
import { css, html, nothing, Part } from "../part.js";
import { differences, written } from "../runs.js";

const LONG = 200;

class SpecDifferences extends Part {
  static sheet = css`
    spec-differences { display: block; }
    spec-differences th[scope=row] { font-family: var(--mono); font-weight: 500; color: var(--ink); position: sticky; left: 0; background: var(--card); max-width: 24rem; white-space: normal; overflow-wrap: anywhere; }
    spec-differences tr:last-child > th[scope=row] { border-bottom: 0; }
    spec-differences td { min-width: 7rem; max-width: 20rem; }
    spec-differences td.other { font-weight: 650; }
    spec-differences thead th { vertical-align: bottom; white-space: normal; min-width: 7rem; }
    @media (max-width: 40rem) { spec-differences th[scope=row] { max-width: 9rem; } }`;

  /** `heads`: what stands over the column of each of the `documents`; `none`: what is said where they are the same. */
  static properties = { documents: {}, heads: {}, none: {} };

  constructor() {
    super();
    this.documents = [];
    this.heads = [];
    this.none = "Nothing differs.";
  }

  willUpdate(changes) {
    if (changes.has("documents")) this.found = differences(this.documents);
  }

  render() {
    const { found } = this;
    if (!found.length) return html`<p class="soft">${this.none}</p>`;
    return html`<div class="wide" tabindex="0" role="group" aria-label="What differs"><table>
      <thead><tr><th scope="col">Where</th>${this.heads.map((head) => html`<th scope="col">${head}</th>`)}</tr></thead>
      <tbody>${found.map(({ pointer, values }) => html`<tr><th scope="row">${pointer || "/"}</th>${values.map((value) => {
        const isOther = JSON.stringify(value) !== JSON.stringify(values[0]);
        const text = written(value);
        return html`<td class=${isOther ? "other" : ""}>${isOther ? html`<span aria-hidden="true">≠ </span>` : nothing}${text.length > LONG ? `${text.slice(0, LONG)}…` : text}${isOther ? html`<span class="unseen"> other than the first</span>` : nothing}</td>`;
      })}</tr>`)}</tbody></table></div>`;
  }
}

customElements.define("spec-differences", SpecDifferences);
