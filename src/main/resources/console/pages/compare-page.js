// Several runs beside each other: their curves in one chart, their best values, and where their requests differ.
import { bus, call, path } from "../api.js";
import { css, html, nothing, Part } from "../part.js";
import { watchJob } from "../events.js";
import { go, here, keep, onMove, query, to } from "../router.js";
import { addressOf, bySeed, metricsOf, MOST, names, placesOf, rises } from "../runs.js";
import { count, duration, number, seconds } from "../words.js";
import "../parts/copy-call.js";
import "../parts/copy-picture.js";
import "../parts/problem-note.js";
import "../parts/run-mark.js";
import { smoothed } from "../parts/runs-chart.js";
import { sorted, sortHead } from "../parts/sort-head.js";
import "../parts/spec-differences.js";
import "../parts/state-mark.js";

/** Two a pixel of a wide chart; the service keeps the extremes. */
const POINTS = 1_000;
/** Milliseconds between two drawings of curves that grow. */
const PACE = 600;
const RETRY = 2_000;
/** Questions that are asked side by side. */
const SIDE_BY_SIDE = 4;
const ID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

class ComparePage extends Part {
  static sheet = css`
    compare-page .options { display: flex; flex-wrap: wrap; gap: .5rem 1.2rem; align-items: center; margin-bottom: .8rem; }
    compare-page .options label { display: inline-flex; gap: .45rem; align-items: center; }
    compare-page .options input[type=range] { width: 7rem; }
    compare-page .options input[type=number] { width: 5.5rem; }
    compare-page td { vertical-align: middle; padding: .4rem .7rem; }
    compare-page td button { min-height: 0; }
    compare-page td.run { min-width: 13rem; }
    @media (max-width: 40rem) { compare-page td.run { min-width: 10rem; } }
    compare-page td.run a { overflow-wrap: anywhere; }
    compare-page tr.marked td { background: var(--tint); }
    compare-page .first { color: var(--accent); font-weight: 650; white-space: nowrap; }`;

  static properties = { runs: { state: true }, near: { state: true }, pointed: { state: true } };

  constructor() {
    super();
    /** By id: { id, job, model, x, columns, of, problem }; columns are the values of each metric, as long as x. */
    this.runs = new Map();
    this.asked = new Map();
    this.near = "";
    this.pointed = "";
    onMove(this, () => this.#moved());
    this.again = () => this.#ask(this.#ids, { job: true });
  }

  connectedCallback() {
    super.connectedCallback();
    for (const name of ["key", "changed"]) bus.addEventListener(name, this.again);
    addEventListener("online", this.again);
    this.range = this.#range;
    this.metric = this.#metric;
    this.#moved();
  }

  disconnectedCallback() {
    super.disconnectedCallback();
    for (const name of ["key", "changed"]) bus.removeEventListener(name, this.again);
    removeEventListener("online", this.again);
    clearTimeout(this.pacing);
    clearTimeout(this.retrying);
    this.leaving?.abort();
    this.leaving = null;
    for (const run of this.runs.values()) run.unwatch?.();
    this.runs = new Map();
  }

  get #ids() {
    return [...new Set((query().jobs || "").split(",").filter((id) => ID.test(id)))].slice(0, MOST);
  }

