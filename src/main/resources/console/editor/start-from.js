// Start from: an example, a dataset or a sample, an older job, or a stored model.
import { call, path } from "../api.js";
import { css, html, nothing, Part } from "../part.js";
import { go, to } from "../router.js";
import { since } from "../words.js";
import "../parts/problem-note.js";
import { EXAMPLES } from "./examples.js";

const RETRY = 2_000;

const LISTS = {
  samples: "/v1/samples",
  datasets: "/v1/datasets?page_size=100",
  models: "/v1/models?page_size=100",
  jobs: "/v1/jobs?page_size=50",
};

class StartFrom extends Part {
  static sheet = css`
    start-from summary { cursor: pointer; font-weight: 600; }
    start-from .choices { display: grid; gap: .7rem 1.2rem; margin-top: .8rem; grid-template-columns: repeat(auto-fit, minmax(min(100%, 15rem), 1fr)); }
    start-from label { display: grid; gap: .2rem; min-width: 0; align-content: start; }
    start-from select { width: 100%; }
    start-from .row { margin-top: .8rem; }`;

  static properties = { lists: { state: true }, problem: { state: true }, listProblem: { state: true }, doing: { state: true }, chosen: { state: true } };

  constructor() {
    super();
    this.lists = {};
    this.problem = null;
    this.listProblem = null;
    this.doing = false;
    /** What to begin with, a { source, name }; null before one is chosen. */
    this.chosen = null;
  }

  disconnectedCallback() {
    super.disconnectedCallback();
    clearTimeout(this.loading);
  }

  /** Asked for when it is opened. */
  async #load() {
    clearTimeout(this.loading);
    let failure = null;
    await Promise.all(Object.entries(LISTS).map(async ([name, list]) => {
      try {
        const answer = await call("GET", list);
        this.lists = { ...this.lists, [name]: answer[name] };
      } catch (problem) {
        if (problem.status === undefined) throw problem;
        failure = problem;
      }
    }));
    this.listProblem = failure;
    clearTimeout(this.loading);
    if (failure?.passes && this.isConnected && this.querySelector("details").open) {
      this.loading = setTimeout(() => this.#load(), Math.max(RETRY, failure.retryAfter * 1_000));
    }
  }

  async #begin() {
    const { source, name } = this.chosen;
    if (source === "sample") {
      this.doing = true;
      this.problem = null;
      try {
        await call("POST", path`/v1/samples/${name}`);
      } catch (problem) {
        if (problem.status === undefined) throw problem;
        this.problem = problem;
        return;
      } finally {
        this.doing = false;
      }
      if (!this.isConnected) return;
    }
    this.chosen = null;
    this.querySelector("details").open = false;
    go(to("/editor", { [source === "sample" ? "dataset" : source]: name }));
  }

  /** `options`: each [source, name, text]. Of all choices, one holds. */
  #choice(label, options) {
    const { chosen } = this;
    const isChosen = ([source, name]) => chosen?.source === source && chosen.name === name;
    const choose = ({ target }) => {
      const option = options[target.selectedIndex - 1];
      this.chosen = option ? { source: option[0], name: option[1] } : null;
    };
    return html`<label>${label}<select ?disabled=${this.doing} @change=${choose}>
      <option value="" .selected=${!options.some(isChosen)}>choose…</option>${options.map((option) => html`<option value=${option[1]} .selected=${isChosen(option)}>${option[2]}</option>`)}</select></label>`;
  }

  render() {
    const { datasets = [], models = [] } = this.lists;
    const known = new Set(datasets.map((each) => each.name));
    const samples = (this.lists.samples || []).filter((each) => !known.has(each.name));
    const jobs = (this.lists.jobs || []).filter((job) => job.kind === "training");
    return html`<details @toggle=${(event) => (event.target.open ? this.#load() : clearTimeout(this.loading))}><summary>Start from something else</summary>
      ${this.problem ? html`<problem-note .problem=${this.problem}></problem-note>` : nothing}
      ${this.listProblem ? html`<problem-note again .problem=${this.listProblem}></problem-note>` : nothing}
      <div class="choices">
        ${this.#choice("An example", Object.entries(EXAMPLES).map(([name, { title }]) => ["example", name, title]))}
        ${this.#choice("A dataset or a sample", [
          ...datasets.map((each) => ["dataset", each.name, each.name]),
          ...samples.map((each) => ["sample", each.name, `${each.name} (sample): ${each.description}`]),
        ])}
        ${this.#choice("An older job", jobs.map((job) => ["job", job.id, `${job.model}, ${job.state}, ${since(job.created_at)}`]))}
        ${this.#choice("A stored model", models.map((each) => ["model", each.name, each.name]))}
      </div>
      <p class="row"><button ?disabled=${this.doing || !this.chosen} @click=${this.#begin}>Begin with it</button>
        ${this.chosen?.source === "sample" ? html`<span class="soft small">The sample is then stored as the dataset ${this.chosen.name}.</span>` : nothing}</p></details>`;
  }
}

customElements.define("start-from", StartFrom);
