// How good a version is, beside an answer that needs no network.
import { css, html, nothing, Part } from "../part.js";
import { number } from "../words.js";

/** By the end of a name: a metric that is better when it is smaller, or larger. Others are not compared. */
const SMALLER = /(^|_)(loss|error|mse|rmse|mae|mape|ece|brier|log_loss|interval_width)$/;
const LARGER = /(^|_)(accuracy|precision|recall|f1|auc|mcc|r2|concordance)$/;

class MetricTable extends Part {
  static sheet = css`
    metric-table td { padding: .35rem .7rem; }
    metric-table th { white-space: normal; }
    metric-table .sign { white-space: nowrap; }
    @media (max-width: 40rem) { metric-table th, metric-table td { padding: .35rem .3rem; } }
    metric-table .better { color: var(--accent); }
    metric-table .worse { color: var(--bad); }`;

  /** `metrics` of an evaluation; `baseline`: of the job, or null; `why` there is none. */
  static properties = { metrics: {}, notes: {}, baseline: {}, why: {} };

  render() {
    const names = Object.keys(this.metrics);
    if (!names.length) return html`<p class="soft">It has no metrics.</p>`;
    const { baseline } = this;
    return html`<div class="wide" tabindex="0" role="group" aria-label="Metrics"><table><thead><tr><th scope="col">Metric</th><th scope="col" class="number">This version</th>
        ${baseline ? html`<th scope="col" class="number">Without a network</th><th scope="col"><span class="unseen">Compared</span></th>` : nothing}</tr></thead>
      <tbody>${names.map((name) => html`<tr><td>${name.replaceAll("_", " ")}${this.notes?.[name] ? html`<br><span class="soft small">${this.notes[name]}</span>` : nothing}</td>
        <td class="number strong">${number(this.metrics[name])}</td>
        ${baseline ? html`<td class="number soft">${number(baseline[name])}</td><td>${sign(name, this.metrics[name], baseline[name])}</td>` : nothing}</tr>`)}</tbody></table></div>
      <p class="soft small">${baseline ? "Without a network: always the most frequent class of the training rows, or their mean." : this.why}</p>`;
  }
}

function sign(name, own, other) {
  if (typeof own !== "number" || typeof other !== "number" || own === other) return nothing;
  const isSmaller = SMALLER.test(name);
  if (!isSmaller && !LARGER.test(name)) return nothing;
  return own < other === isSmaller ? html`<span class="sign better">▲ better</span>` : html`<span class="sign worse">▼ worse</span>`;
}

customElements.define("metric-table", MetricTable);
