// What each input column is worth: how much worse it gets with the values of other rows.
import { html, nothing } from "../part.js";
import { number } from "../words.js";
import { evaluationCall } from "./rows.js";
import { Section } from "./section.js";
import "../parts/range-chart.js";

const SHOWN = 24;

class ImportanceSection extends Section {
  static properties = { why: {} };

  get call() {
    return this.rows && this.evaluation && !this.why ? { title: "What each column is worth", ...evaluationCall(this.version, this.rows, { importance: "permutation" }) } : null;
  }

  render() {
    return html`<section class="card" id="columns"><h2>What each column is worth</h2>
      ${this.why ? html`<p class="soft">${this.why}</p>` : this.shown(({ importance }) => this.#chart(importance), "It mixes each column a few times and measures again.")}</section>`;
  }

  #chart({ columns, metric, repeats, level, note }) {
    const all = Object.entries(columns);
    const told = ([name, { mean, interval }]) => `${name}: ${mean == null ? "not known" : number(short(mean))}${interval ? `, between ${number(short(interval[0]))} and ${number(short(interval[1]))}` : ""}`;
    return html`<range-chart bars .title=${`How much the ${metric} grows`} .unit=${`growth of the ${metric}`}
      .label=${`How much the ${metric} grows when a column has the values of other rows. ${all.slice(0, SHOWN).map(told).join("; ")}`}
      .rows=${all.slice(0, SHOWN).map(([name, each]) => ({ name, value: each.mean ?? NaN, low: each.interval?.[0], high: each.interval?.[1], told: told([name, each]) }))}></range-chart>
      ${note ? html`<p class="soft small">${note}</p>` : nothing}
      <p class="soft small">Each column had the values of other rows ${repeats} times; a line holds the mean over all such orders of these rows at ${Math.round(100 * level)} %. Columns that say the same look worth little each.${all.length > SHOWN ? ` The first ${SHOWN} of ${all.length} are shown.` : ""}</p>`;
  }
}

function short(value) {
  return typeof value === "number" ? Number(value.toPrecision(3)) : value;
}

customElements.define("importance-section", ImportanceSection);
