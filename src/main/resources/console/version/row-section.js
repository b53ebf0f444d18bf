// One row, from its columns through each layer to what is said of it.
import { call, path } from "../api.js";
import { css, html, nothing } from "../part.js";
import { Live } from "../live.js";
import { keep, to } from "../router.js";
import { count, number } from "../words.js";
import { cell, truthOf } from "./rows.js";
import { placeOf, Section } from "./section.js";
import "../parts/heat-map.js";
import "../parts/range-chart.js";
import "../parts/unit-bars.js";

/** Layers that hand on what they get when nothing is trained. */
const PASSING = /^(dropout|spatial_dropout\w*|alpha_dropout|gaussian_\w+|flatten|random_\w+|activity_regularization)$/;
/** Layers that sum up what they get before their activation; recurrent ones have theirs inside. */
const SUMMING = /^(dense|conv\dd|depthwise_conv|separable_conv)/;
const LAYERS = 8;
const BARS = 128;
const MAPS = 16;
const SIDE = 64;

class RowSection extends Section {
  static sheet = css`
    row-section .options { display: flex; flex-wrap: wrap; gap: .6rem 1rem; align-items: center; margin-bottom: 1rem; }
    row-section .options input { width: 7rem; }
    row-section .sides { display: grid; gap: 1.6rem 2.4rem; grid-template-columns: repeat(auto-fit, minmax(min(100%, 20rem), 1fr)); align-items: start; }
    row-section .layers { display: grid; gap: 1.4rem 2.4rem; grid-template-columns: repeat(auto-fit, minmax(min(100%, 24rem), 1fr)); align-items: start; margin-top: 1.6rem; }
    row-section p + range-chart { margin-top: .8rem; }
    row-section .large { font-size: 1.5rem; font-weight: 650; letter-spacing: -.02em; overflow-wrap: anywhere; }`;

  /** `place`: { dataset } or { why }; `number`: of the row; `inside`: the row itself, or null, with `rowProblem`. */
  static properties = { place: {}, number: {}, layers: {}, inside: {}, rowProblem: {}, layersWhy: {} };

