// A dataset that a job names and that is not there yet, where it can be made: a sample, or the rows of an example.
import { call, path } from "../api.js";
import { html, nothing, Part } from "../part.js";
import "../parts/problem-note.js";

const RETRY = 2_000;

class MissingDataset extends Part {
  /** `name`: of the dataset. `rows`: what makes its rows, if something does. */
  static properties = { name: { attribute: false }, rows: { attribute: false }, samples: { state: true }, doing: { state: true }, problem: { state: true }, listProblem: { state: true } };

  constructor() {
    super();
    this.samples = [];
    this.doing = false;
    this.problem = null;
    this.listProblem = null;
  }

  connectedCallback() {
    super.connectedCallback();
    this.#load();
  }

  disconnectedCallback() {
    super.disconnectedCallback();
    clearTimeout(this.loading);
  }

  async #load() {
    try {
      ({ samples: this.samples } = await call("GET", "/v1/samples"));
      this.listProblem = null;
    } catch (problem) {
      if (problem.status === undefined) throw problem;
      this.listProblem = problem;
      if (problem.passes && this.isConnected) this.loading = setTimeout(() => this.#load(), Math.max(RETRY, problem.retryAfter * 1_000));
    }
  }

  async #make(method, address, options) {
    this.doing = true;
    this.problem = null;
    try {
      await call(method, address, options);
    } catch (problem) {
      this.problem = problem;
    }
    this.doing = false;
  }

  render() {
    const { name } = this;
    const sample = this.samples.find((each) => each.name === name);
    const button = this.rows
      ? html`<button ?disabled=${this.doing} @click=${() => this.#make("POST", `/v1/datasets?name=${encodeURIComponent(name)}`, { body: this.rows() })}>Make the dataset ${name}</button>`
      : sample ? html`<button ?disabled=${this.doing} @click=${() => this.#make("POST", path`/v1/samples/${name}`)}>Take the sample ${name}</button>
        <span class="soft small">${sample.description}. ${sample.source}.</span>` : nothing;
    return html`${button === nothing ? nothing : html`<div class="row">${button}</div>`}
      ${this.listProblem ? html`<problem-note again .problem=${this.listProblem}></problem-note>` : nothing}
      ${this.problem ? html`<problem-note .problem=${this.problem}></problem-note>` : nothing}`;
  }
}

customElements.define("missing-dataset", MissingDataset);
