// Every job: its state, how far it is, why it waits, what came of it; and the choice of those that are compared.
import { call, path } from "../api.js";
import { css, html, nothing, Part } from "../part.js";
import { Live } from "../live.js";
import { keep, onMove, query, to } from "../router.js";
import { addressOf, briefly, differences, keyNumbers, metricsOf, MOST, placesOf, rises, written } from "../runs.js";
import { count, duration, number, seconds, short, since, waiting, when } from "../words.js";
import "../parts/copy-call.js";
import "../parts/problem-note.js";
import "../parts/run-mark.js";
import { sortHead } from "../parts/sort-head.js";
import "../parts/state-mark.js";

const STATES = ["queued", "running", "succeeded", "failed", "cancelled"];
const PAGE = 50;
/** So many are on one page at most: a filter finds others sooner. */
const MOST_SHOWN = 1_000;
/** How often more than the first page is read again. */
const ALL_AGAIN = 10_000;
/** Columns for what differs between the requests of a model. */
const VARIED = 4;
const NO_ORDER = new Set(["learning_rate"]);

class JobsPage extends Part {
  static sheet = css`
    jobs-page .filters { display: flex; flex-wrap: wrap; gap: .6rem; align-items: end; }
    jobs-page .filters label { display: grid; gap: .2rem; }
    jobs-page td.job { min-width: 9rem; }
    jobs-page td.job > input { margin: 0 .55rem 0 0; width: 1.05rem; height: 1.05rem; vertical-align: -.15rem; }
    jobs-page td.what { min-width: 11rem; max-width: 36rem; }
    jobs-page .tag { display: inline-block; min-height: 0; padding: 0 .45rem; border: 0; border-radius: .4rem; background: var(--tint); color: var(--soft); font-size: .82rem; font-weight: 400; line-height: 1.5; margin: .1rem .2rem 0 0; white-space: normal; text-align: left; overflow-wrap: anywhere; }
    jobs-page .tag:hover { color: var(--ink); }
    jobs-page .figure { margin-right: .9rem; }
    jobs-page progress { max-width: 14rem; margin: .4rem 0 .25rem; }
    jobs-page .chosen { position: sticky; bottom: 1rem; z-index: 3; display: flex; flex-wrap: wrap; gap: .6rem 1rem; align-items: center; padding: .6rem 1rem;
      border: 1px solid var(--accent); border-radius: var(--radius); background: var(--card); box-shadow: 0 .3rem 1.2rem var(--shade); }
    jobs-page .chosen > :first-child { margin-right: auto; }
    @media (max-width: 48rem) {
      jobs-page thead { display: none; }
      jobs-page tr { display: grid; grid-template-columns: minmax(0, 1fr) auto; gap: .1rem .8rem; padding: .7rem 0; border-bottom: 1px solid var(--line); }
      jobs-page td { padding: 0; border: 0; }
      jobs-page td.what { grid-column: 1 / -1; max-width: none; }
      jobs-page td.number { text-align: left; color: var(--soft); font-size: .88rem; }
      jobs-page td.number.value { grid-column: 1 / -1; color: var(--ink); }
      jobs-page td.value::before { content: attr(data-name) " "; color: var(--soft); font-weight: 400; }
      jobs-page td:last-child { text-align: right; }
      jobs-page .filters label { flex: 1 1 8rem; }
      jobs-page .filters :is(input, select) { width: 100%; }
    }
    @media (min-width: 48.01rem) {
      jobs-page th { position: sticky; top: 3.3rem; z-index: 1; background: var(--card); }
      jobs-page .filters input { width: 9.3rem; }
      jobs-page .filters input[name=model] { width: 11rem; }
      jobs-page .filters input[name=bound] { width: 6rem; }
      jobs-page .filters select[name=metric] { max-width: 13rem; }
    }
    @media (max-width: 40rem) { jobs-page .chosen { bottom: 4.6rem; } jobs-page .chosen > :first-child { flex: 1 0 100%; } jobs-page .chosen > * { flex: 1; } }`;

