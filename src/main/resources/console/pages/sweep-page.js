// One sweep: its trials as lines over their parameters and as a table, the best one marked, and what one can do with it.
import { call, path, told } from "../api.js";
import { css, html, nothing, Part } from "../part.js";
import { explained } from "../importance.js";
import { Live } from "../live.js";
import { go, keep, onMove, query, to } from "../router.js";
import { briefly, MOST, rises } from "../runs.js";
import { ask } from "../parts/ask.js";
import { count, duration, number, seconds, since } from "../words.js";
import "../parts/copy-call.js";
import "../parts/copy-picture.js";
import { shown } from "../parts/parallel-plot.js";
import "../parts/problem-note.js";
import "../parts/range-chart.js";
import { sorted, sortHead } from "../parts/sort-head.js";
import "../parts/state-mark.js";

const COMPARED = 8;
/** From so many trials on they say which parameters matter. */
const TRIALS = 8;

class SweepPage extends Part {
  static sheet = css`
    sweep-page .going { display: grid; gap: .5rem; }
    sweep-page td { padding: .4rem .7rem; }
    sweep-page tr.best td { background: var(--accent-tint); }
    sweep-page tr.marked td { background: var(--tint); }
    sweep-page .first { color: var(--accent); font-weight: 650; white-space: nowrap; }
    sweep-page .card > .head { margin-bottom: .8rem; }
    sweep-page .found { display: grid; gap: 1rem 2.5rem; grid-template-columns: auto minmax(0, 1fr); align-items: start; }
    sweep-page .found .large { font-size: 1.9rem; font-weight: 680; line-height: 1.15; letter-spacing: -.02em; }
    sweep-page summary { cursor: pointer; font-weight: 600; }
    sweep-page details pre { margin-top: .8rem; }
    @media (max-width: 40rem) { sweep-page .found { grid-template-columns: minmax(0, 1fr); } }`;

  static properties = { sweep: {}, doing: { state: true }, problem: { state: true }, near: { state: true }, pointed: { state: true } };

  constructor() {
    super();
    this.near = 0;
    this.pointed = 0;
    this.read = new Live(this, { every: (sweep) => (sweep.done ? 15_000 : 1_000) });
    onMove(this, () => this.requestUpdate());
  }

  connectedCallback() {
    super.connectedCallback();
    this.read.watch(path`/v1/sweeps/${this.sweep}`);
  }

