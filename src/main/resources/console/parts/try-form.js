// Asks a version about a row that one changes: a slider for a number, a choice for a category, and the answer as one types.
import { call, path } from "../api.js";
import { css, html, nothing, Part } from "../part.js";
import { number } from "../words.js";
import { cell, readRow, reference, truthOf } from "../version/rows.js";
import "./heat-map.js";
import "./image-drop.js";
import { imageOf, mostOf } from "./pixel-picture.js";
import "./problem-note.js";

/** Milliseconds after the last change until the version is asked. */
const PAUSE = 60;
const ROWS = 50;
/** Of tensors, so many numbers are read as rows, and two rows at least. */
const NUMBERS = 100_000;
/** Of more classes, the likeliest stand first. */
const CLASSES = 8;

class TryForm extends Part {
  static sheet = css`
    try-form .sides { display: grid; gap: 1.2rem clamp(1.5rem, 4vw, 3.5rem); grid-template-columns: minmax(0, 1.25fr) minmax(0, 1fr); align-items: start; }
    try-form .fields { display: grid; gap: .75rem 1.6rem; grid-template-columns: repeat(auto-fill, minmax(min(100%, 15rem), 1fr)); }
    try-form .field { display: grid; gap: .15rem; grid-template-columns: minmax(0, 1fr); align-content: start; }
    try-form .name { display: flex; justify-content: space-between; gap: .5rem; align-items: baseline; color: var(--ink); font-weight: 550; overflow-wrap: anywhere; }
    try-form .number-and-slider { display: grid; grid-template-columns: minmax(0, 1fr) 6.2rem; gap: .7rem; align-items: center; }
    try-form textarea { width: 100%; min-height: 5rem; font-family: var(--mono); font-size: .85rem; }
    try-form svg.line { display: block; width: 100%; height: 4rem; }
    try-form svg.line polyline { fill: none; stroke: var(--series-1); stroke-width: 2; vector-effect: non-scaling-stroke; }
    try-form .outside { color: var(--warn); font-weight: 550; }
    try-form .answers { display: grid; gap: 1.1rem; position: sticky; top: 4.5rem; }
    try-form .answer b.large { display: block; font-size: 2rem; letter-spacing: -.02em; line-height: 1.2; overflow-wrap: anywhere; }
    try-form .bars { display: grid; gap: .35rem .6rem; margin-top: .5rem; grid-template-columns: fit-content(8rem) minmax(0, 1fr) minmax(4.2rem, auto); }
    try-form .bar { display: grid; grid-column: 1 / -1; grid-template-columns: subgrid; align-items: center; font-size: .93rem; }
    try-form .bar svg { display: block; width: 100%; height: .7rem; }
    try-form .bar rect { fill: var(--edge); opacity: .55; }
    try-form .bar.first rect { fill: var(--accent); opacity: 1; }
    try-form .bar rect.against { fill: var(--low); opacity: 1; }
    try-form .bar rect.for { fill: var(--high); opacity: 1; }
    try-form .bar .cut { font-weight: 550; }
    @media (max-width: 52rem) { try-form .sides { grid-template-columns: minmax(0, 1fr); } try-form .answers { position: static; } }`;

  /** `start`: the row to begin with, as "dataset@version/number"; "" for the first of what it was trained on. */
  static properties = {
    version: {}, start: {}, rows: { state: true }, at: { state: true }, row: { state: true }, known: { state: true }, answer: { state: true },
    problem: { state: true }, first: { state: true }, explain: { state: true }, faults: { state: true },
  };

  constructor() {
    super();
    this.start = "";
    this.rows = [];
    /** The rows of the dataset in which those end. */
    this.ends = [];
    /** What was said of the row before it was changed. */
    this.first = null;
    this.at = 0;
    this.row = null;
    this.known = {};
    this.most = {};
    this.explain = false;
    this.faults = {};
  }

  willUpdate(changes) {
    if (!changes.has("version") && !changes.has("start")) return;
    const before = changes.has("version") ? changes.get("version") : this.version;
    if (changes.has("start") || !before || before.model !== this.version.model || before.version !== this.version.version) this.#begin();
  }

