// Start from: an example, a dataset or a sample, an older job, or a stored model.
import { call, path } from "../api.js";
import { css, html, nothing, Part } from "../part.js";
import { go, to } from "../router.js";
import { since } from "../words.js";
import "../parts/problem-note.js";
import { EXAMPLES } from "./examples.js";

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
    start-from select { width: 100%; }`;

  static properties = { lists: { state: true }, problem: { state: true }, doing: { state: true } };

  constructor() {
    super();
    this.lists = {};
    this.problem = null;
    this.doing = false;
  }

  /** Asked for when it is opened. */
  async #load() {
    await Promise.all(Object.entries(LISTS).map(async ([name, list]) => {
      try {
        const answer = await call("GET", list);
        this.lists = { ...this.lists, [name]: answer[name] };
      } catch (problem) {
        this.problem = problem;
      }
    }));
  }

  #go(source, value) {
    if (value) go(to("/editor", { [source]: value }));
  }

  async #take(value) {
    const [what, name] = [value.slice(0, value.indexOf(" ")), value.slice(value.indexOf(" ") + 1)];
    if (what === "sample") {
      this.doing = true;
      this.problem = null;
      try {
        await call("POST", path`/v1/samples/${name}`);
      } catch (problem) {
        this.problem = problem;
        this.doing = false;
        return;
      }
      this.doing = false;
    }
    this.#go("dataset", name);
  }

  #choice(label, options, chosen) {
    return html`<label>${label}<select ?disabled=${this.doing} @change=${(event) => { chosen(event.target.value); event.target.value = ""; }}>
      <option value="">choose…</option>${options}</select></label>`;
  }

  render() {
    const { datasets = [], models = [] } = this.lists;
    const known = new Set(datasets.map((each) => each.name));
    const samples = (this.lists.samples || []).filter((each) => !known.has(each.name));
    const jobs = (this.lists.jobs || []).filter((job) => job.kind === "training");
    const option = (value, text) => html`<option value=${value}>${text}</option>`;
    return html`<details @toggle=${(event) => event.target.open && this.#load()}><summary>Start from something else</summary>
      ${this.problem ? html`<problem-note .problem=${this.problem}></problem-note>` : nothing}
      <div class="choices">
        ${this.#choice("An example", Object.entries(EXAMPLES).map(([name, { title }]) => option(name, title)), (value) => this.#go("example", value))}
        ${this.#choice("A dataset or a sample", html`
          ${datasets.map((each) => option(`dataset ${each.name}`, each.name))}${samples.map((each) => option(`sample ${each.name}`, `${each.name} (sample): ${each.description}`))}`, (value) => this.#take(value))}
        ${this.#choice("An older job", jobs.map((job) => option(job.id, `${job.model}, ${job.state}, ${since(job.created_at)}`)), (value) => this.#go("job", value))}
        ${this.#choice("A stored model", models.map((each) => option(each.name, each.name)), (value) => this.#go("model", value))}
      </div></details>`;
  }
}

customElements.define("start-from", StartFrom);