  constructor() {
    super();
    this.jobs = new Live(this, {
      every: ({ jobs }) => (jobs.some((job) => !job.done) ? 1_000 : 4_000),
      read: (own, signal) => this.#read(own, signal),
    });
    onMove(this, () => this.#watch());
    /** What metrics the jobs had that were shown: a filter may hide those that have them. */
    this.known = new Set();
    this.models = new Live(this, { every: 0 });
    this.models.watch("/v1/models?page_size=500");
  }

  connectedCallback() {
    super.connectedCallback();
    this.#watch();
  }

  get #path() {
    const { model, state, sweep, owner, order, archived } = query();
    const asked = new URLSearchParams({ page_size: PAGE });
    for (const [name, value] of Object.entries({ model, state, sweep, owner, order_by: order, archived })) if (value) asked.set(name, value);
    for (const tag of this.#tags) asked.append("tag", tag);
    return `/v1/jobs?${asked}`;
  }

  /** Several stand on a line each in the address. */
  get #tags() {
    return (query().tag || "").split("\n").filter(Boolean);
  }

  /** The place of each chosen job among the looks of curves, by its id. */
  get #chosen() {
    return placesOf((query().chosen || "").split(",").filter(Boolean), query().looks);
  }

  get #shown() {
    return Math.min(MOST_SHOWN, Math.max(PAGE, Number(query().shown) || 0));
  }

  #watch() {
    // A new filter shows what there was until its answer comes.
    const before = this.jobs.data;
    const isMore = this.jobs.path === this.#path && this.wanted < this.#shown;
    this.wanted = this.#shown;
    this.jobs.watch(this.#path);
    this.jobs.data ??= before;
    if (isMore) {
      this.readAll = 0;
      this.jobs.reload();
    }
    this.requestUpdate();
  }

  /** Page by page, and the first ones are shown at once. Of many, the first page alone is read again most times. */
  async #read(own, signal) {
    const known = this.readPath === own && Date.now() < this.readAll + ALL_AGAIN ? this.jobs.data : null;
    let answer = await call("GET", own, { signal });
    const jobs = [...answer.jobs];
    if (known && known.jobs.length > jobs.length && answer.next_page_token && !query().order) {
      const last = jobs.at(-1)?.id || "";
      return { jobs: [...jobs, ...known.jobs.filter(({ id }) => id < last)], next_page_token: known.next_page_token };
    }
    while (answer.next_page_token && jobs.length < this.#shown) {
      if (this.readPath !== own) {
        this.readPath = own;
        this.jobs.data = { jobs: [...jobs], next_page_token: answer.next_page_token };
        this.requestUpdate();
      }
      answer = await call("GET", `${own}&page_token=${encodeURIComponent(answer.next_page_token)}`, { signal });
      jobs.push(...answer.jobs);
    }
    this.readPath = own;
    this.readAll = Date.now();
    return { jobs, next_page_token: answer.next_page_token };
  }

  #filter(event) {
    keep({ [event.target.name]: event.target.value.trim(), shown: "" });
  }

  #tag(tag, isWanted) {
    const rest = this.#tags.filter((each) => each !== tag);
    keep({ tag: (isWanted ? [...rest, tag] : rest).join("\n"), shown: "" });
  }

  #order(order) {
    // Only from the best on does a bound cut the list.
    keep({ order: order === "-created_at" ? "" : order, bound: order === this.#bestFirst(query().metric) ? query().bound : "", shown: "" });
  }

  #metric(key) {
    keep({ metric: key, order: this.#bestFirst(key), bound: "", shown: "" });
  }

  #rises(key) {
    return rises(key, (this.jobs.data?.jobs || []).map(({ request }) => request));
  }

  #bestFirst(key) {
    return key && `${this.#rises(key) ? "-" : ""}${key}`;
  }

  #choose(id, isChosen) {
    const places = this.#chosen;
    const taken = new Set(places.values());
    let free = 0;
    while (taken.has(free)) free++;
    if (isChosen) places.set(id, free); else places.delete(id);
    const { ids, looks } = addressOf(places);
    keep({ chosen: ids, looks });
  }

  render() {
    const view = query();
    const { data, problem } = this.jobs;
    const filtered = view.model || view.state || view.tag || view.archived || view.sweep || view.owner || view.bound;
    const jobs = this.#within(data?.jobs || []);
    return html`<div class="page">
      <div class="head"><h1>Jobs</h1><a class="button" href=${to("/sweeps")}>Sweeps</a><a class="button" href=${to("/editor")}>Write a job</a></div>
      ${this.#filters(view)}
      ${problem ? html`<problem-note .problem=${problem} again></problem-note>` : nothing}
      ${!data ? nothing : jobs.length ? this.#table(jobs, data.next_page_token, view)
        : html`<div class="card empty">${filtered ? html`<p>No job is like that.</p>
            <button @click=${() => keep({ model: "", state: "", tag: "", archived: "", sweep: "", owner: "", bound: "", shown: "" })}>Show all jobs</button>`
          : html`<p>No job was submitted yet.</p><a class="button" href=${to("", { lesson: "xor" })}>See a net learn</a>`}</div>`}
      ${this.#choice()}
      <copy-call .calls=${[{ title: "These jobs", method: "GET", path: this.#path }]}></copy-call>
    </div>`;
  }

  /** The list is sorted from the best on, so that a bound ends it. */
  #within(jobs) {
    const { metric, bound, order } = query();
    if (!metric || !bound || !Number.isFinite(Number(bound)) || order !== this.#bestFirst(metric)) return jobs;
    const end = jobs.findIndex((job) => {
      const value = valueOf(job, metric);
      return value === null || (this.#rises(metric) ? value < Number(bound) : value > Number(bound));
    });
    this.isEnded = end >= 0;
    return end < 0 ? jobs : jobs.slice(0, end);
  }

  #filters(view) {
    const metrics = this.#metrics();
    if (view.metric && !metrics.includes(view.metric)) metrics.push(view.metric);
    const best = this.#bestFirst(view.metric);
    const worst = best && (best.startsWith("-") ? best.slice(1) : `-${best}`);
    const orders = [["", "newest first"], ["created_at", "oldest first"], ["model", "model"], ["state", "state"], ["-finished_at", "ended last"],
      ...(view.metric ? [[best, "best first"], [worst, "worst first"]] : [])];
    if (view.order && !orders.some(([key]) => key === view.order)) orders.push([view.order, view.order.replace(/^-(.*)/, "$1, backwards")]);
    return html`<form class="filters" role="search" aria-label="Jobs" @submit=${(event) => event.preventDefault()}>
      <label>Model <input name="model" type="search" .value=${view.model || ""} list="models" placeholder="its whole name" autocomplete="off" spellcheck="false" @change=${this.#filter}>
        <datalist id="models">${(this.models.data?.models || []).map(({ name }) => html`<option value=${name}></option>`)}</datalist></label>
      <label>State <select name="state" @change=${this.#filter}>
        <option value="">all</option>${STATES.map((state) => html`<option .selected=${state === view.state}>${state}</option>`)}</select></label>
      <label>Tag <input type="search" list="tags" placeholder="key:value" autocomplete="off" spellcheck="false" @change=${(event) => {
        const tag = event.target.value.trim();
        event.target.value = "";
        if (tag) this.#tag(tag, true);
      }}><datalist id="tags">${this.#knownTags().map((tag) => html`<option value=${tag}></option>`)}</datalist></label>
      <label>Metric <select name="metric" @change=${(event) => this.#metric(event.target.value)}>
        <option value="">none</option>${metrics.map((key) => html`<option value=${key} .selected=${key === view.metric}>${titleOf(key)}</option>`)}</select></label>
      ${view.metric ? html`<label>${this.#rises(view.metric) ? "At least" : "At most"} <input name="bound" type="number" step="any" .value=${view.bound || ""} @change=${(event) => keep({ bound: event.target.value, order: best, shown: "" })}></label>` : nothing}
      <label>Order <select @change=${(event) => this.#order(event.target.value)}>${orders.map(([key, title]) => html`<option value=${key} .selected=${key === (view.order || "")}>${title}</option>`)}</select></label>
      <label>Archived <select name="archived" @change=${this.#filter}>
        <option value="">left out</option><option value="true" .selected=${view.archived === "true"}>only these</option><option value="any" .selected=${view.archived === "any"}>too</option></select></label>
    </form>
    ${this.#tags.length || view.sweep || view.owner ? html`<div class="row"><span class="soft small">Only those with</span>
      ${this.#tags.map((tag) => html`<button @click=${() => this.#tag(tag, false)}>${tag}<span aria-hidden="true">✕</span><span class="unseen">: any value again</span></button>`)}
      ${view.owner ? html`<button @click=${() => keep({ owner: "", shown: "" })}>by ${view.owner}<span aria-hidden="true">✕</span><span class="unseen">: by anybody again</span></button>` : nothing}
      ${view.sweep ? html`<button @click=${() => keep({ sweep: "", shown: "" })}>the sweep …${short(view.sweep)}<span aria-hidden="true">✕</span><span class="unseen">: all jobs again</span></button>` : nothing}</div>` : nothing}`;
  }

  /** What jobs can be sorted by: the values of their last epoch, of tests, and of their best epoch. */
  #metrics() {
    for (const { metrics, best } of this.jobs.data?.jobs || []) {
      for (const name of metricsOf(best)) if (!NO_ORDER.has(name)) this.known.add(`best.${name}`);
      for (const name of metricsOf(metrics)) if (!NO_ORDER.has(name)) this.known.add(name);
    }
    return [...this.known].sort((a, b) => rank(a) - rank(b) || (a < b ? -1 : 1));
  }

  #knownTags() {
    return [...new Set((this.jobs.data?.jobs || []).flatMap(({ tags }) => Object.entries(tags).map(([name, value]) => `${name}:${value}`)))].slice(0, 50);
  }

  #table(jobs, next, view) {
    const chosen = this.#chosen;
    const order = view.order || "-created_at";
    const sort = (key) => this.#order(key);
    const varied = this.#varied(jobs, view);
    const isMore = next && !(view.bound && this.isEnded);
    return html`<div class="card">
      <table>
        <thead><tr>${sortHead("Model", "model", order, sort)}${sortHead("State", "state", order, sort)}<th scope="col">What came of it</th>
          ${view.metric ? sortHead(titleOf(view.metric), view.metric, order, sort, { isNumber: true, first: this.#rises(view.metric) ? "-" : "" }) : nothing}
          ${varied.map(({ pointer, title }) => html`<th scope="col" class="number" title=${pointer}>${title}</th>`)}
          <th scope="col" class="number">Took</th>${sortHead("Submitted", "created_at", order, sort, { isNumber: true, first: "-" })}</tr></thead>
        <tbody>${jobs.map((job) => this.#row(job, chosen, view.metric, varied))}</tbody>
      </table></div>
      <div class="row">${isMore && jobs.length < MOST_SHOWN ? html`<button @click=${() => keep({ shown: 2 * jobs.length })}>Show more</button>` : nothing}
        <span class="soft small">${isMore ? `The first ${number(jobs.length)} are shown${jobs.length >= MOST_SHOWN ? ": a filter finds others" : ""}.` : count(jobs.length, "job")}</span></div>`;
  }

  /** What the requests of one model differ in, in a column each; found once for each list. */
  #varied(jobs, { model }) {
    if (!model) return [];
    if (this.variedOf?.length !== jobs.length || jobs.some((job, i) => job !== this.variedOf[i])) {
      this.variedOf = jobs;
      const trained = jobs.filter(({ kind }) => kind === "training");
      const found = differences(trained.map(({ request: { model: _, ...own } }) => own)).slice(0, VARIED);
      const pointers = found.map(({ pointer }) => pointer);
      this.variedBy = found.map(({ pointer, values }) => ({ pointer, title: briefly(pointer, pointers), values: new Map(trained.map(({ id }, i) => [id, values[i]])) }));
    }
    return this.variedBy;
  }

  #row(job, chosen, metric, varied) {
    const place = chosen.get(job.id);
    return html`<tr>
      <td class="job"><input type="checkbox" aria-label=${`Compare ${job.model || job.kind} …${short(job.id)}`} .checked=${place !== undefined} ?disabled=${place === undefined && chosen.size >= MOST} @change=${(event) => this.#choose(job.id, event.target.checked)}>${place === undefined ? nothing : html`<run-mark place=${place}></run-mark>`}<a class="strong" href=${to(path`/jobs/${job.id}`)}>${job.model || job.kind}</a> <span class="soft small nowrap">${job.kind === "training" ? "" : job.kind} …${short(job.id)}</span>
        ${job.description ? html`<div class="soft small">${job.description}</div>` : nothing}
        ${Object.entries(job.tags).map(([name, value]) => html`<button class="tag" title="Only those with this tag" @click=${() => this.#tag(`${name}:${value}`, true)}>${name}: ${value}</button>`)}
        ${job.owner !== "anonymous" ? html`<button class="tag" title="Only those of this caller" @click=${() => keep({ owner: job.owner, shown: "" })}>by ${job.owner}</button>` : nothing}</td>
      <td><state-mark state=${job.state}></state-mark></td>
      <td class="what">${this.#what(job)}</td>
      ${metric ? html`<td class="number strong value" data-name=${titleOf(metric)}>${number(valueOf(job, metric))}</td>` : nothing}
      ${varied.map(({ title, values }) => html`<td class="number value" data-name=${title}>${written(values.get(job.id))}</td>`)}
      <td class="number">${job.started_at ? seconds(duration(job)) : nothing}</td>
      <td class="number"><time datetime=${job.created_at} title=${when(job.created_at)}>${since(job.created_at)}</time></td></tr>`;
  }

  #what(job) {
    if (job.state === "queued") {
      return html`${job.queue_position ? html`<span class="strong">Place ${job.queue_position}</span> ` : nothing}${job.waits_for ? html`<span class="soft">${waiting(job)}</span>` : nothing}`;
    }
    if (job.state === "failed") return html`<span>${job.error?.detail}</span>`;
    const found = keyNumbers(job);
    const numbers = found.map(([name, value]) => html`<span class="figure nowrap"><span class="soft">${name}</span> ${number(value)}</span> `);
    if (job.state !== "running") return numbers;
    return html`${job.progress ? html`<progress aria-label=${`Progress of ${job.model}`} max="1" .value=${job.progress.fraction}></progress>
      <span class="soft small">epoch ${job.progress.epoch} of ${job.progress.epochs}${job.progress.eta_seconds ? `, ${seconds(job.progress.eta_seconds)} left` : ""}</span> ` : nothing}${numbers}`;
  }

  /** What is done with the chosen ones; it stays in sight. */
  #choice() {
    const chosen = this.#chosen;
    if (!chosen.size) return nothing;
    const { ids, looks } = addressOf(chosen);
    return html`<div class="chosen" role="region" aria-label="Chosen jobs">
      <span><b>${count(chosen.size, "job")}</b> chosen${chosen.size === 1 ? html`<span class="soft">: choose another to compare them</span>` : nothing}${chosen.size === MOST ? html`<span class="soft">, which is the most</span>` : nothing}</span>
      <button @click=${() => keep({ chosen: "", looks: "" })}>Choose none</button>
      <a class="button main" href=${to("/compare", { jobs: ids, looks })}>Compare</a></div>`;
  }
}

/** A value by the key that sorts by it; null: the job has none. */
function valueOf({ metrics, best }, key) {
  const value = key.startsWith("best.") ? best?.[key.slice(5)] : metrics?.[key];
  return typeof value === "number" ? value : null;
}

function titleOf(key) {
  const name = key.replace(/^best\./, "").replaceAll("_", " ");
  return key.startsWith("best.") ? `${name}, best epoch` : key.startsWith("test_") ? name : `${name}, last epoch`;
}

/** What tells most comes first. */
function rank(key) {
  return key.startsWith("test_") ? 0 : key.startsWith("best.val_") ? 1 : key.startsWith("best.") ? 2 : key.startsWith("val_") ? 3 : 4;
}

customElements.define("jobs-page", JobsPage);