  /** The columns of each input, as the version encodes them; none for one that takes tensors. */
  get #inputs() {
    return Object.entries(this.version.encoding?.inputs || {});
  }

  get #columns() {
    return this.#inputs.flatMap(([, input]) => input.columns || []);
  }

  /** How many rows are read. */
  get #wanted() {
    const numbers = this.#columns.reduce((sum, { shape }) => sum + (shape || []).reduce((product, each) => product * each, 1), 0);
    return Math.max(2, ...this.#inputs.map(([, { window }]) => 1 + (window?.length || 0)), Math.min(ROWS, Math.floor(NUMBERS / numbers)));
  }

  /** Takes the rows that it was trained on, so that the form begins with a real one. */
  async #begin() {
    clearTimeout(this.asking);
    this.request?.abort();
    const { version: begun, start } = this;
    this.answer = null;
    this.first = null;
    this.problem = null;
    this.row = null;
    this.rows = [];
    this.ends = [];
    this.taken = "";
    this.lost = null;
    this.known = {};
    this.most = {};
    this.faults = {};
    const [dataset, version] = (this.version.provenance.dataset || "").split("@");
    if (dataset && this.#inputs.length) {
      const own = path`/v1/datasets/${dataset}/versions/${version}`;
      try {
        const [{ rows }, { columns }] = await Promise.all([call("GET", `${own}/rows?page_size=${this.#wanted}`), call("GET", own)]);
        if (start !== this.start || begun !== this.version && (begun.model !== this.version.model || begun.version !== this.version.version)) return;
        this.known = Object.fromEntries(columns.map((column) => [column.name, column]));
        this.rows = this.#windows(rows);
        this.ends = rows.slice(rows.length - this.rows.length);
        this.most = Object.fromEntries(this.#columns.filter(({ shape }) => imageOf(shape)).map(({ column }) => [column, Math.max(...this.rows.map((row) => largest(row[column])))]));
      } catch { /* the dataset is deleted, or not for this key: the form begins empty */ }
    }
    const asked = await this.#asked(start);
    if (start !== this.start || begun.model !== this.version.model || begun.version !== this.version.version) return;
    if (asked) {
      this.rows = [asked.instance, ...this.rows];
      this.ends = [asked.row, ...this.ends];
      this.taken = start;
    }
    this.at = 0;
    this.row = this.rows[0] || this.#blank();
    this.#ask();
  }

  /** The row that the page asks for; null without one. */
  async #asked(start) {
    const [name, row] = start.split("/");
    const dataset = reference(name);
    if (!dataset) return null;
    try {
      return await readRow(this.version, dataset, Number(row));
    } catch (problem) {
      if (problem.status === undefined) throw problem;
      this.lost = problem;
      return null;
    }
  }

  /** Where the row that is shown comes from. */
  get #origin() {
    const [name, row] = (this.taken || "").split("/");
    if (row && this.at === 0) return `row ${row} of ${name}`;
    return `row ${this.at + (row ? 0 : 1)} of what it was trained on`;
  }

  /** A windowed column takes the values of several rows, oldest first. */
  #windows(rows) {
    const columns = this.#inputs.flatMap(([, input]) => (input.columns || []).map(({ column }) => ({ column, length: input.window?.length || 0 })));
    const longest = Math.max(0, ...columns.map(({ length }) => length));
    const count = longest ? Math.max(0, rows.length - longest + 1) : rows.length;
    return Array.from({ length: count }, (_, i) => Object.fromEntries(columns.map(({ column, length }) => [column,
      length ? rows.slice(i + longest - length, i + longest).map((row) => row[column]) : rows[i][column]])));
  }

  /** Zeros of the right shape. */
  #blank() {
    const zeros = ([first, ...rest]) => Array.from({ length: Math.max(1, first) }, () => (rest.length ? zeros(rest) : 0));
    if (this.#inputs.length) {
      return Object.fromEntries(this.#inputs.flatMap(([, input]) => (input.columns || []).map((column) => {
        const one = column.categories ? typed(column.categories[0], column) : 0;
        return [column.column, input.window ? Array.from({ length: input.window.length }, () => one) : one];
      })));
    }
    const inputs = Object.entries(this.version.signature.inputs);
    const blank = ({ shape }) => (shape.length ? zeros(shape) : 0);
    return inputs.length === 1 ? blank(inputs[0][1]) : Object.fromEntries(inputs.map(([name, tensor]) => [name, blank(tensor)]));
  }

  /** What is sent. */
  get instance() {
    return this.row;
  }

  #set(column, value) {
    this.row = { ...this.row, [column]: value };
    this.#ask();
  }

  #other() {
    this.at = (this.at + 1 + Math.floor(Math.random() * Math.max(1, this.rows.length - 2))) % this.rows.length;
    this.row = this.rows[this.at];
    this.first = null;
    this.faults = {};
    this.#ask();
  }

  #ask() {
    clearTimeout(this.asking);
    this.asking = setTimeout(async () => {
      this.request?.abort();
      const request = new AbortController();
      this.request = request;
      const { model, version } = this.version;
      try {
        const body = { instances: [this.row], ...(this.explain && { explain: "integrated_gradients" }) };
        const { predictions } = await call("POST", path`/v1/models/${model}/versions/${version}/predict`, { body, signal: request.signal });
        this.answer = predictions[0];
        if (this.row === this.rows[this.at]) this.first = this.answer;
        this.problem = null;
      } catch (problem) {
        if (problem.name === "AbortError") return;
        this.problem = problem;
      }
      this.closest("model-page")?.requestUpdate();
    }, PAUSE);
  }

  render() {
    if (this.row === null) return html`<p class="soft">It takes a row of its training.</p>`;
    return html`<div class="sides">
      <div class="stack">
        ${this.lost ? html`<problem-note .problem=${this.lost}></problem-note>` : nothing}
        ${this.rows.length > 1 ? html`<div class="row"><button @click=${this.#other}>Another row</button><span class="soft small">${this.#origin}; change what you like</span></div>` : nothing}
        <div class="fields">${this.#inputs.length ? this.#inputs.flatMap(([, input]) => (input.columns || []).map((column) => this.#field(column, input.window)))
          : this.#tensors()}</div>
      </div>
      <div class="answers" aria-live="polite">
        ${this.problem ? html`<problem-note .problem=${this.problem}></problem-note>` : nothing}
        ${this.#inputs.length ? html`<label class="row"><input type="checkbox" .checked=${this.explain} @change=${(event) => { this.explain = event.target.checked; this.#ask(); }}> Say which columns made the difference</label>` : nothing}
        ${this.answer == null ? nothing : this.#answer()}
      </div></div>`;
  }

  /** A version that reads no columns takes what it computes with. */
  #tensors() {
    const inputs = Object.entries(this.version.signature.inputs);
    const change = (value) => {
      this.row = value;
      this.#ask();
    };
    const [[name, { shape }]] = inputs;
    return inputs.length === 1 && imageOf(shape) ? this.#image(name, shape, this.row, change) : this.#json("The input as JSON", this.row, change);
  }

  #image(name, shape, value, change) {
    return html`<div class="field"><span class="name">${name}</span>
      <image-drop .name=${name} .shape=${shape} .value=${value} .most=${mostOf(this.most[name])} @image=${({ detail }) => change(detail)}></image-drop>
      <details><summary class="small">Its numbers</summary>${this.#json(`${name}, as JSON`, value, change)}</details></div>`;
  }

  #field(column, window) {
    const name = column.column;
    const value = this.row[name];
    const known = this.known[name];
    if (!window && imageOf(column.shape)) return this.#image(name, column.shape, value, (changed) => this.#set(name, changed));
    if (window || (value !== null && typeof value === "object")) return this.#json(name, value, (changed) => this.#set(name, changed), window && `${window.length} values, the oldest first`);
    if (column.categories) {
      const own = value == null ? null : String(value);
      const categories = own === null || column.categories.includes(own) ? column.categories : [own, ...column.categories];
      return html`<label class="field"><span class="name">${name}</span><select @change=${(event) => this.#set(name, typed(event.target.value, column))}>
        ${value == null ? html`<option selected value="">missing</option>` : nothing}
        ${categories.map((each) => html`<option .value=${each} .selected=${each === own}>${each}</option>`)}</select></label>`;
    }
    if (["number", "integer"].includes(column.type) && typeof known?.min === "number" && known.min < known.max) return this.#slider(column, value, known);
    return html`<label class="field"><span class="name">${name}</span><input .value=${value ?? ""} placeholder="missing" @input=${(event) => this.#set(name, typed(event.target.value, column))}></label>`;
  }

  #slider(column, value, { min, max, quantiles }) {
    const name = column.column;
    const step = column.type === "integer" ? 1 : 10 ** Math.floor(Math.log10((max - min) / 100));
    const outside = value != null && (value < min || value > max);
    return html`<div class="field"><span class="name">${name}</span>
      <div class="number-and-slider">
        <input type="range" aria-label=${name} min=${min} max=${max} step=${step} .value=${String(value ?? min)} @input=${(event) => this.#set(name, Number(event.target.value))}>
        <input type="number" aria-label=${`${name}, as a number`} step="any" .value=${value == null ? "" : String(value)} placeholder="missing" @input=${(event) => this.#set(name, event.target.value === "" ? null : Number(event.target.value))}>
      </div>
      <span class="small ${outside ? "outside" : "soft"}">${outside ? `outside of its training, which had ${number(min)} to ${number(max)}`
        : `${number(min)} to ${number(max)}${quantiles && (quantiles["0.05"] > min || quantiles["0.95"] < max) ? `, mostly ${number(quantiles["0.05"])} to ${number(quantiles["0.95"])}` : ""}`}</span></div>`;
  }

  #json(name, value, change, more) {
    return html`<label class="field"><span class="name">${name}${more ? html`<span class="soft small">${more}</span>` : nothing}</span>
      <textarea spellcheck="false" .value=${JSON.stringify(value)} @change=${(event) => {
        try {
          change(JSON.parse(event.target.value));
          this.faults = { ...this.faults, [name]: "" };
        } catch (fault) {
          this.faults = { ...this.faults, [name]: fault.message };
        }
      }}></textarea>${line(value)}${this.faults[name] ? html`<span class="outside small">This is no JSON: ${this.faults[name]}</span>` : nothing}</label>`;
  }

  #answer() {
    const { answer } = this;
    if (typeof answer !== "object" || Array.isArray(answer)) return html`<div class="answer"><b class="large">${Array.isArray(answer) ? JSON.stringify(answer) : number(answer)}</b></div>`;
    const targets = Object.keys(this.version.encoding?.targets || {});
    const { probabilities, attributions } = answer;
    const shown = targets.length ? targets : Object.keys(answer).filter((name) => !["probabilities", "attributions", "baseline_output", "uncertainty"].includes(name));
    return html`${shown.map((target) => {
      const own = targets.length > 1 && probabilities?.[target] && typeof probabilities[target] === "object" ? probabilities[target] : probabilities;
      const value = answer[target];
      const isClass = this.version.encoding?.targets?.[target]?.kind === "class";
      return html`<div class="answer"><span class="soft">${target}</span><b class="large">${typeof value === "number" ? number(value) : value === null || typeof value !== "object" ? String(value) : JSON.stringify(value)}</b>
        ${this.#before(target, isClass)}
        ${isClass && own ? html`<div class="bars">${inOrder(own, this.version.encoding.targets[target].classes).map(([label, p]) => html`
          <div class="bar ${label === String(value) ? "first" : ""}"><span class="cut" title=${label}>${label}</span>${bar(0, p)}<span class="number">${(100 * p).toFixed(p > 0.0995 || p === 0 ? 1 : 2)} %</span></div>`)}</div>` : nothing}</div>`;
    })}
    ${this.explain && attributions ? this.#attributions(attributions) : nothing}`;
  }

  /** What is true of the row as it is, and what was said of it before it was changed. */
  #before(target, isClass) {
    const row = this.ends[this.at];
    const known = this.version.encoding?.targets?.[target];
    const truth = row && known && ["class", "number"].includes(known.kind) ? truthOf(null, this.version, target, known, 0, row) : undefined;
    const isChanged = this.row !== this.rows[this.at];
    const was = isChanged ? this.first?.[target] : undefined;
    const said = [
      ...(was === undefined ? [] : [html`was <b>${typeof was === "number" ? number(was) : cell(was)}</b>`]),
      ...(truth == null ? [] : [html`in truth <b>${typeof truth === "number" && !isClass ? number(truth) : cell(truth)}</b>`]),
    ];
    return said.length ? html`<p class="soft small">${said.map((each, i) => html`${i ? ", " : ""}${each}`)}${isChanged ? " for the row as it is" : ""}</p>` : nothing;
  }

  /** The share of each pixel, of all its channels together. */
  #shares(name, { height, width, channels, isFirst }, shares) {
    const values = Array.from({ length: height * width }, (_, i) => {
      const [row, column] = [Math.floor(i / width), i % width];
      return Array.from({ length: channels }, (__, c) => (isFirst ? shares[c][row][column] : shares[row][column][c])).reduce((sum, each) => sum + each, 0);
    });
    return html`<heat-map square .title=${name} .rowName=${"row"} .columnName=${"column"} .label=${`What in ${name} made the difference`} .maps=${[{ name: "", rows: height, columns: width, values }]}></heat-map>`;
  }

  #attributions(attributions) {
    const entries = Object.entries(attributions).filter(([, share]) => typeof share === "number").sort((a, b) => Math.abs(b[1]) - Math.abs(a[1])).slice(0, 12);
    const most = Math.max(1e-12, ...entries.map(([, share]) => Math.abs(share)));
    const images = this.#columns.filter(({ column, shape }) => imageOf(shape) && Array.isArray(attributions[column]));
    return html`<div><h3>What made the difference</h3><p class="soft small">against the mean row${entries.length ? "; to the right: for this answer" : ""}</p>
      ${images.map(({ column, shape }) => this.#shares(column, imageOf(shape), attributions[column]))}
      <div class="bars">${entries.map(([name, share]) => html`<div class="bar"><span class="cut" title=${name}>${name}</span>
        ${share < 0 ? bar(0.5 + share / most / 2, -share / most / 2, "against") : bar(0.5, share / most / 2, "for")}<span class="number">${number(Number(share.toPrecision(3)))}</span></div>`)}</div></div>`;
  }
}

