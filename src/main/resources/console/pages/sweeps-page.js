// Every sweep: what it varies, how far it is, and the best value it found.
import { path } from "../api.js";
import { css, html, nothing, Part } from "../part.js";
import { Live } from "../live.js";
import { keep, onMove, query, to } from "../router.js";
import { briefly } from "../runs.js";
import { count, duration, number, seconds, short, since, when } from "../words.js";
import "../parts/copy-call.js";
import "../parts/problem-note.js";
import "../parts/state-mark.js";

const STATES = ["queued", "running", "succeeded", "failed", "cancelled"];
const PAGE = 30;
const MOST = 300;

class SweepsPage extends Part {
  static sheet = css`
    sweeps-page .filters { display: flex; flex-wrap: wrap; gap: .6rem; align-items: end; }
    sweeps-page .filters label { display: grid; gap: .2rem; }
    sweeps-page td { min-width: 6rem; }
    sweeps-page progress { max-width: 14rem; margin: .4rem 0 .25rem; }`;

  constructor() {
    super();
    this.sweeps = new Live(this, { every: ({ sweeps }) => (sweeps.some((sweep) => !sweep.done) ? 1_500 : 6_000) });
    onMove(this, () => this.#watch());
  }

  connectedCallback() {
    super.connectedCallback();
    this.#watch();
  }

  get #path() {
    const { model, state, shown } = query();
    const asked = new URLSearchParams({ page_size: Math.min(MOST, Number(shown) || PAGE) });
    for (const [name, value] of Object.entries({ model, state })) if (value) asked.set(name, value);
    return `/v1/sweeps?${asked}`;
  }

  #watch() {
    const before = this.sweeps.data;
    this.sweeps.watch(this.#path);
    this.sweeps.data ??= before;
    this.requestUpdate();
  }

  #filter(event) {
    keep({ [event.target.name]: event.target.value.trim(), shown: "" });
  }

  render() {
    const view = query();
    const { data, problem } = this.sweeps;
    return html`<div class="page">
      <div class="head"><div><h1>Sweeps</h1><p class="soft small">Searches for the best parameters of a job</p></div><a class="button" href=${to("/jobs")}>Jobs</a></div>
      <form class="filters" role="search" aria-label="Sweeps" @submit=${(event) => event.preventDefault()}>
        <label>Model <input name="model" type="search" .value=${view.model || ""} placeholder="its whole name" autocomplete="off" spellcheck="false" @change=${this.#filter}></label>
        <label>State <select name="state" @change=${this.#filter}><option value="">all</option>${STATES.map((state) => html`<option .selected=${state === view.state}>${state}</option>`)}</select></label>
      </form>
      ${problem ? html`<problem-note .problem=${problem} again></problem-note>` : nothing}
      ${!data ? nothing : data.sweeps.length ? this.#table(data)
        : html`<div class="card empty">${view.model || view.state ? html`<p>No sweep is like that.</p><button @click=${() => keep({ model: "", state: "" })}>Show all sweeps</button>`
          : html`<p>No sweep was submitted yet. It tries values of a job's parameters and trains with the best ones. “Search for better values” on the page of a job starts one, and <code>POST /v1/sweeps</code> one of many parameters.</p><a class="button" href=${to("/jobs", { state: "succeeded" })}>Jobs that succeeded</a>`}</div>`}
      <copy-call .calls=${[{ title: "These sweeps", method: "GET", path: this.#path }]}></copy-call>
    </div>`;
  }

  #table({ sweeps, next_page_token: more }) {
    return html`<div class="card wide" tabindex="0" role="group" aria-label="Sweeps"><table>
      <thead><tr><th scope="col">Model</th><th scope="col">State</th><th scope="col">What it varies</th><th scope="col">Trials</th><th scope="col" class="number">Best</th><th scope="col" class="number">Took</th><th scope="col" class="number">Submitted</th></tr></thead>
      <tbody>${sweeps.map((sweep) => {
        const pointers = Object.keys(sweep.request.parameters);
        return html`<tr><td><a class="strong" href=${to(path`/sweeps/${sweep.id}`)}>${sweep.model}</a> <span class="soft small nowrap">…${short(sweep.id)}</span></td>
          <td><state-mark state=${sweep.state}></state-mark></td>
          <td>${pointers.length ? pointers.map((pointer) => briefly(pointer, pointers)).join(", ") : html`<span class="soft">nothing: folds alone</span>`}</td>
          <td>${count(sweep.trials.length, "trial")}${sweep.done ? nothing : html`<progress aria-label=${`Progress of the sweep of ${sweep.model}`} max="1" .value=${sweep.fraction}></progress>`}</td>
          <td class="number">${sweep.best ? html`<span class="soft">${sweep.request.objective.replaceAll("_", " ")}</span> <b>${number(sweep.best.mean)}</b>` : "–"}</td>
          <td class="number">${sweep.started_at ? seconds(duration(sweep)) : nothing}</td>
          <td class="number"><time datetime=${sweep.created_at} title=${when(sweep.created_at)}>${since(sweep.created_at)}</time></td></tr>`;
      })}</tbody></table></div>
      ${more ? html`<div class="row"><button ?disabled=${sweeps.length >= MOST} @click=${() => keep({ shown: Math.min(MOST, sweeps.length + PAGE) })}>${sweeps.length >= MOST ? `The first ${MOST} are shown: a filter finds older ones` : "Show more"}</button></div>` : nothing}`;
  }
}

customElements.define("sweeps-page", SweepsPage);
