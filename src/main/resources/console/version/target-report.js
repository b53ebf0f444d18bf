// What a version does to one target: which classes it takes for which, or how far its numbers are off.
import { css, html, nothing, Part } from "../part.js";
import { count, number } from "../words.js";
import "../parts/confusion-matrix.js";
import "../parts/unit-bars.js";
import "../parts/xy-chart.js";

/** More curves cannot be told apart. */
const CURVES = 8;
/** Rows of the table of classes that are added at once. */
const CLASSES = 50;

class TargetReport extends Part {
  static sheet = css`
    target-report .charts { display: grid; gap: 1.6rem 2.2rem; grid-template-columns: repeat(auto-fit, minmax(min(100%, 21rem), 1fr)); align-items: start; }
    target-report td, target-report th { padding: .35rem .5rem; }
    target-report td:first-child { white-space: nowrap; }`;

  static properties = { evaluation: {}, target: {}, chosen: {}, listed: { state: true } };

  constructor() {
    super();
    this.listed = CLASSES;
  }

  render() {
    const { confusion, regression } = this.evaluation;
    const matrix = confusion[this.target];
    const numbers = regression[this.target];
    if (!matrix && !numbers) return html`<p class="soft">This version has no report of ${this.target}, because neither classes nor single numbers are compared.</p>`;
    return html`<div class="charts">${matrix ? this.#classes(matrix) : nothing}${numbers ? this.#numbers(numbers) : nothing}${this.#intervals()}</div>`;
  }

