// The rows on which a version is furthest off: how far, what they are, and what it says of them.
import { call } from "../api.js";
import { css, html, nothing, Part } from "../part.js";
import { Live } from "../live.js";
import { keep } from "../router.js";
import { number } from "../words.js";
import { cell, columnsOf, readRow, truthOf } from "./rows.js";
import { placeOf } from "./section.js";
import { imageOf, mostOf } from "../parts/pixel-picture.js";
import "../parts/problem-note.js";

/** Each is read by a request of its own. */
const SHOWN = 8;
const COLUMNS = 6;

class WorstRows extends Part {
  static sheet = css`
    worst-rows td { padding: .2rem .7rem; vertical-align: middle; white-space: nowrap; max-width: 14rem; overflow: hidden; text-overflow: ellipsis; }
    worst-rows canvas { width: 2.6rem; }
    worst-rows tr[aria-current] td { background: var(--accent-tint); }`;

  /** `place`: where the rows are, { dataset } or { why }. */
  static properties = { version: {}, evaluation: {}, worst: {}, place: {}, chosen: {} };

  constructor() {
    super();
    this.read = new Live(this, { once: true, read: (text, signal) => this.#rows(JSON.parse(text), signal) });
  }

  willUpdate() {
    const { dataset } = this.place;
    this.read.watch(dataset && columnsOf(this.version).length ? JSON.stringify({ own: placeOf(this.version), dataset, rows: this.worst.slice(0, SHOWN).map(({ row }) => row) }) : null);
  }

  async #rows({ own, dataset, rows }, signal) {
    // One after the other: many reads at once would take the turns of other callers.
    const found = [];
    for (const row of rows) found.push(await readRow(this.version, dataset, row, signal));
    const { predictions } = await call("POST", `${own}/predict`, { body: { instances: found.map(({ instance }) => instance) }, signal });
    return found.map(({ row }, i) => ({ row, said: predictions[i] }));
  }

  render() {
    const { data, problem } = this.read;
    const shown = this.worst.slice(0, SHOWN);
    const measure = "loss" in (shown[0] || {}) ? "loss" : "error";
    const targets = Object.entries(this.version.encoding?.targets || {}).filter(([, { kind }]) => kind === "class" || kind === "number");
    const columns = columnsOf(this.version);
    return html`${problem ? html`<p class="soft small">Only their numbers are shown: ${problem.message}</p>` : nothing}
      ${this.place.dataset ? nothing : html`<p class="soft small">The rows themselves are not shown, because ${this.place.why}.</p>`}
      <div class="wide" tabindex="0" role="group" aria-label="Worst rows"><table>
      <thead><tr><th scope="col" class="number">Row</th><th scope="col" class="number">${measure}</th>
        ${data ? html`${targets.map(([name]) => html`<th scope="col">${name}</th><th scope="col">predicted</th>`)}${columns.slice(0, COLUMNS).map(({ column }) => html`<th scope="col">${column}</th>`)}` : nothing}
        <th scope="col"><span class="unseen">What to do</span></th></tr></thead>
      <tbody>${shown.map((each, i) => html`<tr aria-current=${each.row === this.chosen ? "true" : nothing}><td class="number strong">${number(each.row)}</td><td class="number">${number(each[measure])}</td>
        ${data ? html`${targets.map(([name, target]) => html`<td>${cell(truthOf(this.evaluation, this.version, name, target, each.row, data[i].row))}</td><td>${said(data[i].said, name)}</td>`)}
          ${columns.slice(0, COLUMNS).map((column) => html`<td>${this.#cell(column, data[i].row, data)}</td>`)}` : nothing}
        <td class="number">${this.place.dataset ? html`<button @click=${() => this.#choose(each.row)}>Look inside<span class="unseen"> row ${each.row}</span></button>` : nothing}</td></tr>`)}</tbody></table></div>
      <p class="soft small">${measure === "loss" ? "Those with the largest loss" : "Those with the largest error"}, the worst first. Are their values right?${columns.length > COLUMNS ? ` The first ${COLUMNS} of ${columns.length} columns are shown.` : ""}</p>`;
  }

  /** A value, or the image that it is. */
  #cell({ column, shape, length }, row, all) {
    if (length || !imageOf(shape) || !Array.isArray(row[column])) return cell(row[column]);
    const largest = Math.max(...all.map((each) => [each.row[column]].flat(Infinity).reduce((most, value) => Math.max(most, value), 0)));
    return html`<pixel-picture .label=${column} .shape=${shape} .value=${row[column]} .most=${mostOf(largest)}></pixel-picture>`;
  }

  #choose(row) {
    keep({ row });
    document.getElementById("inside")?.scrollIntoView({ block: "start" });
  }
}

/** What is said of a target, with its probability. */
function said(prediction, name) {
  const value = prediction?.[name];
  const shares = prediction?.probabilities?.[name];
  const share = (shares && typeof shares === "object" ? shares : prediction?.probabilities)?.[value];
  return `${typeof value === "number" ? number(Number(value.toPrecision(4))) : cell(value)}${typeof share === "number" ? ` (${Math.round(100 * share)} %)` : ""}`;
}

customElements.define("worst-rows", WorstRows);