  #do(what, action) {
    return this.keepFocus(async () => {
      this.doing = what;
      this.problem = null;
      try {
        await action();
      } catch (problem) {
        if (problem.status === undefined) throw problem;
        this.problem = told(problem);
      } finally {
        this.doing = "";
      }
      this.read.reload();
    });
  }

  #post(what) {
    return this.#do(what, () => call("POST", path`/v1/sweeps/${this.sweep}/${what}`));
  }

  #again() {
    return this.#do("retry", async () => {
      const { id } = await call("POST", path`/v1/jobs/${this.sweep}/retry`);
      if (this.isConnected) go(to(path`/sweeps/${id}`));
    });
  }

  #delete() {
    const headers = this.read.match;
    return this.#do("delete", async () => {
      if (!await ask({ title: "Delete this sweep", text: "Its trials with their curves are gone then. What it published stays.", button: "Delete" })) return;
      await this.read.leave(() => call("DELETE", path`/v1/sweeps/${this.sweep}`, { headers }));
      go(to("/sweeps"));
    });
  }

  render() {
    const { data: sweep, problem } = this.read;
    return html`<div class="page">
      ${problem ? html`<problem-note .problem=${problem} again></problem-note>` : nothing}
      ${problem?.status === 404 ? html`<h1>This sweep is not here</h1><p><a href=${to("/sweeps")}>All sweeps</a></p>` : nothing}
      ${sweep ? this.#page(sweep) : nothing}
      <copy-call .calls=${this.#calls(sweep)}></copy-call>
    </div>`;
  }

  #page(sweep) {
    const pointers = Object.keys(sweep.request.parameters);
    const title = new Map(pointers.map((pointer) => [pointer, briefly(pointer, pointers)]));
    return html`
      <div class="head"><div><h1>${sweep.model}: a sweep</h1>
          <p class="row small"><state-mark state=${sweep.state}></state-mark><span class="soft">${count(sweep.trials.length, "trial")} by ${sweep.request.strategy || "grid"}${sweep.request.cross_validation ? `, ${sweep.request.cross_validation} folds each` : ""} · submitted ${since(sweep.created_at)}${sweep.started_at ? ` · ${sweep.done ? "took" : "for"} ${seconds(duration(sweep))}` : ""}</span></p></div>
        ${this.#actions(sweep)}</div>
      ${this.problem ? html`<problem-note .problem=${this.problem}></problem-note>` : nothing}
      ${sweep.error ? html`<problem-note .problem=${{ title: "It failed", message: sweep.error.detail, help: `/docs/errors/${sweep.error.code}` }}></problem-note>` : nothing}
      ${sweep.done ? nothing : this.#going(sweep)}
      ${this.#best(sweep, title)}
      ${this.#lines(sweep, pointers, title)}
      ${this.#importance(sweep, pointers, title)}
      ${this.#trials(sweep, pointers, title)}
      ${sweep.warnings.length ? html`<section class="card"><h2>Worth a look</h2><ul class="stack">${sweep.warnings.map((warning) => html`<li><code>${warning.pointer}</code> ${warning.detail}</li>`)}</ul></section>` : nothing}
      <section class="card"><details><summary>The request, as it was understood</summary><pre tabindex="0" aria-label="The request">${JSON.stringify(sweep.request, null, 2)}</pre></details></section>`;
  }

  #actions(sweep) {
    const busy = Boolean(this.doing);
    return sweep.done
      ? html`<div class="row"><a class="button" href=${to("/jobs", { sweep: sweep.id })}>Its jobs</a><button ?disabled=${busy} @click=${this.#again}>Search again</button><button class="danger" ?disabled=${busy} @click=${this.#delete}>Delete</button></div>`
      : html`<div class="row"><a class="button" href=${to("/jobs", { sweep: sweep.id })}>Its jobs</a>
          <button ?disabled=${busy || !sweep.best} title="Ends the trials now and trains the best one so far on all rows" @click=${() => this.#post("stop")}>Stop and train the best</button>
          <button class="danger" ?disabled=${busy} title="Ends it now; nothing is published" @click=${() => this.#post("cancel")}>Cancel</button></div>`;
  }

  #going(sweep) {
    const ended = sweep.trials.filter(({ state }) => ["succeeded", "failed", "cancelled"].includes(state)).length;
    return html`<section class="card going" aria-label="Progress">${sweep.state === "queued"
      ? html`<p><span class="strong">${sweep.queue_position ? `Place ${sweep.queue_position} in the queue.` : "In the queue."}</span> Sweeps wait behind all other jobs.</p>`
      : html`<progress aria-label="Progress" max="1" .value=${sweep.fraction}></progress>
        <p class="soft small">${ended} of ${count(sweep.trials.length, "trial")} ${ended === 1 ? "has" : "have"} ended${sweep.best?.refit ? "; the best one trains on all rows" : ""}</p>`}</section>`;
  }

  #best({ best, done, result, request }, title) {
    if (!best) return nothing;
    const parameters = Object.entries(best.parameters);
    return html`<section class="card"><h2>${done ? "The best" : "The best so far"}: trial ${best.trial}</h2><div class="found">
      <div><div class="soft small">${request.objective.replaceAll("_", " ")}</div><div class="large">${number(best.mean)}</div>${best.folds.length > 1 ? html`<div class="soft small nowrap">± ${number(best.std)} over ${best.folds.length} folds</div>` : nothing}</div>
      <dl class="facts">${parameters.map(([pointer, value]) => html`<dt>${title.get(pointer) || pointer}</dt><dd class="strong">${shown(value)}</dd>`)}
        ${best.refit ? html`<dt>Trained on all rows</dt><dd><a href=${to(path`/jobs/${best.refit}`)}>by this job</a></dd>` : nothing}
        ${result?.model ? html`<dt>Published</dt><dd><a href=${to(path`/models/${result.model}`, { version: result.version })}>${result.model}@${result.version}</a></dd>` : nothing}</dl></div></section>`;
  }

  #rises({ request }) {
    return rises(request.objective, [request.job]);
  }

  #lines(sweep, pointers, title) {
    // What one trial alone has says nothing about others.
    const varied = pointers.filter((pointer) => new Set(sweep.trials.map(({ parameters }) => JSON.stringify(parameters[pointer]))).size > 1);
    if (!varied.length) return nothing;
    const axes = [...varied.map((pointer) => ({ key: pointer, title: title.get(pointer), isLogarithm: sweep.request.parameters[pointer]?.scale === "log" })), { key: "mean", title: sweep.request.objective.replaceAll("_", " ") }];
    const text = JSON.stringify([axes, sweep.trials]);
    if (text !== this.lineText) {
      this.lineText = text;
      this.lineData = { axes, trials: sweep.trials.map(({ trial, rank, parameters, mean }) => ({ trial, rank, values: { ...parameters, mean } })) };
    }
    return html`<section class="card"><div class="head"><h2>Which values are good</h2><copy-picture name="trials" .drawing=${() => this.querySelector("parallel-plot").drawing}></copy-picture></div>
      <parallel-plot .axes=${this.lineData.axes} .trials=${this.lineData.trials} ?rises=${this.#rises(sweep)} .marked=${this.pointed} @near=${({ detail }) => { this.near = detail; }}></parallel-plot></section>`;
  }

  /** Of a few trials it would be chance. */
  #importance({ trials, request }, pointers, title) {
    const ranked = trials.filter(({ rank }) => rank);
    if (ranked.length < TRIALS || pointers.length < 2) return nothing;
    const results = ranked.map(({ mean }) => mean);
    const rows = pointers.map((pointer) => ({ name: title.get(pointer), value: explained(ranked.map(({ parameters }) => parameters[pointer]), results) }))
      .sort((a, b) => b.value - a.value).map((row) => ({ ...row, told: `${row.name} explains ${number(row.value)} of it` }));
    const text = JSON.stringify(rows);
    if (text !== this.importanceText) [this.importanceText, this.importanceRows] = [text, rows];
    return html`<section class="card"><h2>Which parameters matter</h2>
      <range-chart bars .title=${request.objective.replaceAll("_", " ")} .rows=${this.importanceRows} unit="share of the order of the trials that it explains alone"></range-chart></section>`;
  }

  #trials(sweep, pointers, title) {
    const own = query().sort || "rank";
    const sort = (order) => keep({ sort: order === "rank" ? "" : order });
    const rows = sorted(sweep.trials, own, (trial, key) => (key.startsWith("/") ? trial.parameters[key] : trial[key]));
    const isFolded = sweep.trials.some(({ folds }) => folds.length > 1);
    const top = sweep.trials.filter(({ rank }) => rank).slice(0, COMPARED).map(({ jobs }) => jobs[0]);
    return html`<section class="card"><div class="head"><h2>Trials</h2>
        ${top.length > 1 ? html`<a class="button" href=${to("/compare", { jobs: top.join(",") })}>Compare the best ${top.length}${isFolded ? ", first folds" : ""}</a>` : nothing}</div>
      <div class="wide" tabindex="0" role="group" aria-label="Trials"><table>
      <thead><tr>${sortHead("Rank", "rank", own, sort, { isNumber: true })}${sortHead("Trial", "trial", own, sort, { isNumber: true })}
        ${pointers.map((pointer) => sortHead(html`<span title=${pointer}>${title.get(pointer)}</span>`, pointer, own, sort, { isNumber: isNumbers(sweep, pointer) }))}
        ${sortHead(sweep.request.objective.replaceAll("_", " "), "mean", own, sort, { isNumber: true, first: this.#rises(sweep) ? "-" : "" })}
        ${isFolded ? sortHead("±", "std", own, sort, { isNumber: true }) : nothing}
        ${sortHead("State", "state", own, sort)}<th scope="col">Jobs</th></tr></thead>
      <tbody>${rows.map((trial) => html`<tr class=${trial.rank === 1 ? "best" : trial.trial === this.near ? "marked" : ""} @pointerenter=${() => { this.pointed = trial.trial; }} @pointerleave=${() => { this.pointed = 0; }}>
        <td class="number">${trial.rank === 1 ? html`<span class="first"><span aria-hidden="true">★ </span>1<span class="unseen">, the best</span></span>` : trial.rank ?? "–"}</td><td class="number soft">${trial.trial}</td>
        ${pointers.map((pointer) => html`<td class=${isNumbers(sweep, pointer) ? "number" : ""}>${shown(trial.parameters[pointer])}</td>`)}
        <td class="number strong">${number(trial.mean)}${trial.metric_notes ? html`<div class="soft small">${Object.values(trial.metric_notes)[0]}</div>` : nothing}</td>
        ${isFolded ? html`<td class="number soft">${number(trial.std)}</td>` : nothing}
        <td><state-mark state=${trial.state}></state-mark></td>
        <td class="nowrap">${trial.jobs.map((job, i) => html`<a href=${to(path`/jobs/${job}`)}>${trial.jobs.length > 1 ? html`<span class="unseen">trial ${trial.trial}, fold </span>${i + 1}` : html`job<span class="unseen"> of trial ${trial.trial}</span>`}</a> `)}
          ${trial.jobs.length > 1 ? html`<a class="small" href=${to("/compare", { jobs: trial.jobs.slice(0, MOST).join(",") })}>compare<span class="unseen"> the folds of trial ${trial.trial}</span></a>` : nothing}</td></tr>`)}</tbody></table></div></section>`;
  }

  #calls(sweep) {
    const own = path`/v1/sweeps/${this.sweep}`;
    return [
      { title: "This sweep", method: "GET", path: own },
      { title: "Its events, as they come", method: "GET", path: `${own}/events`, stream: true },
      { title: "Its jobs", method: "GET", path: `/v1/jobs?sweep=${encodeURIComponent(this.sweep)}` },
      ...(sweep && !sweep.done ? [{ title: "Stop it and train the best one", method: "POST", path: `${own}/stop` }, { title: "Cancel it", method: "POST", path: `${own}/cancel` }] : []),
      ...(sweep?.done ? [{ title: "Search again", method: "POST", path: path`/v1/jobs/${this.sweep}/retry` }] : []),
    ];
  }
}

function isNumbers({ trials }, pointer) {
  return trials.every(({ parameters }) => typeof parameters[pointer] === "number");
}

customElements.define("sweep-page", SweepPage);
