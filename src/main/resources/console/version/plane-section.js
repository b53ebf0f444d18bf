// What it says over any two columns: where its decisions change, how its number bends, where each neuron changes its sign.
import { css, html, nothing } from "../part.js";
import { keep } from "../router.js";
import { columnsOf } from "./rows.js";
import { placeOf, Section } from "./section.js";
import "../parts/plane-view.js";

const STEPS = 120;
/** Of one layer in the list of outputs. */
const UNITS = 32;

class PlaneSection extends Section {
  static sheet = css`
    plane-section .options { display: flex; flex-wrap: wrap; gap: .6rem 1.2rem; margin-bottom: 1rem; }
    plane-section .view { max-width: 56rem; }`;

  /** `layers`: of a summary; `inside`: the row that is looked at, { number, instance }, or null; `chosen`: a dataset of the caller. */
  static properties = { layers: {}, inside: {} };

  get #columns() {
    return columnsOf(this.version).filter((column) => ["number", "integer"].includes(column.type) && !column.categories && !column.shape && !column.window);
  }

  get #targets() {
    return Object.entries(this.version.encoding?.targets || {});
  }

  get #decides() {
    return this.#targets.some(([name, { kind }]) => kind === "class" || this.evaluation?.confusion?.[name] || this.#isYesOrNo(name));
  }

  /** Whether a number is 0 or 1 in all rows, as that of a gate: it is decided at a half. */
  #isYesOrNo(name) {
    const points = this.#targets.length === 1 ? this.evaluation?.regression?.[name]?.points : null;
    return Boolean(points?.length) && points.every((each) => each.true === 0 || each.true === 1);
  }

  get #dense() {
    return (this.layers || []).filter((layer) => layer.type === "dense" && layer.output_shape.length === 1);
  }

  get #state() {
    const names = this.#columns.map(({ column }) => column);
    const x = names.includes(this.view.x) ? this.view.x : names[0];
    const y = names.includes(this.view.y) && this.view.y !== x ? this.view.y : names.find((name) => name !== x);
    const kinds = [...(this.#decides ? ["boundary"] : []), "surface", ...(this.#dense.length ? ["neurons"] : [])];
    const kind = kinds.includes(this.view.show) ? this.view.show : kinds[0];
    return { names, x, y, kinds, kind };
  }

  get #why() {
    if (!this.version.encoding || !columnsOf(this.version).length) return "This version has no plane, because it takes tensors, not columns.";
    const odd = columnsOf(this.version).find((column) => column.window || column.shape);
    if (odd) return `This version has no plane, because it reads ${odd.window ? `windows of ${odd.column}` : `${odd.column}, a tensor`}.`;
    if (this.#columns.length < 2) return `This version has no plane, because a plane needs two columns of numbers and it reads ${this.#columns.length ? "one" : "none"}.`;
    return this.rows ? "" : "No plane is drawn, because no dataset says which values its columns have: choose one above.";
  }

  get call() {
    if (this.#why) return null;
    const { x, y, kind } = this.#state;
    const unit = kind === "boundary" ? "" : this.view.unit;
    const fixed = this.view.as === "row" && this.inside
      ? Object.fromEntries(Object.entries(this.inside.instance).filter(([name, value]) => name !== x && name !== y && value !== null)) : null;
    return { title: "This plane", method: "POST", path: `${placeOf(this.version)}/plots`,
      body: { kind, x, y, ...(unit && { unit }), ...(fixed && Object.keys(fixed).length && { fixed }), ...(this.view.dataset && { dataset: this.rows.dataset }), steps: STEPS } };
  }

  render() {
    return html`<section class="card" id="plane"><h2>Over two columns</h2>
      ${this.#why ? html`<p class="soft">${this.#why}</p>` : html`${this.#options()}<div class="view">${this.shown((plot) => this.#plane(plot), "It asks the version at each point of a grid.")}</div>`}</section>`;
  }

  #options() {
    const { names, x, y, kinds, kind } = this.#state;
    const words = { boundary: "what it decides", surface: "its number", neurons: "neurons" };
    const side = (own, value, other) => html`<label>${own === "x" ? "Across" : "Up"} <select aria-label=${own === "x" ? "The column across" : "The column up"} @change=${(event) => keep({ [own]: event.target.value, ...(event.target.value === other && { [own === "x" ? "y" : "x"]: value }) })}>
      ${names.map((name) => html`<option value=${name} .selected=${name === value}>${name}</option>`)}</select></label>`;
    return html`<div class="options">
      ${kinds.length > 1 ? html`<label>Show <select aria-label="What the plane shows" @change=${(event) => keep({ show: event.target.value, unit: "" })}>${kinds.map((each) => html`<option value=${each} .selected=${each === kind}>${words[each]}</option>`)}</select></label>` : nothing}
      ${side("x", x, y)}${side("y", y, x)}
      ${kind === "surface" ? this.#units() : kind === "neurons" && this.#dense.length > 1 ? this.#layer() : nothing}
      ${columnsOf(this.version).length > 2 && this.inside ? html`<label>Other columns <select aria-label="The other columns" @change=${(event) => keep({ as: event.target.value })}>
        <option value="">as in most rows</option><option value="row" .selected=${this.view.as === "row"}>as in row ${this.inside.number}</option></select></label>` : nothing}</div>`;
  }

  #units() {
    const outputs = this.#targets.flatMap(([name, target]) => (target.classes?.length > 2 ? target.classes.map((label, i) => [`${target.output}/${i}`, `probability of ${label}`]) : [[name, target.classes ? `probability of ${target.classes.at(-1)}` : name]]));
    const ends = new Set(this.#targets.map(([, { output }]) => output));
    const hidden = this.#dense.filter(({ name }) => !ends.has(name));
    return html`<label>Of <select aria-label="The output that is shown" @change=${(event) => keep({ unit: event.target.value })}>
      <optgroup label="Targets">${outputs.map(([unit, word]) => html`<option value=${unit} .selected=${unit === this.view.unit}>${word}</option>`)}</optgroup>
      ${hidden.map(({ name, output_shape: [width] }) => html`<optgroup label=${width > UNITS ? `${name}, the first ${UNITS} of ${width}` : name}>${Array.from({ length: Math.min(width, UNITS) }, (_, i) => html`<option value=${`${name}/${i}`} .selected=${`${name}/${i}` === this.view.unit}>${name}/${i}</option>`)}</optgroup>`)}</select></label>`;
  }

  #layer() {
    return html`<label>Of <select aria-label="The layer whose neurons are shown" @change=${(event) => keep({ unit: event.target.value })}>
      <option value="">the first hidden layer</option>${this.#dense.map(({ name }) => html`<option value=${name} .selected=${name === this.view.unit}>${name}</option>`)}</select></label>`;
  }

  #plane(plot) {
    const { x, y, kind } = this.#state;
    const row = this.inside;
    return html`<plane-view .title=${plot.title} .plot=${plot} ?bare=${kind === "neurons" && !this.#decides} .chosen=${row ? { x: row.instance[x], y: row.instance[y] } : null}></plane-view>
      <p class="soft small">${plot.data.length ? `Marks are rows of the data${plot.classes && this.#decides ? ", each class with its own shape" : ""}${row ? `; the ring is row ${row.number}` : ""}. ` : "There are no rows to draw, because the dataset is gone. "}${kind === "neurons" ? "On each line a neuron changes its sign; its number stands beside it. " : ""}${plot.classes && !this.evaluation?.confusion?.[this.#targets[0][0]] && this.#isYesOrNo(this.#targets[0][0]) ? "From 0.5 on its number counts as 1. " : ""}${columnsOf(this.version).length > 2 ? (this.view.as === "row" && row ? `All other columns are as in row ${row.number}.` : "All other columns have the mean, or the most frequent category.") : ""}</p>`;
  }
}

customElements.define("plane-section", PlaneSection);