  constructor() {
    super();
    this.reasons = new Live(this, { once: true, read: (text, signal) => this.#reasons(JSON.parse(text), signal) });
  }

  get #names() {
    const all = (this.layers || []).filter(({ type }) => type !== "input" && !PASSING.test(type)).map(({ name }) => name);
    return all.includes(this.view.layer) ? { all, names: [this.view.layer] } : { all, names: all.slice(0, LAYERS) };
  }

  get call() {
    if (!this.inside || !this.layers) return null;
    const { names } = this.#names;
    return { title: `Row ${this.inside.number}, layer by layer`, method: "POST", path: `${placeOf(this.version)}/predict`, body: { instances: [this.inside.instance], ...(names.length && { outputs: names.map((name) => this.#asked(name)) }) } };
  }

  get #sums() {
    return new Set((this.layers || []).filter(({ type }) => SUMMING.test(type)).map(({ name }) => name));
  }

  /** A layer, or what it computes before its activation. */
  #asked(name) {
    return this.view.pre && this.#sums.has(name) ? `${name}:pre` : name;
  }

  willUpdate() {
    super.willUpdate();
    this.reasons.watch(this.seen && this.inside ? JSON.stringify({ own: placeOf(this.version), instance: this.inside.instance }) : null);
  }

  async #reasons({ own, instance }, signal) {
    const { predictions } = await call("POST", `${own}/predict`, { body: { instances: [instance], explain: "integrated_gradients" }, signal });
    return predictions[0];
  }

  render() {
    const go = (row) => keep({ row: Math.max(1, row) });
    return html`<section class="card" id="inside"><h2>Inside, for one row</h2>
      ${this.place.dataset ? html`<div class="options">
          <button ?disabled=${this.number <= 1} @click=${() => go(this.number - 1)}>Row before</button>
          <label>Row <input type="number" min="1" step="1" aria-label="The number of the row" .value=${String(this.number)} @change=${(event) => go(Math.floor(Number(event.target.value)) || 1)}></label>
          <button @click=${() => go(this.number + 1)}>Row after</button>
          <span class="soft small">of ${this.place.dataset.name}@${this.place.dataset.version}</span>
          ${this.inside ? html`<a class="button" href=${to(path`/models/${this.version.model}`, { version: this.version.version, dataset: `${this.place.dataset.name}@${this.place.dataset.version}`, row: this.number })}>Change it</a>` : nothing}</div>
        ${this.rowProblem ? html`<problem-note again .problem=${this.rowProblem}></problem-note>` : nothing}
        ${this.inside ? this.#row(this.inside) : nothing}`
      : html`<p class="soft">No row can be looked at, because ${this.place.why}.</p>`}</section>`;
  }

  #row({ row, instance }) {
    const pictures = Object.entries(instance).filter(([, value]) => Array.isArray(value));
    return html`<div class="sides">
        <div class="stack"><h3>The row</h3>
          ${pictures.map(([name, value]) => this.#values(name, value))}
          <dl class="facts">${Object.entries(instance).filter(([, value]) => !Array.isArray(value)).map(([name, value]) => html`<dt>${name}</dt><dd>${cell(value)}</dd>`)}</dl></div>
        <div class="stack">${this.shown(({ predictions: [said] }) => this.#said(said, row))}</div>
        <div class="stack">${this.#why()}</div></div>
      ${this.layersWhy ? html`<p class="soft">${this.layersWhy}</p>` : this.asked.data ? this.#layers(this.asked.data.outputs || {}) : nothing}`;
  }

  #said(said, row) {
    const targets = Object.entries(this.version.encoding?.targets || {});
    const shown = targets.length ? targets : Object.keys(Object(said)).map((name) => [name, {}]);
    return html`<h3>What it says</h3>${shown.map(([name, target]) => {
      const value = said?.[name];
      const truth = truthOf(this.evaluation, this.version, name, target, this.inside.number, row);
      const shares = said?.probabilities?.[name] && typeof said.probabilities[name] === "object" ? said.probabilities[name] : targets.length === 1 ? said?.probabilities : null;
      const isRight = target.kind === "class" && truth != null && String(truth) === String(value);
      return html`<div><span class="soft small">${name}</span><p class="large">${typeof value === "number" ? number(Number(value.toPrecision(5))) : cell(value)}</p>
        ${truth == null || target.kind === "input" ? nothing : html`<p>${target.kind === "class" ? html`${isRight ? "✓ right" : "✕ wrong"}: in truth <b>${cell(truth)}</b>` : html`in truth <b>${cell(truth)}</b>${typeof truth === "number" && typeof value === "number" ? html`, off by ${number(Number(Math.abs(truth - value).toPrecision(3)))}` : nothing}`}</p>`}
        ${shares && target.kind === "class" ? html`<range-chart bars .title=${`How sure it is of ${name}`} .unit=${"probability"} .rows=${Object.entries(shares).sort((a, b) => b[1] - a[1]).slice(0, 10).map(([label, share]) => ({ name: label, value: share, told: `${label}: ${number(Number(share.toPrecision(4)))}` }))}></range-chart>` : nothing}</div>`;
    })}`;
  }

  #why() {
    const { data, problem } = this.reasons;
    if (problem) return problem.passes ? html`<problem-note again .problem=${problem}></problem-note>` : html`<h3>What made the difference</h3><p class="soft">This is not told: ${problem.message}</p>`;
    const shares = Object.entries(data?.attributions || {}).filter(([, share]) => typeof share === "number").sort((a, b) => Math.abs(b[1]) - Math.abs(a[1]));
    if (!data) return nothing;
    const pictures = Object.entries(data.attributions || {}).filter(([, share]) => Array.isArray(share));
    return html`${shares.length ? html`<range-chart bars .title=${"What made the difference"} .unit=${"share"} .rows=${shares.slice(0, 12).map(([name, value]) => ({ name, value, told: `${name}: ${number(Number(value.toPrecision(3)))}` }))}></range-chart>` : nothing}
      ${pictures.map(([name, share]) => this.#values(`What in ${name} made the difference`, share))}
      <p class="soft small">Compared with the mean row. ${shares.length ? `To the right: ${Object.values(this.version.encoding?.targets || {})[0]?.kind === "class" ? "for this answer" : "what makes the number larger"}${shares.length > 12 ? `; the first 12 of ${shares.length} columns` : ""}.` : "What has a minus is against this answer."}</p>`;
  }

  #layers(outputs) {
    const { all, names } = this.#names;
    if (!all.length) return html`<p class="soft">This version has no layers to look at, because each hands on what it gets.</p>`;
    return html`<h3 class="unseen">Layer by layer</h3>
      ${all.length > LAYERS ? html`<label class="row">Layers <select aria-label="The layers that are shown" @change=${(event) => keep({ layer: event.target.value })}><option value="">the first ${LAYERS} of ${all.length}</option>${all.map((name) => html`<option value=${name} .selected=${name === this.view.layer}>${name}</option>`)}</select></label>` : nothing}
      ${names.some((name) => this.#sums.has(name)) ? html`<label class="row"><input type="checkbox" .checked=${Boolean(this.view.pre)} @change=${(event) => keep({ pre: event.target.checked ? "1" : "" })}> Before the activations: x·Wᵀ + b</label>` : nothing}
      <div class="layers">${names.map((name) => [name, this.#asked(name)]).map(([name, asked]) => (asked in outputs ? this.#values(asked === name ? name : `${name} before its activation`, outputs[asked][0], this.#classes(name)) : nothing))}</div>
      <p class="soft small">What each layer gives for this row. To see a layer over all rows, ask for it as an output of a batch prediction.</p>`;
  }

  /** What the units of an output stand for. */
  #classes(layer) {
    const target = Object.values(this.version.encoding?.targets || {}).find(({ output, classes }) => output === layer && classes);
    return target && target.classes.length > 2 ? target.classes : null;
  }

  /** Nested numbers, as what fits their shape: bars, a matrix, or a matrix for each channel. */
  #values(name, value, units = null) {
    const shape = [];
    for (let inner = value; Array.isArray(inner); [inner] = inner) shape.push(inner.length);
    const flat = [value].flat(Infinity).map(Number);
    const titled = `${name}${shape.length ? ` [${shape.join(", ")}]` : ""}`;
    const facts = `${name}: ${count(flat.length, "number")} from ${number(least(flat))} to ${number(most(flat))}`;
    if (shape.length <= 1 && flat.length <= BARS) {
      return html`<unit-bars low .title=${titled} .label=${facts} .bars=${flat.map((each, i) => ({ value: each, name: units?.[i] ?? String(i), told: `${units?.[i] ?? `unit ${i}`}: ${number(Number(each.toPrecision(4)))}` }))}></unit-bars>`;
    }
    if (shape.length === 2 && shape[0] <= 256 && shape[1] <= 256) {
      // Time goes to the right.
      const [steps, units] = shape;
      return html`<heat-map .title=${titled} .label=${facts} .rowName=${"unit"} .columnName=${"step"} .maps=${[{ name: "", rows: units, columns: steps, values: Array.from({ length: flat.length }, (_, i) => flat[(i % steps) * units + Math.floor(i / steps)]) }]}></heat-map>`;
    }
    if (shape.length === 3 && shape[0] <= SIDE && shape[1] <= SIDE) {
      const [rows, columns, channels] = shape;
      const shown = Math.min(channels, MAPS);
      return html`<heat-map square .title=${`${titled}${shown < channels ? `, the first ${shown} channels` : ""}`} .label=${facts} .rowName=${"row"} .columnName=${"column"} .maps=${Array.from({ length: shown }, (_, c) => ({
        name: shown > 1 ? `channel ${c}` : "", rows, columns, values: Array.from({ length: rows * columns }, (_, i) => flat[i * channels + c]) }))}></heat-map>`;
    }
    return html`<div class="stack"><h3>${titled}</h3><p class="soft">${facts}; too many to draw.</p></div>`;
  }
}

function least(values) {
  return values.reduce((low, each) => (each < low ? each : low), Infinity);
}

function most(values) {
  return values.reduce((high, each) => (each > high ? each : high), -Infinity);
}

customElements.define("row-section", RowSection);
