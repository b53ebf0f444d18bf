// Starts a search for better values of a job: some values of a few of its numbers, all together trained and ranked.
import { call, path } from "../api.js";
import { css, html, nothing, Part } from "../part.js";
import { go, to } from "../router.js";
import { leaves, written } from "../runs.js";
import "./copy-call.js";
import "./problem-note.js";

/** So many numbers are varied at most: every value meets every other. */
const MOST_VARIED = 3;
const FOLDS = [2, 3, 5, 10];

class SearchForm extends Part {
  static sheet = css`
    search-form form { display: flex; flex-wrap: wrap; gap: .7rem 1rem; align-items: end; margin: .8rem 0; }
    search-form label { display: grid; gap: .2rem; min-width: 0; }`;

  /** `job`: that is searched around. */
  static properties = { job: {}, spec: { state: true }, varied: { state: true }, folds: { state: true }, doing: { state: true }, problem: { state: true } };

  constructor() {
    super();
    this.spec = null;
    /** [{ pointer, values }] as they were chosen and written. */
    this.varied = [{ pointer: "", values: "" }];
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

  #body(varied, folds) {
    return { job: this.#request(folds), parameters: Object.fromEntries(varied.map(({ pointer, values }) => [pointer, values.split(/[\s,;]+/).filter(Boolean).map(Number)])), ...(folds && { cross_validation: folds }) };
  }

  /** The button that was pressed may be gone then: the focus is on the number that came, or on the last one left. */
  async #vary(varied) {
    this.varied = varied;
    await this.updateComplete;
    [...this.querySelectorAll("select[aria-label^='What']")].at(-1).focus();
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
    if (!numbers.length) return html`<p class="soft">It has no number that could be varied.</p>`;
    const varied = [];
    for (const { pointer, values } of this.varied) {
      const free = numbers.filter(([each]) => varied.every((other) => other.pointer !== each));
      const [own, now] = free.find(([each]) => each === pointer) || free.find(([each]) => each.endsWith(varied.length ? "/learning_rate" : "/units")) || free[0];
      varied.push({ pointer: own, now, values, free });
    }
    const change = (i, changes) => { this.varied = this.varied.map((each, at) => (at === i ? { ...each, ...changes } : each)); };
    const folds = this.folds ?? (this.#isJudged ? 0 : FOLDS[2]);
    const body = this.#body(varied, folds);
    return html`<form @submit=${(event) => this.#start(event, body)}>
        ${varied.map(({ pointer, now, values, free }, i) => html`
          <label>${i ? "And vary" : "Vary"} <select aria-label=${`What is varied${i ? `, ${i + 1}` : ""}`} @change=${(event) => change(i, { pointer: event.target.value })}>${free.map(([each, value]) => html`<option value=${each} .selected=${each === pointer}>${this.#called(each)}, now ${written(value)}</option>`)}</select></label>
          <label>Values <input required aria-label=${`The values that are tried${i ? `, ${i + 1}` : ""}`} placeholder=${`${now}, ${2 * now}, ${4 * now}`} pattern="[\\-+0-9.eE,; ]+" title="numbers, with commas between" .value=${values} autocomplete="off" @input=${(event) => change(i, { values: event.target.value })}></label>`)}
        ${varied.length < Math.min(MOST_VARIED, numbers.length) ? html`<button type="button" @click=${() => this.#vary([...this.varied, { pointer: "", values: "" }])}>And vary another</button>` : nothing}
        ${varied.length > 1 ? html`<button type="button" @click=${() => this.#vary(this.varied.slice(0, -1))}>One less</button>` : nothing}
        <label>Judged by <select aria-label="The rows that judge" @change=${(event) => { this.folds = Number(event.target.value); }}>
          ${this.#isJudged ? html`<option value="0" .selected=${!folds}>its validation rows</option>` : nothing}
          ${FOLDS.map((each) => html`<option value=${each} .selected=${each === folds}>${each} folds</option>`)}</select></label>
        <button class="main" ?disabled=${this.doing}>Start the search</button></form>
      <p class="soft small">Each value${varied.length > 1 ? " with each of the others" : ""} is trained, with folds once for each part of the rows, which then judges what has not seen it. The best one is trained on all rows and published.</p>
      <copy-call .calls=${[{ title: "Start this search", method: "POST", path: "/v1/sweeps", body }]}></copy-call>`;
  }
}

customElements.define("search-form", SearchForm);