/** Each class with its probability: a few in their own order, so that none moves while a number changes, of many the likeliest. */
function inOrder(shares, classes) {
  const all = Object.entries(shares);
  const known = (classes || []).map(String);
  return all.length <= CLASSES ? all.sort(([a], [b]) => known.indexOf(a) - known.indexOf(b)) : all.sort((a, b) => b[1] - a[1]).slice(0, 12);
}

/** Numbers one after the other, as a line. */
function line(value) {
  const numbers = Array.isArray(value) ? value.map((each) => (Array.isArray(each) && each.length === 1 ? each[0] : each)) : [];
  if (numbers.length < 3 || !numbers.every(Number.isFinite)) return nothing;
  const [low, high] = [Math.min(...numbers), Math.max(...numbers)];
  const points = numbers.map((each, i) => `${(100 * i / (numbers.length - 1)).toFixed(2)},${(27 - 24 * (each - low) / (high - low || 1)).toFixed(2)}`);
  return html`<svg class="line" viewBox="0 0 100 30" preserveAspectRatio="none" role="img" aria-label=${`${numbers.length} numbers from ${number(low)} to ${number(high)}`}><polyline points=${points.join(" ")}></polyline></svg>`;
}

function largest(value) {
  return Array.isArray(value) ? value.reduce((most, each) => Math.max(most, largest(each)), 0) : Number(value) || 0;
}

/** A part of a line of one. */
function bar(from, length, kind = "") {
  return html`<svg viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true"><rect class=${kind} x=${100 * from} y="0" width=${Math.max(0.4, 100 * length)} height="10" rx="1.5"></rect></svg>`;
}

function typed(text, { type }) {
  if (text === "") return null;
  if (type === "number" || type === "integer") return Number.isNaN(Number(text)) ? text : Number(text);
  if (type === "boolean") return text === "true";
  return text;
}

customElements.define("try-form", TryForm);
