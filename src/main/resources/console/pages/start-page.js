// What the service does now, and what went wrong lately; a service in which there is nothing teaches a first net.
import { css, html, nothing, Part } from "../part.js";
import { base } from "../api.js";
import { choices, DATA, points, requests } from "../lesson.js";
import { Live } from "../live.js";
import { keep, onMove, query, to } from "../router.js";
import { keyNumbers } from "../runs.js";
import { bytes, count, duration, number, seconds, since, waiting } from "../words.js";
import "../parts/boundary-view.js";
import "../parts/copy-call.js";
import "../parts/net-lesson.js";
import "../parts/problem-note.js";
import "../parts/state-mark.js";

/** What failed before this is no longer news. */
const LATELY = 7 * 86_400_000;

class StartPage extends Part {
  static sheet = css`
    start-page .hero { display: grid; gap: 2.5rem clamp(2rem, 8vw, 8rem); grid-template-columns: minmax(0, 36rem) minmax(0, 24rem);
      align-items: center; padding: clamp(1rem, 6vh, 4.5rem) 0 1rem; }
    start-page .hero > div { display: grid; gap: 1.1rem; justify-items: start; }
    start-page .hero boundary-view { background: var(--tint); border-radius: var(--radius); }
    start-page .hero h1 { font-size: clamp(2rem, 1.4rem + 2.6vw, 3.4rem); letter-spacing: -.025em; }
    start-page .hero .lead { font-size: 1.12rem; }
    start-page .figure { display: grid; gap: .25rem; align-content: start; }
    start-page .figure b { font-size: 1.75rem; font-weight: 620; letter-spacing: -.02em; line-height: 1.15; }
    start-page .jobs { list-style: none; margin: 0; padding: 0; display: grid; }
    start-page .jobs li { display: grid; gap: .3rem; padding: .7rem 0; border-bottom: 1px solid var(--line); }
    start-page .jobs li:first-child { padding-top: 0; }
    start-page .jobs li:last-child { border-bottom: 0; padding-bottom: 0; }
    start-page .result { margin-right: .9rem; }
    start-page .why { color: var(--soft); font-size: .92rem; overflow-wrap: anywhere; }
    @media (max-width: 56rem) {
      start-page .hero { grid-template-columns: minmax(0, 1fr); }
      start-page .hero boundary-view { max-width: 22rem; }
    }
    @media (max-width: 40rem) {
      start-page .cards { grid-template-columns: 1fr 1fr; gap: .7rem; }
      start-page .figure { padding: .8rem .9rem; }
      start-page .figure b { font-size: 1.4rem; }
    }
    start-page .two { display: grid; gap: 1rem; grid-template-columns: repeat(auto-fit, minmax(min(100%, 26rem), 1fr)); align-items: start; }`;

  constructor() {
    super();
    onMove(this, () => this.requestUpdate());
    this.status = new Live(this, { every: 3_000 });
    this.jobs = new Live(this, { every: ({ jobs }) => (jobs.some((job) => !job.done) ? 1_000 : 4_000) });
    this.failed = new Live(this, { every: 5_000 });
    this.models = new Live(this, { every: 0 });
    this.status.watch("/v1/status");
    this.jobs.watch("/v1/jobs?page_size=20");
    this.failed.watch("/v1/jobs?state=failed&page_size=5");
    this.models.watch("/v1/models?page_size=1");
  }

  get lesson() {
    return Boolean(query().lesson);
  }

