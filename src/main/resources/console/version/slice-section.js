// The metrics of groups of rows: where it is worse than elsewhere.
import { css, html, nothing } from "../part.js";
import { keep } from "../router.js";
import { number } from "../words.js";
import { evaluationCall } from "./rows.js";
import { Section } from "./section.js";
import "../parts/range-chart.js";

class SliceSection extends Section {
  static sheet = css`slice-section .options { display: flex; flex-wrap: wrap; gap: .6rem 1.2rem; margin-bottom: 1rem; }`;

  /** `columns`: of the dataset; null while they are not known. */
  static properties = { columns: {}, why: {} };

  /** The first that is likely to have few values. */
  get #column() {
    const { slice } = this.view;
    if (slice) return slice;
    const fitting = (this.columns || []).filter(({ name, type }) => type !== "tensor" && !(this.rows?.job && name.includes(",")));
    const few = fitting.filter(({ distinct }) => distinct > 1 && distinct <= 10);
    const targets = new Set(Object.values(this.version.encoding?.targets || {}).map(({ column }) => column));
    const inputs = few.filter(({ name }) => !targets.has(name));
    return (inputs.find(({ type }) => type === "string" || type === "boolean") || inputs[0] || few[0] || fitting.find(({ type }) => type === "number" || type === "integer") || fitting[0])?.name || "";
  }

  get call() {
    return this.rows && this.evaluation && this.#column ? { title: `Groups by ${this.#column}`, ...evaluationCall(this.version, this.rows, { slices: this.#column }) } : null;
  }

  render() {
    const column = this.#column;
    return html`<section class="card" id="groups"><h2>Groups of rows</h2>
      ${this.why ? html`<p class="soft">${this.why}</p>` : html`
      ${this.columns ? html`<div class="options"><label>By <select aria-label="The column whose values make groups" @change=${(event) => keep({ slice: event.target.value, measure: "" })}>
          ${this.columns.map(({ name, type }) => {
            const hasComma = this.rows?.job && name.includes(",");
            return html`<option value=${name} .selected=${name === column} ?disabled=${type === "tensor" || hasComma}>${name}${type === "tensor" ? " (a tensor has no groups)" : hasComma ? " (it has a comma: choose all rows of a dataset)" : ""}</option>`;
          })}</select></label>${this.#measures()}</div>` : nothing}
      ${this.shown(({ slices }) => this.#groups(slices, column))}`}</section>`;
  }

  get #names() {
    const { slices } = this.asked.data || {};
    return slices ? Object.keys(slices.all.metrics) : [];
  }

  get #measure() {
    const names = this.#names;
    return names.includes(this.view.measure) ? this.view.measure : names.find((name) => /accuracy$/.test(name)) || names.find((name) => /mae$/.test(name)) || names[0];
  }

  #measures() {
    const names = this.#names;
    if (names.length < 2) return nothing;
    return html`<label>Metric <select aria-label="The metric of the groups" @change=${(event) => keep({ measure: event.target.value })}>${names.map((name) => html`<option value=${name} .selected=${name === this.#measure}>${name.replaceAll("_", " ")}</option>`)}</select></label>`;
  }

  #groups({ all, columns, level }, column) {
    const { groups, largest_gaps: gaps } = columns[column];
    const name = this.#measure;
    const word = name.replaceAll("_", " ");
    const gap = gaps[name];
    const label = (group) => (group === null ? "no value" : group);
    const told = ({ group, rows, metrics, metric_intervals: intervals, metric_notes: notes, interval_notes: whys }) => `${label(group)}: ${word} of ${number(rows)} rows is ${metrics[name] == null ? `not known, ${notes?.[name] || ""}` : number(short(metrics[name]))}${intervals[name] ? `, between ${number(short(intervals[name][0]))} and ${number(short(intervals[name][1]))}` : whys?.[name] ? `; no interval: ${whys[name]}` : ""}`;
    const small = groups.filter((each) => each.small).length;
    return html`<range-chart .title=${`${word} by ${column}`} .unit=${word} .all=${all.metrics[name]}
      .label=${`${word} by ${column}. All rows: ${number(short(all.metrics[name]))}. ${groups.map(told).join("; ")}`}
      .rows=${groups.map((each) => ({ name: `${label(each.group)}${each.pooled ? ` (${each.pooled} values)` : ""}`, more: `${number(each.rows)}${each.small ? " – few" : ""}`, value: each.metrics[name] ?? NaN,
        low: each.metric_intervals[name]?.[0], high: each.metric_intervals[name]?.[1], isFaded: each.small, told: told(each) }))}></range-chart>
      <p>${gap ? html`The largest gap: <b>${label(gap.lowest)}</b> has ${number(short(gap.difference))} less than <b>${label(gap.highest)}</b>${gap.intervals_overlap === false ? ", and their intervals have nothing in common." : gap.intervals_overlap ? ", but their intervals overlap: it may be chance." : "."}`
        : groups.length < 2 ? "All rows are of one group." : small === groups.length ? "No gap is named, because each group has fewer than 30 rows." : "There is no gap between groups of 30 rows and more."}</p>
      <p class="soft small">Beside each name is its count of rows. A line holds the metric in ${Math.round(100 * level)} % of draws of as many rows. Groups of fewer than 30 rows are pale: they say little.</p>`;
  }
}

function short(value) {
  return typeof value === "number" ? Number(value.toPrecision(3)) : value;
}

customElements.define("slice-section", SliceSection);
