// One job: its curves while it learns, what it says, what it publishes, and what one can do with it.
import { bus, call, path, told } from "../api.js";
import { css, html, nothing, Part } from "../part.js";
import { watchJob } from "../events.js";
import { keepsFrames } from "../frames.js";
import { Live } from "../live.js";
import { go, keep, onMove, query, to } from "../router.js";
import { ask } from "../parts/ask.js";
import { duration, number, seconds, short, since, waiting, when } from "../words.js";
import "../parts/copy-call.js";
import "../parts/job-frames.js";
import "../parts/label-form.js";
import "../parts/line-chart.js";
import "../parts/problem-note.js";
import "../parts/search-form.js";
import "../parts/state-mark.js";

/** Two a pixel of a wide chart; the service keeps the extremes. */
const POINTS = 1_200;
/** Milliseconds between two drawings of curves that grow. */
const PACE = 400;
const RETRY = 2_000;
const LOGS = 500;
const NO_CURVES = new Set(["epoch", "phase", "seconds", "layers", "decisions", "metric_notes", "measured", "progress", "job"]);
const TABLE = 8;
/** Curves of layers in one chart: as many as there are colours. */
const LAYERS = 8;

class JobPage extends Part {
  static sheet = css`
    job-page .charts { display: grid; gap: 1.6rem 2rem; grid-template-columns: repeat(auto-fit, minmax(min(100%, 27rem), 1fr)); }
    job-page .options { display: flex; flex-wrap: wrap; gap: .5rem 1.2rem; align-items: center; margin-bottom: 1rem; }
    job-page .options label { display: inline-flex; gap: .45rem; align-items: center; }
    job-page .options input[type=range] { width: 7rem; }
    job-page .log { margin: 0; padding: 0; list-style: none; display: grid; gap: .35rem; max-height: 18rem; overflow: auto; font-size: .93rem; }
    job-page .log .warn, job-page .doubt { color: var(--warn); }
    job-page .log .error { color: var(--bad); }
    job-page .two { display: grid; gap: 1rem; grid-template-columns: repeat(auto-fit, minmax(min(100%, 24rem), 1fr)); align-items: start; }
    job-page summary { cursor: pointer; font-weight: 600; }
    job-page details pre { margin-top: .8rem; }
    job-page .numbers { display: grid; gap: 1.1rem; grid-template-columns: minmax(0, 1fr); }
    job-page .numbers td { padding: .35rem .7rem; }
    job-page .going { display: grid; gap: .5rem; }
    job-page tr.best td { background: var(--accent-tint); }`;

  static properties = {
    job: {}, epochs: { state: true }, of: { state: true }, logs: { state: true }, doing: { state: true },
    problem: { state: true }, curveProblem: { state: true },
  };

  constructor() {
    super();
    this.epochs = [];
    this.of = 0;
    this.logs = [];
    this.read = new Live(this, { every: (job) => (job.done ? (job.releasing ? 1_000 : 15_000) : 1_000) });
    onMove(this, () => this.#moved());
    this.keyed = () => this.#follow();
  }

  connectedCallback() {
    super.connectedCallback();
    this.read.watch(path`/v1/jobs/${this.job}`);
    bus.addEventListener("key", this.keyed);
    this.range = this.#range;
    this.#follow();
  }

  updated() {
    const job = this.read.data;
    if (!this.isConnected) return;
    if (this.of > this.epochs.length && this.kept !== this.#kept && !this.asking) this.#load();
    if (job) document.title = `${job.model || job.kind} …${short(job.id)} – Trainyard`;
  }

  /** From the first event on: events alone tell the log. */
  #follow() {
    this.unwatch?.();
    this.logs = [];
    this.unwatch = watchJob(this.job, (event) => this.#event(event));
    this.#load();
  }

  disconnectedCallback() {
    super.disconnectedCallback();
    bus.removeEventListener("key", this.keyed);
    this.unwatch?.();
    clearTimeout(this.loading);
    this.asking?.abort();
  }

  get #range() {
    const { from, until } = query();
    return `${from ? `&from=${Number(from)}` : ""}${until ? `&to=${Number(until)}` : ""}`;
  }

  #moved() {
    if (this.range !== this.#range) {
      this.range = this.#range;
      this.#load();
    }
    this.requestUpdate();
  }

