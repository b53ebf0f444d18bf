// Starts a search for a better value of a job: some values of one of its numbers, each trained and ranked.
import { call, path } from "../api.js";
import { css, html, nothing, Part } from "../part.js";
import { go, to } from "../router.js";
import { leaves, written } from "../runs.js";
import "./copy-call.js";
import "./problem-note.js";

const FOLDS = [2, 3, 5, 10];

class SearchForm extends Part {
  static sheet = css`
    search-form form { display: flex; flex-wrap: wrap; gap: .7rem 1rem; align-items: end; margin: .8rem 0; }
    search-form label { display: grid; gap: .2rem; min-width: 0; }`;

  /** `job`: that is searched around. */
  static properties = { job: {}, spec: { state: true }, pointer: { state: true }, values: { state: true }, folds: { state: true }, doing: { state: true }, problem: { state: true } };

  constructor() {
    super();
    this.spec = null;
    this.pointer = "";
    this.values = "";
    this.folds = null;
    this.problem = null;
  }

  /** Asked for when it is opened. */
  async #open() {
    try {
      this.problem = null;
      ({ spec: this.spec } = await call("GET", path`/v1/jobs/${this.job.id}/spec`));
    } catch (problem) {
      this.problem = problem;
    }
  }

  /** The job that each trial changes, without what a search decides itself. */
  #request(folds) {
    const { dataset, training: { monitor, ...training }, ...rest } = this.job.request;
    const { fold, validation, ...split } = dataset.split || {};
    const { validation_dataset: other, ...own } = dataset;
    return { ...rest, model: this.spec, training, dataset: folds ? { ...own, split } : dataset };
  }

  /** The numbers that may be varied, as [pointer, value]. */
  get #numbers() {
    return [...leaves(this.#request(0))].filter(([pointer, value]) => typeof value === "number" && /^\/(model\/network\/layers|training)\//.test(pointer) && !pointer.endsWith("seed"));
  }

  #called(pointer) {
    const [, layer, member] = pointer.match(/^\/model\/network\/layers\/(\d+)\/(.*)$/) || [];
    const own = this.spec.network.layers?.[layer];
    return (own ? `${own.name || own.type}: ${member}` : pointer.replace("/training/", "")).replaceAll("_", " ").replaceAll("/", " ");
  }

  get #isJudged() {
    const { split, validation_dataset: other } = this.job.request.dataset;
    return Boolean(other || split?.validation || split?.fold);
  }

  #body(pointer, folds) {
    return { job: this.#request(folds), parameters: { [pointer]: this.values.split(/[\s,;]+/).filter(Boolean).map(Number) }, ...(folds && { cross_validation: folds }) };
  }

  async #start(event, body) {
    event.preventDefault();
    await this.keepFocus(async () => {
      this.doing = true;
      this.problem = null;
      try {
        const { id } = await call("POST", "/v1/sweeps", { body });
        if (this.isConnected) go(to(path`/sweeps/${id}`));
      } catch (problem) {
        this.problem = problem;
      }
      this.doing = false;
    });
  }

  render() {
    return html`<details @toggle=${(event) => event.target.open && !this.spec && this.#open()}><summary>Search for better values</summary>
      ${this.problem ? html`<problem-note .problem=${this.problem}></problem-note>` : nothing}
      ${this.spec ? this.#form() : nothing}</details>`;
  }

  #form() {
    const numbers = this.#numbers;
    const [pointer, now] = numbers.find(([each]) => each === this.pointer) || numbers.find(([each]) => each.endsWith("/units")) || numbers[0] || [];
    if (!pointer) return html`<p class="soft">It has no number that could be varied.</p>`;
    const folds = this.folds ?? (this.#isJudged ? 0 : FOLDS[2]);
    const body = this.#body(pointer, folds);
    return html`<form @submit=${(event) => this.#start(event, body)}>
        <label>Vary <select aria-label="What is varied" @change=${(event) => { this.pointer = event.target.value; }}>${numbers.map(([each, value]) => html`<option value=${each} .selected=${each === pointer}>${this.#called(each)}, now ${written(value)}</option>`)}</select></label>
        <label>Values <input required aria-label="The values that are tried" placeholder=${`${now}, ${2 * now}, ${4 * now}`} pattern="[\\-+0-9.eE,; ]+" title="numbers, with commas between" .value=${this.values} autocomplete="off" @input=${(event) => { this.values = event.target.value; }}></label>
        <label>Judged by <select aria-label="The rows that judge" @change=${(event) => { this.folds = Number(event.target.value); }}>
          ${this.#isJudged ? html`<option value="0" .selected=${!folds}>its validation rows</option>` : nothing}
          ${FOLDS.map((each) => html`<option value=${each} .selected=${each === folds}>${each} folds</option>`)}</select></label>
        <button class="main" ?disabled=${this.doing}>Start the search</button></form>
      <p class="soft small">Each value is trained, with folds once for each part of the rows, which then judges what has not seen it. The best one is trained on all rows and published.</p>
      <copy-call .calls=${[{ title: "Start this search", method: "POST", path: "/v1/sweeps", body }]}></copy-call>`;
  }
}

customElements.define("search-form", SearchForm);