  get #range() {
    const { from, until } = query();
    return `${Number(from) > 0 ? `&from=${Number(from)}` : ""}${Number(until) > 0 ? `&to=${Number(until)}` : ""}`;
  }

  /** The metric that the address names, whose extremes are asked for. */
  get #metric() {
    return query().metric || "";
  }

  get #places() {
    return placesOf(this.#ids, query().looks);
  }

  #moved() {
    const ids = this.#ids;
    for (const [id, run] of this.runs) {
      if (!ids.includes(id)) {
        run.unwatch?.();
        this.runs.delete(id);
      }
    }
    const added = ids.filter((id) => !this.runs.has(id));
    for (const id of added) this.runs.set(id, { id, job: null, x: [], columns: {}, of: 0, model: null, problem: null });
    this.#ask(added, { job: true, curve: true });
    if (this.range !== this.#range) {
      this.range = this.#range;
      this.#ask(ids, { curve: true });
    }
    if (this.metric !== this.#metric) {
      this.metric = this.#metric;
      this.#ask(ids.filter((id) => this.runs.get(id).of > this.runs.get(id).x.length), { curve: true });
    }
    this.requestUpdate();
  }

  /** Asks for runs soon, a few at a time; what is asked for twice before its turn is asked once. */
  #ask(ids, what) {
    for (const id of ids) this.asked.set(id, { ...this.asked.get(id), ...what });
    this.leaving ||= new AbortController();
    this.working ??= 0;
    while (this.working < Math.min(SIDE_BY_SIDE, this.asked.size)) this.#work(this.leaving);
  }

  async #work(leaving) {
    this.working++;
    try {
      while (this.asked.size && !leaving.signal.aborted) {
        const [id, what] = this.asked.entries().next().value;
        this.asked.delete(id);
        const run = this.runs.get(id);
        if (run) await this.#read(run, what, leaving.signal);
        this.requestUpdate();
      }
    } finally {
      this.working--;
    }
  }

  async #read(run, { job, curve }, signal) {
    try {
      if (job) {
        const [found, { spec }] = await Promise.all([call("GET", path`/v1/jobs/${run.id}`, { signal }), run.model || call("GET", path`/v1/jobs/${run.id}/spec`, { signal })]);
        run.model = { spec };
        // A job that trains no net has no model of its own.
        run.job = { ...found, request: found.kind === "training" ? { ...found.request, model: spec } : found.request };
        run.problem = null;
        if (!run.job.done && !run.unwatch) run.unwatch = watchJob(run.id, (event) => this.#event(run, event), { fromNow: true });
      }
      if (curve) {
        const { range, metric } = this;
        const { epochs, of } = await call("GET", this.#metrics(run.id), { signal });
        if (range !== this.range || metric !== this.metric) return; // asked again since
        run.x = epochs.map(({ epoch }) => epoch);
        run.columns = {};
        for (const name of new Set(epochs.flatMap(metricsOf))) run.columns[name] = epochs.map((each) => (typeof each[name] === "number" ? each[name] : null));
        run.of = of;
        run.problem = null;
      }
    } catch (problem) {
      if (problem.name === "AbortError") return;
      if (problem.status === undefined) throw problem;
      run.problem = problem;
      if (problem.status === 404) {
        run.unwatch?.();
        Object.assign(run, { job: null, x: [], columns: {}, unwatch: null });
      }
      if (problem.passes) {
        clearTimeout(this.retrying);
        this.retrying = setTimeout(() => this.#ask([...this.runs.values()].filter((each) => each.problem?.passes).map(({ id }) => id), { job: true, curve: true }),
          Math.max(RETRY, problem.retryAfter * 1_000));
      }
    }
  }

  #metrics(id) {
    const run = this.runs.get(id);
    const { metric } = this;
    // The rate and the values of tests are no measures of an epoch, and another job may lack what this one has.
    const has = metric && metric !== "learning_rate" && !metric.startsWith("test_") && (metric in (run?.columns || {}) || typeof run?.job?.metrics?.[metric] === "number");
    return `${path`/v1/jobs/${id}/metrics`}?points=${POINTS}${this.range}${has ? `&metric=${encodeURIComponent(metric)}` : ""}`;
  }

  /** An event says that there is something new; the service thins what is drawn, so it is asked for all of it. */
  #event(run, { type }) {
    if (type === "log" || type === "progress") return;
    if (type === "done" || type === "lost") run.unwatch = null;
    run.isNewer = { curve: true, job: run.isNewer?.job || type !== "epoch" };
    this.pacing ||= setTimeout(() => {
      this.pacing = 0;
      for (const each of this.runs.values()) {
        if (!each.isNewer) continue;
        this.#ask([each.id], each.isNewer);
        each.isNewer = null;
      }
    }, PACE);
  }

  #leave(id) {
    const places = this.#places;
    places.delete(id);
    const { ids, looks } = addressOf(places);
    // A step of its own, so that the way back brings it back.
    go(to(here(), { ...query(), jobs: ids, looks }));
  }

  render() {
    const ids = this.#ids;
    const runs = ids.map((id) => this.runs.get(id)).filter(Boolean);
    const known = runs.filter(({ job }) => job);
    return html`<div class="page">
      <div class="head"><div><h1>Compare runs</h1><p class="soft small">${ids.length ? `${count(ids.length, "run")}${ids.length === MOST ? ", which is the most" : ""}` : "None is chosen"}</p></div>
        <a class="button" href=${to("/jobs", { chosen: ids.join(","), looks: query().looks })}>Choose others</a></div>
      ${this.#problems(runs)}
      ${ids.length ? nothing : html`<div class="card empty"><p>Choose jobs in the list: their curves are then drawn over each other.</p><a class="button" href=${to("/jobs")}>All jobs</a></div>`}
      ${known.length ? this.#page(known) : nothing}
      <copy-call .calls=${this.#calls(ids)}></copy-call>
    </div>`;
  }

  /** Each reason once. */
  #problems(runs) {
    const found = new Map(runs.filter(({ problem }) => problem && problem.status !== 404).map(({ problem }) => [problem.title + problem.message, problem]));
    const gone = runs.filter(({ problem }) => problem?.status === 404);
    return html`${[...found.values()].map((problem) => html`<problem-note again .problem=${problem}></problem-note>`)}
      ${gone.map(({ id }) => html`<problem-note .problem=${{ title: "A run is not here", message: `The job ${id} was deleted, or your key may not see it.` }}></problem-note>
        <div class="row"><button @click=${() => this.#leave(id)}>Leave it out<span class="unseen">: ${id}</span></button></div>`)}`;
  }

  #page(runs) {
    const view = query();
    const metrics = [...new Set(runs.flatMap(({ columns }) => Object.keys(columns)))].filter((name) => name !== "learning_rate" || runs.some(({ columns }) => new Set(columns[name]).size > 1));
    const metric = metrics.includes(view.metric) ? view.metric : ["val_loss", "loss"].find((name) => metrics.includes(name)) || metrics[0] || "";
    const { called, groups: ids } = this.#requests(runs.map(({ job }) => job));
    const places = this.#places;
    const shown = new Map(runs.map((run) => [run.id, { ...run, name: called.get(run.id), place: places.get(run.id) }]));
    const groups = ids.map((group) => group.map((id) => shown.get(id)));
    const all = [...shown.values()];
    return html`${this.#chart(all, groups, metrics, metric, view)}${this.#values(all, groups, metric)}${this.#differences(all)}`;
  }

  /** What follows from requests is found once for each set of them: a pointer over the chart draws the page again. */
  #requests(jobs) {
    if (this.found?.jobs.length !== jobs.length || jobs.some((job, i) => job !== this.found.jobs[i])) {
      this.found = { jobs, called: names(jobs), documents: jobs.map(({ request }) => request), groups: bySeed(jobs).filter((group) => group.length > 1) };
    }
    return this.found;
  }

  /** `groups`: runs that differ in nothing but seeds. */
  #chart(runs, groups, metrics, metric, view) {
    const smooth = Math.min(0.99, Math.max(0, Number(view.smooth) || 0));
    const drawn = runs.reduce((sum, { x }) => sum + x.length, 0);
    const of = runs.reduce((sum, run) => sum + run.of, 0);
    const isDrawn = runs.some(({ columns }) => columns[metric]);
    return html`<section class="card"><h2>Curves</h2>
      <div class="options">
        <label>Metric <select @change=${(event) => keep({ metric: event.target.value })}>${metrics.map((name) => html`<option value=${name} .selected=${name === metric}>${name.replaceAll("_", " ")}</option>`)}</select></label>
        <label>Smooth <input type="range" min="0" max="0.95" step="0.05" .value=${String(smooth)} @input=${(event) => keep({ smooth: event.target.value === "0" ? "" : event.target.value })}></label>
        <label><input type="checkbox" .checked=${Boolean(view.log)} @change=${(event) => keep({ log: event.target.checked ? "1" : "" })}> Logarithm</label>
        <label title=${groups.length ? "Runs that differ in their seed alone become one curve, with a band of one standard deviation" : "No two of these runs differ in their seed alone"}><input type="checkbox" ?disabled=${!groups.length} .checked=${Boolean(view.mean) && groups.length > 0} @change=${(event) => keep({ mean: event.target.checked ? "1" : "" })}> Mean over seeds</label>
        <label>Epochs <input type="number" min="1" placeholder="first" aria-label="From epoch" .value=${view.from || ""} @change=${(event) => keep({ from: event.target.value })}> to
          <input type="number" min="1" placeholder="last" aria-label="To epoch" .value=${view.until || ""} @change=${(event) => keep({ until: event.target.value })}></label>
        ${this.range ? html`<button @click=${() => keep({ from: "", until: "" })}>Show the whole runs</button>` : nothing}
        ${isDrawn ? html`<copy-picture .name=${metric} .drawing=${() => this.querySelector("runs-chart").drawing}></copy-picture>` : nothing}
      </div>
      ${isDrawn ? html`<runs-chart .metric=${metric.replaceAll("_", " ")} .curves=${this.#curves(runs, groups, metric, smooth, Boolean(view.mean))} ?log=${Boolean(view.log)} ?rises=${this.#rises(runs, metric)} .marked=${this.pointed}
          @near=${({ detail }) => { this.near = detail.id; }} @stretch=${({ detail }) => keep({ from: detail.from, until: detail.to })}></runs-chart>
        <p class="soft small">${drawn < of ? `${number(drawn)} of ${number(of)} points, extremes kept; drag over a part to see more of it` : `${number(drawn)} points`}${smooth && !view.mean && runs.length <= 12 ? "; the pale lines are not smoothed" : ""}${view.mean && groups.length ? "; a band is one standard deviation of the seeds" : ""}.</p>`
      : html`<p class="soft">${this.range ? "No epoch of these runs is in this range." : "No epoch of these runs has ended yet."}</p>`}
    </section>`;
  }

  #rises(runs, metric) {
    return rises(metric, runs.map(({ job }) => job.request));
  }

  /** Computed again only when something that is drawn has changed: the chart keeps its drawing else. */
  #curves(runs, groups, metric, smooth, isMean) {
    const key = [metric, smooth, isMean, ...runs.map(({ id, name, place }) => `${id}${name}${place}`)].join();
    const columns = runs.map((run) => run.columns[metric]);
    if (key === this.curveKey && columns.every((column, i) => column === this.curveColumns[i])) return this.curveList;
    [this.curveKey, this.curveColumns] = [key, columns];
    const grouped = isMean ? groups : [];
    const alone = runs.filter((run) => run.columns[metric] && !grouped.some((group) => group.some(({ id }) => id === run.id)));
    this.curveList = [
      ...alone.map(({ id, name, place, x, columns: { [metric]: values } }) => ({ id, name, place, x, y: smoothed(values, smooth), raw: smooth ? values : null })),
      ...grouped.map((group) => mean(group.filter((run) => run.columns[metric]), metric, smooth, commonName(group))).filter(({ x }) => x.length),
    ];
    return this.curveList;
  }

  /** The best value of each run within what is drawn; thinning keeps it. */
  #values(runs, groups, metric) {
    const isMore = this.#rises(runs, metric);
    const rows = runs.map((run) => ({ run, ...best(run, metric, isMore) }));
    const first = (values) => { const known = values.filter((value) => value != null); return known.length > 1 ? known.reduce(isMore ? (a, b) => Math.max(a, b) : (a, b) => Math.min(a, b)) : null; };
    const top = first(rows.map(({ value }) => value));
    const tests = [...new Set(runs.flatMap(({ job }) => Object.keys(job.metrics || {}).filter((name) => name.startsWith("test_") && typeof job.metrics[name] === "number")))].slice(0, 4);
    const topTests = tests.map((name) => {
      const known = runs.map(({ job }) => job.metrics?.[name]).filter((value) => typeof value === "number");
      return known.length > 1 ? (this.#rises(runs, name) ? Math.max(...known) : Math.min(...known)) : null;
    });
    const own = query().sort || "";
    const sort = (order) => keep({ sort: order });
    const head = (label, key, isLarge) => sortHead(label, key, own, sort, { isNumber: true, first: isLarge ? "-" : "" });
    const inOrder = sorted(rows, own, ({ run, ...values }, key) => (key === "name" ? run.name : key === "state" ? run.job.state : key === "took" ? duration(run.job) : key in values ? values[key] : run.job.metrics?.[key]));
    const says = (value, isFirst) => html`<td class="number">${isFirst ? html`<span class="first">★ ${number(value)}<span class="unseen"> the best</span></span>` : number(value)}</td>`;
    const title = metric.replaceAll("_", " ");
    return html`<section class="card"><h2>Best values</h2><div class="wide" tabindex="0" role="group" aria-label="Best values"><table>
      <thead><tr>${sortHead("Run", "name", own, sort)}
        ${metric ? html`${head(`Best ${title}`, "value", isMore)}${head("In epoch", "epoch")}${head("Last", "last", isMore)}` : nothing}
        ${tests.map((name) => head(name.replaceAll("_", " "), name, this.#rises(runs, name)))}
        ${sortHead("State", "state", own, sort)}${head("Took", "took")}<th scope="col"><span class="unseen">Leave out</span></th></tr></thead>
      <tbody>${inOrder.map(({ run, value, epoch, last }) => html`<tr class=${run.id === this.near ? "marked" : ""} @pointerenter=${() => { this.pointed = run.id; }} @pointerleave=${() => { this.pointed = ""; }}>
        <td class="run"><run-mark place=${run.place}></run-mark><a class="strong" href=${to(path`/jobs/${run.id}`)}>${run.name}</a></td>
        ${metric ? html`${says(value, value != null && value === top)}<td class="number">${number(epoch)}</td><td class="number">${number(last)}</td>` : nothing}
        ${tests.map((name, i) => says(run.job.metrics?.[name], topTests[i] != null && run.job.metrics?.[name] === topTests[i]))}
        <td><state-mark state=${run.job.state}></state-mark></td>
        <td class="number">${run.job.started_at ? seconds(duration(run.job)) : nothing}</td>
        <td class="number"><button class="plain" title="Leave it out" @click=${() => this.#leave(run.id)}><span aria-hidden="true">✕</span><span class="unseen">Leave ${run.name} out</span></button></td></tr>`)}
      </tbody></table></div>${this.#overSeeds(groups, metric, isMore)}</section>`;
  }

  #overSeeds(groups, metric, isMore) {
    if (!groups.length || !metric) return nothing;
    return html`<p class="small"><span class="strong">Over seeds:</span> ${groups.map((group, i) => {
      const values = group.map((run) => best(run, metric, isMore).value).filter((value) => value != null);
      const { middle, spread } = moments(values);
      return html`${i ? "; " : ""}${commonName(group)} <b class="nowrap">${number(middle)} ± ${number(spread)}</b> <span class="soft">(${count(values.length, "seed")})</span>`;
    })}</p>`;
  }

  #differences(runs) {
    if (runs.length < 2) return nothing;
    const { found } = this;
    const looks = runs.map(({ place }) => place).join();
    if (found.looks !== looks) {
      found.looks = looks;
      found.heads = runs.map(({ id, name, place }) => html`<run-mark place=${place}></run-mark><a href=${to(path`/jobs/${id}`)}>${name}</a>`);
    }
    return html`<section class="card"><h2>What differs</h2><spec-differences none="Nothing: their requests are the same." .documents=${found.documents} .heads=${found.heads}></spec-differences></section>`;
  }

  #calls(ids) {
    if (!ids.length) return [];
    return [
      { title: "Their events as they come, on one stream", method: "GET", path: `/v1/events?jobs=${ids.join(",")}`, stream: true },
      ...ids.slice(0, 3).flatMap((id, i) => [{ title: `The curves of run ${i + 1}`, method: "GET", path: this.#metrics(id) }, { title: `Run ${i + 1}`, method: "GET", path: path`/v1/jobs/${id}` }]),
    ];
  }
}

/** By the values of a curve: a pointer over the chart draws the page again, and they are many. */
const bests = new WeakMap();

/** { value, epoch, last } of a run in a metric. */
function best({ x, columns }, metric, isMore) {
  const values = columns[metric];
  if (!values) return { value: null, epoch: null, last: null };
  if (!bests.has(values)) {
    let value = null;
    let epoch = null;
    values.forEach((each, i) => {
      if (each != null && (value == null || (isMore ? each > value : each < value))) [value, epoch] = [each, x[i]];
    });
    bests.set(values, { value, epoch, last: values.findLast((each) => each != null) ?? null });
  }
  return bests.get(values);
}

/** The name of runs without their seed. */
function commonName(group) {
  const parts = group.map(({ name }) => name.split(", "));
  const common = parts[0].filter((part) => parts.every((each) => each.includes(part)));
  return common.join(", ") || group[0].job.model || group[0].job.kind;
}

function moments(values) {
  if (!values.length) return { middle: null, spread: null };
  const middle = values.reduce((a, b) => a + b, 0) / values.length;
  return { middle, spread: values.length < 2 ? 0 : Math.sqrt(values.reduce((sum, value) => sum + (value - middle) ** 2, 0) / (values.length - 1)) };
}

/** One curve for runs that differ in their seed: at each epoch that any of them has, the mean and the standard deviation of those that reach it. */
function mean(group, metric, smooth, name) {
  const runs = group.map(({ x, columns }) => {
    const values = smoothed(columns[metric], smooth);
    const at = x.map((_, i) => i).filter((i) => values[i] != null);
    return { x: at.map((i) => x[i]), y: at.map((i) => values[i]), next: 0 };
  });
  const x = [...new Set(runs.flatMap((run) => run.x))].sort((a, b) => a - b);
  const curve = { id: group[0]?.id, name: `${name}, mean of ${group.length}`, place: group[0]?.place, x, y: [], low: [], high: [] };
  for (const epoch of x) {
    const { middle, spread } = moments(runs.map((run) => between(run, epoch)).filter((value) => value != null));
    curve.y.push(middle);
    curve.low.push(middle == null ? null : middle - spread);
    curve.high.push(middle == null ? null : middle + spread);
  }
  return curve;
}

/** The value of a run at an epoch, on the line between its neighbours; epochs are asked for in their order. */
function between(run, epoch) {
  const { x, y } = run;
  while (run.next < x.length && x[run.next] < epoch) run.next++;
  const i = run.next;
  if (i >= x.length || (i === 0 && x[0] > epoch)) return null;
  return x[i] === epoch ? y[i] : y[i - 1] + (y[i] - y[i - 1]) * (epoch - x[i - 1]) / (x[i] - x[i - 1]);
}

customElements.define("compare-page", ComparePage);