  get #empty() {
    return this.jobs.data?.jobs.length === 0 && this.models.data?.models.length === 0;
  }

  #begin() {
    keep({ lesson: "xor" });
    this.updateComplete.then(() => this.querySelector("net-lesson").teach());
  }

  render() {
    const known = this.jobs.data && this.models.data;
    const wrong = this.jobs.problem || this.models.problem;
    return html`<div class="page">
      ${wrong ? html`<problem-note .problem=${wrong} again></problem-note>` : nothing}
      ${this.lesson ? this.#lesson() : !known ? nothing : this.#empty ? this.#hero() : nothing}
      ${known && !(this.#empty && !this.lesson) ? this.#overview() : nothing}
      <copy-call .calls=${[
        ...(this.lesson ? requests(choices()) : []),
        { title: "How the service is", method: "GET", path: "/v1/status" },
        { title: "The newest jobs", method: "GET", path: "/v1/jobs?page_size=20" },
        { title: "What failed", method: "GET", path: "/v1/jobs?state=failed&page_size=5" },
      ]}></copy-call>
    </div>`;
  }

  #hero() {
    return html`<section class="hero"><div>
      <h1>See a net learn</h1>
      <p class="lead">Two inputs, four hidden units, one answer: true when exactly one input is true. No straight line can decide that.
        Watch how a small net bends its boundary around the four rows.</p>
      <div><button class="main large" @click=${this.#begin}>Teach it XOR</button></div>
      <p class="soft">It trains on this service, with the same calls that your programs make. Then go on with
        <a href=${`${base}/docs/tutorials/first-model`}>your first model</a>, or <a href=${to("/editor")}>write a job</a>.</p></div>
      <boundary-view .rows=${points(DATA.xor)} label="Four rows: 0 and 0 is false, 0 and 1 is true, 1 and 0 is true, 1 and 1 is false"></boundary-view>
    </section>`;
  }

  #lesson() {
    return html`<section class="stack">
      <div class="head"><h1>See a net learn</h1><a class="button plain" href=${to("")}>Close</a></div>
      <div class="card"><net-lesson></net-lesson></div>
    </section>`;
  }

  #overview() {
    const jobs = this.jobs.data.jobs;
    const active = jobs.filter((job) => !job.done);
    const failed = (this.failed.data?.jobs || []).filter((job) => Date.now() - Date.parse(job.created_at) < LATELY);
    return html`
      ${this.lesson ? nothing : html`<div class="head"><h1>${active.length ? "At work" : "All quiet"}</h1>
        <a class="button" href=${to("/operations")}>Operations</a><a class="button" href=${to("/editor")}>Write a job</a>
        <a class="button plain" href=${to("", { lesson: "xor" })}>See a net learn</a></div>`}
      ${this.#figures()}
      <div class="two">
        <section class="card"><h2>${active.length ? "Running and waiting" : "Lately"}</h2>
          <ul class="jobs">${(active.length ? active : jobs.slice(0, 6)).map((job) => this.#job(job))}</ul></section>
        <section class="card"><h2>Failed lately</h2>
          ${failed.length ? html`<ul class="jobs">${failed.map((job) => this.#job(job))}</ul>`
            : this.failed.problem ? html`<problem-note .problem=${this.failed.problem} again></problem-note>`
              : !this.failed.data ? nothing : html`<p class="soft">Nothing failed in the last seven days.</p>`}</section>
      </div>`;
  }

  #figures() {
    const status = this.status.data;
    if (!status) return this.status.problem ? html`<problem-note .problem=${this.status.problem} again></problem-note>` : nothing;
    const known = status.slots !== null; // the database counts them
    const slots = status.slots || [];
    const all = slots.reduce((sum, pool) => sum + pool.slots, 0);
    const busy = slots.reduce((sum, pool) => sum + pool.busy, 0);
    const queued = slots.reduce((sum, pool) => sum + pool.queued, 0);
    const disk = status.disk;
    return html`
      ${status.outages.map((outage) => html`<problem-note .problem=${{ title: `Not working: ${outage.part.replace("_", " ")}`, message: outage.detail, passes: true }}></problem-note>`)}
      <section class="cards" aria-label="The service">
        <div class="card figure"><span class="soft">Free slots</span><b>${known ? html`${all - busy} <span class="soft">of ${all}</span>` : "unknown"}</b>
          <span class="soft small">${!known ? "the database does not answer" : !all ? "no worker takes jobs" : slots.length > 1 ? slots.map((pool) => `${pool.pool} ${pool.slots - pool.busy} of ${pool.slots}`).join(", ") : busy ? count(busy, "job is", "jobs are") + " training" : "a job starts at once"}</span></div>
        <div class="card figure"><span class="soft">Waiting</span><b>${known ? queued : "unknown"}</b><span class="soft small">${!known ? "the database does not answer" : queued ? "each says below why it waits" : "the queue is empty"}</span></div>
        <div class="card figure"><span class="soft">Disk, free</span><b>${bytes(disk.free)}</b><span class="soft small">of ${bytes(disk.size)}</span></div>
        <div class="card figure"><span class="soft">Models in memory</span><b>${status.loaded_models.length}</b>
          <span class="soft small">this process takes ${bytes(status.memory.resident)}</span></div>
      </section>`;
  }

  #numbers(found) {
    return found.length ? html`<span class="small">${found.map(([name, value]) => html`<span class="result nowrap"><span class="soft">${name.replaceAll("_", " ")}</span> ${number(value)}</span> `)}</span>` : nothing;
  }

  #job(job) {
    const { progress } = job;
    return html`<li>
      <div class="row"><a class="strong cut" href=${to(`/jobs/${job.id}`)}>${job.model || job.kind}</a><state-mark state=${job.state}></state-mark>
        <span class="soft small">${since(job.created_at)}${job.done && job.started_at ? `, took ${seconds(duration(job))}` : ""}</span></div>
      ${job.state === "running" && progress ? html`<progress aria-label=${`Progress of ${job.model}`} max="1" .value=${progress.fraction}></progress>
        <span class="soft small">epoch ${progress.epoch} of ${progress.epochs}${progress.eta_seconds ? `, ${seconds(progress.eta_seconds)} left` : ""}</span>` : nothing}
      ${job.state === "succeeded" ? this.#numbers(keyNumbers(job)) : nothing}
      ${job.waits_for ? html`<span class="why">${waiting(job)}</span>` : nothing}
      ${job.error ? html`<span class="why">${job.error.detail}</span>` : nothing}
    </li>`;
  }
}

customElements.define("start-page", StartPage);