  #classes({ classes, counts }) {
    const { per_class: perClass, decisions } = this.evaluation;
    const decision = decisions?.[this.target];
    const all = Object.entries(perClass?.[this.target] || {});
    return html`<div class="stack"><confusion-matrix .title=${"What it takes for what"} .classes=${classes} .counts=${counts}></confusion-matrix>
        <h3>Class by class</h3><div class="wide" tabindex="0" role="group" aria-label="Class by class"><table>
        <thead><tr><th scope="col">Class</th><th scope="col" class="number">Precision</th><th scope="col" class="number">Recall</th><th scope="col" class="number">F1</th><th scope="col" class="number">Rows</th></tr></thead>
        <tbody>${all.slice(0, this.listed).map(([name, each]) => html`<tr><td>${name}</td><td class="number">${percent(each.precision)}</td><td class="number">${percent(each.recall)}</td><td class="number">${percent(each.f1)}</td><td class="number">${number(each.support)}</td></tr>`)}</tbody></table></div>
        ${all.length > this.listed ? html`<div class="row"><button @click=${() => { this.listed += CLASSES; }}>Show more</button><span class="soft small">The first ${number(this.listed)} of ${number(all.length)} classes are shown.</span></div>` : nothing}
        ${decision ? html`<p class="soft small">It says <b>${decision.positive}</b> from a probability of ${number(decision.threshold)} on${decision.best ? `, where ${decision.best.replaceAll("_", " ")} is best on the validation rows` : ""}.</p>` : nothing}</div>
      ${this.#roc()}${this.#calibration()}`;
  }

  #roc() {
    const curves = Object.entries(this.evaluation.roc?.[this.target] || {}).filter(([, { points }]) => points.length);
    if (!curves.length) return html`<div class="stack"><h3>ROC</h3><p class="soft">This version has no ROC here, because it needs scores and rows of several classes.</p></div>`;
    const shown = curves.length > CURVES ? [...curves].sort((a, b) => a[1].auc - b[1].auc).slice(0, CURVES) : curves;
    return html`<div class="stack"><xy-chart .title=${"ROC"} .x=${"false positive rate"} .y=${"true positive rate"} .from=${0} .to=${1}
      .label=${`ROC, the area under the curve: ${curves.slice(0, 20).map(([name, { auc }]) => `${name} ${number(Number((auc ?? NaN).toPrecision(3)))}`).join(", ")}`}
      .series=${[{ kind: "guide", points: [{ x: 0, y: 0 }, { x: 1, y: 1 }] },
        ...shown.map(([name, { auc, points }]) => ({ kind: "line", named: true, name: `${name} ${auc == null ? "" : auc.toFixed(3)}`, points: points.map((each) => ({ x: each.false_positive_rate, y: each.true_positive_rate, told: thresholdOf(name, each) })) }))]}></xy-chart>
      <p class="soft small">${curves.length > shown.length ? `The ${shown.length} classes with the smallest areas of ${curves.length}. ` : ""}Each name has the area under its curve: 1 is perfect, 0.5 is chance. A point of a curve tells the threshold from which it counts.</p></div>`;
  }

  #calibration() {
    const bins = this.evaluation.calibration?.[this.target]?.bins;
    if (!bins?.length) return html`<div class="stack"><h3>Calibration</h3><p class="soft">This version has no calibration, because it gives no probabilities of ${this.target}.</p></div>`;
    const most = Math.max(...bins.map(({ rows }) => rows));
    return html`<div class="stack"><xy-chart .title=${"Calibration"} .x=${"probability of the likeliest class"} .y=${"share that is right"} .from=${0} .to=${1}
      .label=${`Calibration: ${bins.map(({ rows, confidence, accuracy }) => `of ${count(rows, "row")} with a probability of about ${percent(confidence)}, ${percent(accuracy)} are right`).join("; ")}`}
      .series=${[{ kind: "guide", points: [{ x: 0, y: 0 }, { x: 1, y: 1 }] }, { kind: "points", name: "", points: bins.map(({ rows, confidence, accuracy }) => ({
        x: confidence, y: accuracy, size: 0.25 + 0.75 * Math.sqrt(rows / most), told: `${count(rows, "row")}: ${percent(confidence)} sure, ${percent(accuracy)} right` })) }]}></xy-chart>
      <p class="soft small">The larger a mark, the more rows. Below the dashed line it is too sure of itself, above it is too careful.</p></div>`;
  }

  #numbers({ points, mae, rmse, r2, mean_residual: mean }) {
    const own = points.map((each) => ({ ...each, told: `row ${each.row}: ${number(each.true)}, predicted ${number(short(each.predicted))}` }));
    const ends = [Math.min(...own.map((each) => Math.min(each.true, each.predicted))), Math.max(...own.map((each) => Math.max(each.true, each.predicted)))];
    const isThinned = this.evaluation.rows > points.length;
    return html`<div class="stack"><xy-chart .title=${"Predicted against true"} .x=${`true ${this.target}`} .y=${`predicted ${this.target}`} .chosen=${this.chosen}
        .label=${`Predicted against true ${this.target}: the mean absolute error is ${number(short(mae))}, R² ${number(short(r2))}`}
        .series=${[{ kind: "guide", points: ends.map((each) => ({ x: each, y: each })) }, { kind: "points", name: "", points: own.map((each) => ({ ...each, x: each.true, y: each.predicted })) }]}></xy-chart>
        <p class="soft small">On the dashed line it is right. Mean absolute error ${number(short(mae))}, root mean squared error ${number(short(rmse))}${r2 == null ? "" : `, R² ${number(short(r2))}`}. Press a row to look inside.</p></div>
      <div class="stack"><xy-chart .title=${"What is left"} .x=${`predicted ${this.target}`} .y=${"true less predicted"} .chosen=${this.chosen}
        .label=${`Residuals of ${this.target}: their mean is ${number(short(mean))}`}
        .series=${[{ kind: "guide", points: ends.map((each) => ({ x: each, y: 0 })) }, { kind: "points", name: "", points: own.map((each) => ({ ...each, x: each.predicted, y: each.true - each.predicted })) }]}></xy-chart>
        <p class="soft small">Without a pattern there is nothing left to learn from it. Their mean is ${number(short(mean))}.${isThinned ? ` ${number(points.length)} of ${number(this.evaluation.rows)} rows are drawn.` : ""}</p></div>`;
  }

  #intervals() {
    const found = Object.entries(this.evaluation.intervals || {}).filter(([name]) => name === this.target || name.startsWith(`${this.target}.`) || name.startsWith(`${this.target}_`));
    return found.map(([name, { coverage, wanted_coverage: wanted, width, points, sizes }]) => html`<div class="stack">
      ${sizes ? html`<unit-bars plain .title=${`How many classes are in a set of ${name}`} .bars=${sizes.map((value, i) => ({ value, name: String(i), told: `${count(i, "class", "classes")}: ${count(value, "row")}` }))}></unit-bars>`
        : html`<xy-chart .title=${`Intervals of ${name}`} .x=${"middle of the interval"} .y=${name} .chosen=${this.chosen}
          .series=${[{ kind: "ranges", name: "", points: points.map((each) => ({ ...each, x: (each.low + each.high) / 2, y: each.true, told: `row ${each.row}: ${number(each.true)}, ${number(short(each.low))} to ${number(short(each.high))}` })) }]}></xy-chart>`}
      <p class="soft small">${percent(coverage)} of the true values are in their ${sizes ? "sets" : "intervals"}; ${percent(wanted)} were asked for. ${sizes ? `A set has ${number(short(width))} classes on average` : `They are ${number(short(width))} wide on average`}.</p></div>`);
  }
}

export function percent(share) {
  return typeof share === "number" ? `${number(Number((100 * share).toPrecision(3)))} %` : "–";
}

/** From which score on a row counts as the class, and what comes of it. */
function thresholdOf(name, { threshold, true_positive_rate: found, false_positive_rate: wrong }) {
  return `${name}${typeof threshold === "number" ? ` from ${number(short(threshold))} on` : ""}: ${percent(found)} found, ${percent(wrong)} of the others wrongly`;
}

function short(value) {
  return typeof value === "number" ? Number(value.toPrecision(4)) : value;
}

customElements.define("target-report", TargetReport);