  /** The metric whose extremes stay where epochs are left out: the one that decides which epoch is best. */
  get #kept() {
    const { monitor, early_stopping: early } = this.read.data?.request?.training || {};
    return [monitor, early?.monitor, "val_loss"].find((name) => name && name in (this.epochs.at(-1) || {})) || "loss";
  }

  get #metrics() {
    const kept = this.#kept in (this.epochs.at(-1) || {}) ? `&metric=${encodeURIComponent(this.#kept)}` : "";
    return `${path`/v1/jobs/${this.job}/metrics`}?points=${POINTS}${this.range}${kept}`;
  }

  async #load() {
    clearTimeout(this.loading);
    this.loading = 0;
    this.newer = false;
    this.asking?.abort();
    const asking = new AbortController();
    this.asking = asking;
    const kept = this.#kept;
    try {
      const { epochs, of } = await call("GET", this.#metrics, { signal: asking.signal });
      if (asking !== this.asking) return;
      this.curveProblem = null;
      // Without epochs nothing is known of their metrics, so the loss is what they were thinned by.
      this.kept = this.epochs.length ? kept : "val_loss" in (epochs[0] || {}) ? "val_loss" : "loss";
      this.epochs = epochs;
      this.of = of;
    } catch (problem) {
      if (asking !== this.asking || problem.name === "AbortError") return;
      this.curveProblem = problem;
      if (problem.passes && this.isConnected) this.loading = setTimeout(() => this.#load(), Math.max(RETRY, problem.retryAfter * 1_000));
    }
    this.asking = null;
    if (this.newer && this.isConnected) this.loading ||= setTimeout(() => this.#load(), PACE);
  }

  /** An event says that there is something new; the service thins what is drawn, so it is asked for all of it. */
  #event({ type, data }) {
    if (type === "log") this.logs = [...this.logs, data].slice(-LOGS);
    else if (type === "epoch") {
      // One question at a time: an answer that takes long would else come after a newer one.
      if (this.asking) this.newer = true; else this.loading ||= setTimeout(() => this.#load(), PACE);
    }
    else {
      this.read.reload();
      if (type === "done") this.#load();
    }
  }

  #do(what, action) {
    return this.keepFocus(async () => {
      this.doing = what;
      this.problem = null;
      try {
        await action();
      } catch (problem) {
        this.problem = told(problem);
      }
      this.doing = "";
      this.read.reload();
    });
  }

  #post(what) {
    return this.#do(what, () => call("POST", path`/v1/jobs/${this.job}/${what}`));
  }

  #retry() {
    return this.#do("retry", async () => {
      const { id } = await call("POST", path`/v1/jobs/${this.job}/retry`);
      if (this.isConnected) go(to(path`/jobs/${id}`));
    });
  }

  #archive(archived) {
    return this.#do("archive", () => call("PATCH", path`/v1/jobs/${this.job}`, { body: { archived }, headers: this.read.match }));
  }

  #label(form, body) {
    return this.#do("label", async () => {
      await call("PATCH", path`/v1/jobs/${this.job}`, { body, headers: this.read.match });
      form.close();
    });
  }

  #delete() {
    const headers = this.read.match;
    return this.#do("delete", async () => {
      if (!await ask({ title: "Delete this job", text: "Its curves and its log are gone then. What it published stays.", button: "Delete" })) return;
      this.unwatch?.();
      try {
        await this.read.leave(() => call("DELETE", path`/v1/jobs/${this.job}`, { headers }));
      } catch (problem) {
        this.#follow();
        throw problem;
      }
      go(to("/jobs"));
    });
  }

  render() {
    const { data: job, problem } = this.read;
    return html`<div class="page">
      ${problem ? html`<problem-note .problem=${problem} again></problem-note>` : nothing}
      ${problem?.status === 404 ? html`<h1>This job is not here</h1><p><a href=${to("/jobs")}>All jobs</a></p>` : nothing}
      ${job ? this.#page(job) : nothing}
      <copy-call .calls=${this.#calls(job)}></copy-call>
    </div>`;
  }

  #page(job) {
    return html`
      <div class="head"><div><h1>${job.model || job.kind}</h1>
          ${job.description ? html`<p>${job.description}</p>` : nothing}
          <p class="row small"><state-mark state=${job.state}></state-mark><span class="soft">${job.kind} …${short(job.id)} · submitted ${since(job.created_at)}${job.owner === "anonymous" ? "" : ` by ${job.owner}`}${job.started_at ? ` · ${job.done ? "took" : "for"} ${seconds(duration(job))}` : ""}</span></p></div>
        ${this.#actions(job)}</div>
      ${this.problem ? html`<problem-note .problem=${this.problem}></problem-note>` : nothing}
      ${job.error ? html`<problem-note .problem=${{ title: `It failed${job.error.epoch ? ` in epoch ${job.error.epoch}` : ""}`, message: job.error.detail, help: `/docs/errors/${job.error.code}` }}></problem-note>` : nothing}
      ${job.done ? nothing : this.#going(job)}
      ${this.#curves(job)}
      ${keepsFrames(job) ? html`<job-frames .job=${job.id} .dataset=${job.request.dataset} ?done=${job.done}></job-frames>` : nothing}
      <div class="two">${this.#numbers(job)}<div class="stack">${this.#facts(job)}${this.#log(job)}</div></div>
      ${this.#warnings(job)}
      ${job.kind === "training" && job.state === "succeeded" ? html`<section class="card"><search-form .job=${job}></search-form></section>` : nothing}
      <section class="card"><details><summary>The request, as it was understood</summary>
        <pre tabindex="0" aria-label="The request">${JSON.stringify(job.request, null, 2)}</pre></details></section>`;
  }

  #actions(job) {
    const busy = Boolean(this.doing);
    const again = job.kind === "training" ? html`<a class="button" href=${to("/editor", { job: job.id })}>Again, with changes</a>
      <a class="button" href=${to("/jobs", { model: job.model, chosen: job.id })}>Compare</a>` : nothing;
    return job.done
      ? html`<div class="row">${again}<button ?disabled=${busy} @click=${this.#retry}>${job.kind === "training" ? "Train" : "Run"} again</button>
          <button ?disabled=${busy} @click=${() => this.#archive(!job.archived)}>${job.archived ? "Bring back" : "Archive"}</button>
          <button class="danger" ?disabled=${busy || job.releasing} @click=${this.#delete}>Delete</button></div>`
      : html`<div class="row">${again}
          ${job.state === "running" && job.kind === "training" ? html`<button ?disabled=${busy} title="Ends it now and publishes its best epoch" @click=${() => this.#post("stop")}>Stop and publish</button>` : nothing}
          <button class="danger" ?disabled=${busy} title="Ends it now; nothing is published" @click=${() => this.#post("cancel")}>Cancel</button></div>`;
  }

  #going(job) {
    const { progress } = job;
    const doubt = this.logs.findLast(({ level }) => level.toLowerCase() !== "info");
    return html`<section class="card going" aria-label="Progress">
      ${job.state === "queued"
        ? html`<p><span class="strong">${job.queue_position ? `Place ${job.queue_position} in the queue.` : "In the queue."}</span> ${job.waits_for ? `${waiting(job)}.` : nothing}</p>`
        : progress ? html`<progress aria-label="Progress" max="1" .value=${progress.fraction}></progress>
          <p class="soft small">Epoch ${number(progress.epoch)} of ${number(progress.epochs)}${progress.phase ? `, phase ${progress.phase}` : ""}${progress.rows_per_second ? ` · ${number(Math.round(progress.rows_per_second))} rows a second` : ""}${progress.eta_seconds ? ` · ${seconds(progress.eta_seconds)} left` : ""}</p>`
        : html`<p class="soft">It starts.</p>`}
      ${doubt ? html`<p class="small doubt">▲ ${doubt.message}</p>` : nothing}
    </section>`;
  }

  /**
   * The charts by metric: the curve of the rows it learns from, and that of the validation rows, in one; then those of its
   * diagnostics, with a curve for each layer. They are made anew only for other epochs: a chart keeps its drawing else.
   */
  get #charts() {
    const { epochs } = this;
    if (this.drawn?.epochs !== epochs) {
      const names = [...new Set(epochs.flatMap((epoch) => Object.keys(epoch)))].filter((name) => !NO_CURVES.has(name)
        && epochs.some((epoch) => typeof epoch[name] === "number"));
      const groups = [...new Set(names.map((name) => name.replace(/^val_/, "")))]
        // The learning rate is a curve only where it changes.
        .filter((group) => group !== "learning_rate" || new Set(epochs.map((epoch) => epoch.learning_rate)).size > 1);
      const values = (measured) => epochs.map((epoch) => (typeof measured(epoch) === "number" ? measured(epoch) : null));
      const layers = Object.entries(epochs.findLast((epoch) => epoch.layers)?.layers || {});
      const kinds = [...new Set(layers.flatMap(([, measures]) => Object.keys(measures)))];
      this.drawn = {
        epochs,
        x: epochs.map((epoch) => epoch.epoch),
        groups: groups.map((group) => ({ group, series: [group, `val_${group}`].filter((name) => names.includes(name)).map((name) => ({
          name: name.startsWith("val_") ? "validation" : group === "learning_rate" ? "rate" : "training", place: name.startsWith("val_") ? 1 : 0, values: values((epoch) => epoch[name]),
        })) })).concat(kinds.map((kind) => {
          const own = layers.filter(([, measures]) => kind in measures).map(([layer]) => layer);
          return { group: `${kind} by layer${own.length > LAYERS ? `, the first ${LAYERS} of ${own.length}` : ""}`, series: own.slice(0, LAYERS).map((layer, place) => ({ name: layer, place, values: values((epoch) => epoch.layers?.[layer]?.[kind]) })) };
        })),
      };
    }
    return this.drawn;
  }

  #curves(job) {
    if (job.kind !== "training") return nothing;
    const { x, groups } = this.#charts;
    const view = query();
    // Without validation rows it is the last one, which needs no line.
    const best = job.best && job.best.epoch !== x.at(-1) ? `best epoch ${job.best.epoch}` : "";
    if (this.mark?.name !== best) this.mark = best && { epoch: job.best.epoch, name: best };
    const thinned = this.of > this.epochs.length;
    return html`<section class="card"><h2>Curves</h2>
      <div class="options">
        <label><input type="checkbox" .checked=${Boolean(view.log)} @change=${(event) => keep({ log: event.target.checked ? "1" : "" })}> Logarithm</label>
        <label>Smooth <input type="range" min="0" max="0.95" step="0.05" .value=${view.smooth || "0"} @input=${(event) => keep({ smooth: event.target.value === "0" ? "" : event.target.value })}></label>
        <span class="soft small">${thinned ? `${number(this.epochs.length)} of ${number(this.of)} epochs, the extremes of ${this.kept.replaceAll("_", " ")} kept; drag over a part to see all of it` : `${number(this.epochs.length)} epochs`}</span>
        ${this.range ? html`<button @click=${() => keep({ from: "", until: "" })}>Show the whole run</button>` : nothing}
      </div>
      ${this.curveProblem ? html`<problem-note .problem=${this.curveProblem} again></problem-note>` : nothing}
      ${this.epochs.length ? html`<div class="charts">${groups.map(({ group, series }) => html`<line-chart .title=${group.replaceAll("_", " ")} .x=${x} .series=${series} .mark=${this.mark || null}
          ?log=${Boolean(view.log) && group !== "learning_rate"} .smooth=${Math.min(0.99, Math.max(0, Number(view.smooth) || 0))}
          @stretch=${({ detail }) => keep({ from: detail.from, until: detail.to })}></line-chart>`)}</div>` : html`<p class="soft">The first epoch has not ended yet.</p>`}
    </section>`;
  }

  #numbers(job) {
    const test = Object.entries(job.metrics || {}).filter(([name]) => name.startsWith("test_"));
    const baseline = job.baseline?.metrics || {};
    const rows = this.epochs.slice(-TABLE).reverse();
    if (job.best && rows.length) rows.push(job.best);
    const columns = [...new Set(rows.flatMap((epoch) => Object.keys(epoch)))].filter((name) => name !== "epoch" && name !== "learning_rate" && !NO_CURVES.has(name)).slice(0, 6);
    return html`<section class="card"><h2>Numbers</h2><div class="numbers">
      ${job.result?.dataset ? html`<p>It made <a class="strong" href=${to(path`/datasets/${job.result.dataset}`, { version: job.result.version })}>${job.result.dataset}@${job.result.version}</a> with ${number(job.result.rows)} rows.</p>` : nothing}
      ${job.result?.suggestion != null ? html`<p>It suggests the learning rate <b>${number(job.result.suggestion)}</b>.</p>` : nothing}
      ${job.result?.model ? html`<p>It published <a class="strong" href=${to(path`/models/${job.result.model}`, { version: job.result.version })}>${job.result.model}@${job.result.version}</a>${job.result.alias ? html` and ${job.result.alias.moved ? "moved" : "did not move"} <b>${job.result.alias.name}</b>${job.result.alias.reason ? `: ${job.result.alias.reason}` : ""}` : nothing}.${job.result.serving ? ` ${job.result.serving.version === job.result.version ? "It started to serve." : `Version ${job.result.serving.version} went on serving.`}` : ""}</p>
        <p class="row"><a class="button" href=${to(path`/models/${job.result.model}`, { version: job.result.version })}>Try it</a>
          <a class="button" href=${to(path`/models/${job.result.model}/versions/${job.result.version}`)}>Understand it</a></p>` : nothing}
      ${test.length ? html`<table><thead><tr><th scope="col">On the test rows</th><th scope="col" class="number">This</th><th scope="col" class="number">Baseline</th></tr></thead>
        <tbody>${test.map(([name, value]) => html`<tr><td>${name.slice(5).replaceAll("_", " ")}</td><td class="number strong">${number(value)}</td><td class="number soft">${number(baseline[name.slice(5)])}</td></tr>`)}</tbody></table>` : nothing}
      ${rows.length ? html`<div class="wide" tabindex="0" role="group" aria-label="The last epochs and the best one"><table><thead><tr><th scope="col" class="number">Epoch</th>${columns.map((name) => html`<th scope="col" class="number">${name.replaceAll("_", " ")}</th>`)}</tr></thead>
        <tbody>${rows.map((epoch) => html`<tr class=${isBest(epoch, job) ? "best" : ""}><td class="number">${epoch.epoch}${isBest(epoch, job) ? html` <span class="soft">best${job.done && epoch === job.best ? ", as published" : ""}</span>` : nothing}</td>
          ${columns.map((name) => html`<td class="number">${number(epoch[name])}</td>`)}</tr>`)}</tbody></table></div>` : job.result ? nothing : html`<p class="soft">${job.done ? "None." : "None yet."}</p>`}
    </div></section>`;
  }

  #facts(job) {
    const data = job.request?.dataset;
    const { optimizer, batch_size: batch, epochs, seed, loss } = job.request?.training || {};
    const rate = optimizer?.learning_rate ?? this.epochs[0]?.learning_rate;
    const facts = [
      ["Model", job.result?.model ? html`<a href=${to(path`/models/${job.result.model}`)}>${job.result.model}</a>` : job.model],
      ["Data", data?.name ? html`<a href=${to(path`/datasets/${data.name}`, { version: data.version })}>${data.name}@${data.version}</a>` : null],
      ["Loss", typeof loss === "string" ? loss : loss?.type], ["Optimizer", typeof optimizer === "string" ? optimizer : optimizer?.type],
      ["Learning rate", rate == null ? null : number(rate)],
      ["Batch size", batch == null ? null : number(batch)], ["Epochs", epochs == null ? null : `at most ${number(epochs)}`], ["Seed", seed],
      ["Best epoch", job.best?.epoch],
      ["Ended because of", job.stop_reason?.replaceAll("_", " ")],
      ["Worker", job.worker], ["Device", job.device && `${job.device}${job.threads ? `, ${job.threads === 1 ? "1 thread" : `${job.threads} threads`}` : ""}`],
      ["Attempt", job.attempt || null], ["Started", job.started_at && when(job.started_at)], ["Ended", job.finished_at && when(job.finished_at)],
      ["Id", job.id],
    ].filter(([, value]) => value != null && value !== "");
    return html`<section class="card"><h2>Facts</h2><dl class="facts">${facts.map(([name, value]) => html`<dt>${name}</dt><dd>${value}</dd>`)}
      ${Object.entries(job.tags).map(([name, value]) => html`<dt>Tag ${name}</dt><dd>${value}</dd>`)}</dl>
      <label-form .job=${job} ?busy=${Boolean(this.doing)} @save=${(event) => this.#label(event.target, event.detail)}></label-form></section>`;
  }

  #warnings(job) {
    if (!job.warnings.length) return nothing;
    return html`<section class="card"><h2>Worth a look</h2><ul class="stack">${job.warnings.map((warning) => html`<li><code>${warning.pointer}</code> ${warning.detail}</li>`)}</ul></section>`;
  }

  #log(job) {
    return html`<section class="card"><h2>Log</h2>${this.logs.length
      ? html`<ol class="log" tabindex="0" aria-label="Log">${this.logs.map(({ level, message }) => html`<li class=${level.toLowerCase()}>${level.toLowerCase() === "info" ? nothing : html`<b>${level}</b> `}${message}</li>`)}</ol>`
      : html`<p class="soft">${job.done ? "It said nothing." : "It has said nothing yet."}</p>`}</section>`;
  }

  #calls(job) {
    const own = path`/v1/jobs/${this.job}`;
    return [
      { title: "This job", method: "GET", path: own },
      { title: "Its curves", method: "GET", path: `${own}/metrics` },
      ...(job && keepsFrames(job) ? [{ title: "Its frames", method: "GET", path: `${own}/frames` }] : []),
      { title: "Its events, as they come", method: "GET", path: `${own}/events`, stream: true },
      ...(job && !job.done ? [{ title: "Stop it and publish its best epoch", method: "POST", path: `${own}/stop` }] : []),
      ...(job?.done ? [{ title: job.kind === "training" ? "Train again" : "Run again", method: "POST", path: `${own}/retry` }] : []),
    ];
  }
}

function isBest(epoch, { best }) {
  return epoch.epoch === best?.epoch && epoch.phase === best?.phase;
}

customElements.define("job-page", JobPage);
