// The weights, tensor by tensor: how they are spread, and each of a small matrix.
import { send } from "../api.js";
import { css, html, nothing } from "../part.js";
import { Live } from "../live.js";
import { keep } from "../router.js";
import { number } from "../words.js";
import { columnsOf } from "./rows.js";
import { placeOf, Section } from "./section.js";
import { percent } from "./target-report.js";
import "../parts/heat-map.js";
import { histogram } from "../parts/unit-bars.js";

/** More numbers are not read for a picture. */
const MOST = 1_000_000;
const SIDE = 128;
const MAPS = 16;
/** So many numbers are read one by one, in so many columns. */
const FEW = 64;
const COLUMNS = 12;
/** Fewer numbers have no spread. */
const SPREAD = 8;
const FILE = "application/vnd.safetensors";
const READERS = { F32: Float32Array, F64: Float64Array, I32: Int32Array, I64: BigInt64Array };

class WeightSection extends Section {
  static sheet = css`
    weight-section .options { margin-bottom: 1rem; }
    weight-section .bad { margin-bottom: .8rem; color: var(--bad); font-weight: 550; }
    weight-section .charts { display: grid; gap: 1.6rem 2.4rem; grid-template-columns: repeat(auto-fit, minmax(min(100%, 24rem), 1fr)); align-items: start; }`;

  /** `stacked`: whether some of its linear layers equal one. */
  static properties = { stacked: { attribute: false } };

  constructor() {
    super();
    this.stacked = false;
    this.stacks = new Live(this, { once: true });
    this.list = new Live(this, { once: true, read: listed });
    this.values = new Live(this, { once: true, read: (text, signal) => readTensor(JSON.parse(text), signal) });
  }

  get #tensor() {
    const all = this.list.data?.tensors || [];
    const { tensor } = this.view;
    return all.find(({ name }) => name === tensor) || all.find(({ name }) => tensor && name.startsWith(`${tensor}.`)) || all.find(({ shape }) => shape.length > 1) || all[0];
  }

  get call() {
    const tensor = this.#tensor;
    return tensor ? { title: `The weights ${tensor.name}`, method: "GET", path: `${placeOf(this.version)}/weights/${encodeURIComponent(tensor.name)}` } : null;
  }

  /** A part of the file is read, which no copied call needs. */
  willUpdate() {
    this.stacks.watch(this.seen && this.stacked ? `${placeOf(this.version)}/collapsed` : null);
    this.list.watch(this.seen ? `${placeOf(this.version)}/weights` : null);
    const tensor = this.#tensor;
    this.values.watch(tensor && READERS[tensor.dtype] ? JSON.stringify({ path: `${placeOf(this.version)}/weights`, start: this.list.data.start, ...tensor }) : null);
  }

  render() {
    const { data, problem } = this.list;
    return html`<section class="card" id="weights"><h2>Weights</h2>
      ${problem ? problem.passes || problem.status < 404 ? html`<problem-note again .problem=${problem}></problem-note>` : html`<p class="soft">This version shows no weights: ${problem.message}</p>` : nothing}
      ${this.#stacks()}
      ${data ? this.#tensors(data.tensors) : problem ? nothing : html`<p class="soft">It reads what there is.</p>`}</section>`;
  }

  /** Linear layers with nothing between them, as the one layer that they equal. */
  #stacks() {
    const { data, problem } = this.stacks;
    if (problem) return html`<p class="soft">The linear layers that equal one are not told: ${problem.message}</p>`;
    return (data?.stacks || []).map(({ layers, weight, bias }) => html`<h3>${layers.join(" and ")} as one layer</h3>
      <p class="soft small">They are linear, with nothing between them: one dense layer with these numbers gives the same.</p>
      ${bias.length * weight[0].length <= FEW && weight[0].length <= COLUMNS
        ? this.#table([...(this.#inputs(`${layers[0]}.weight`, weight[0].length) || weight[0].map((_, i) => `input ${i}`)), "bias"], weight.map((row, i) => [...row, bias[i]]))
        : html`<p class="soft small">Its ${number(bias.length)} units by ${number(weight[0].length)} inputs are too many to read: the call below gives them.</p>`}`);
  }

  #table(heads, rows) {
    return html`<div class="wide" tabindex="0" role="group" aria-label="The numbers"><table>
      <thead><tr><th scope="col">Unit</th>${heads.map((name) => html`<th scope="col" class="number">${name}</th>`)}</tr></thead>
      <tbody>${rows.map((row, i) => html`<tr><td>${i}</td>${row.map((value) => html`<td class="number">${number(short(value))}</td>`)}</tr>`)}</tbody></table></div>`;
  }

  #tensors(all) {
    const tensor = this.#tensor;
    if (!tensor) return html`<p class="soft">This version has no weights, because none of its layers learns any.</p>`;
    const { data, problem } = this.values;
    return html`<div class="options"><label>Of <select aria-label="The weights that are shown" @change=${(event) => keep({ tensor: event.target.value })}>${all.map(({ name, shape }) => html`<option value=${name} .selected=${name === tensor.name}>${name} [${shape.join(", ")}]</option>`)}</select></label></div>
      ${problem ? html`<problem-note again .problem=${problem}></problem-note>` : nothing}
      ${READERS[tensor.dtype] ? nothing : html`<p class="soft">Numbers of the type ${tensor.dtype} are not drawn.</p>`}
      ${data ? this.#drawn(tensor, data) : nothing}`;
  }

  #drawn({ name, shape }, values) {
    if (!values.length) return html`<p class="soft">It has no numbers.</p>`;
    const { bars, edges } = histogram(values);
    const { known, zeros, least, most, mean, std } = factsOf(values);
    const unknown = values.length - known;
    const total = shape.reduce((product, each) => product * each, 1);
    const spread = `from ${number(short(least))} to ${number(short(most))}, mean ${number(short(mean))}, standard deviation ${number(short(std))}`;
    return html`${unknown ? html`<p class="bad">⚠ ${number(unknown)} of ${number(values.length)} numbers are not finite: the facts below are without them.</p>` : nothing}
      ${this.#read(name, shape, values)}<div class="charts">${known < SPREAD ? nothing : html`<div class="stack">
        <unit-bars plain .title=${`How ${name} is spread`} .bars=${bars} .edges=${edges} .label=${`${name}: ${number(values.length)} numbers ${spread}`}></unit-bars>
        <p class="soft small">${number(total)} numbers${values.length < total ? `, of which the first ${number(values.length)} are drawn` : ""}, ${spread}${zeros ? `; ${number(zeros)} are zero, ${percent(zeros / values.length)}` : ""}.</p></div>`}
      ${this.#matrix(name, shape, values)}</div>`;
  }

  /** A few numbers as they are. */
  #read(name, shape, values) {
    const columns = shape.length === 2 ? shape[1] : 1;
    if (!shape.length || shape.length > 2 || values.length > FEW || columns > COLUMNS) return nothing;
    const heads = shape.length === 2 ? this.#inputs(name, columns) || Array.from({ length: columns }, (_, i) => `input ${i}`) : [name];
    return this.#table(heads, Array.from({ length: shape[0] }, (_, i) => values.slice(i * columns, (i + 1) * columns)));
  }

  #matrix(name, shape, values) {
    if (shape.length === 2) {
      const [units, inputs] = shape;
      // As many whole rows as were read.
      const rows = Math.min(units, SIDE, Math.floor(values.length / inputs));
      const columns = Math.min(inputs, SIDE);
      const across = this.#inputs(name, inputs);
      const cropped = [...(rows < units ? [`the first ${rows} of ${number(units)} units`] : []), ...(columns < inputs ? [`the first ${columns} of ${number(inputs)} inputs`] : [])].join(" and ");
      if (!rows) return nothing;
      return html`<div class="stack"><heat-map .title=${name} .rowName=${"unit"} .columnName=${"input"} .across=${across?.slice(0, columns) || null} .down=${rows <= 40 ? Array.from({ length: rows }, (_, i) => `unit ${i}`) : null}
          .label=${`${name}: a row for each of ${rows} units, a column for each of ${columns} inputs`} .maps=${[{ name: "", rows, columns, values: Array.from({ length: rows * columns }, (_, i) => values[Math.floor(i / columns) * inputs + i % columns]) }]}></heat-map>
        <p class="soft small">A row for each unit, a column for each input${cropped ? `, ${cropped}` : ""}. The stronger a colour, the larger a weight; those below zero have a minus where there is room.</p></div>`;
    }
    if (shape.length > 2 && shape.at(-1) <= SIDE && shape.at(-2) <= SIDE && shape.at(-1) * shape.at(-2) > 1) {
      const [rows, columns] = shape.slice(-2);
      const each = values.length / shape[0];
      const shown = Math.min(shape[0], MAPS);
      const inner = each / rows / columns;
      return html`<div class="stack"><heat-map .title=${name} .rowName=${"row"} .columnName=${"column"} .label=${`${name}: ${shown} of ${shape[0]} kernels`}
          .maps=${Array.from({ length: shown }, (_, i) => ({ name: `unit ${i}`, rows, columns, values: [...values.slice(i * each, i * each + rows * columns)] }))}></heat-map>
        <p class="soft small">${shown < shape[0] ? `The first ${shown} of ${shape[0]} units` : "Each unit"}${inner > 1 ? `, each for its first input of ${inner}` : ""}.</p></div>`;
    }
    return nothing;
  }

  /** The names of inputs, where a tensor reads the columns as they are encoded. */
  #inputs(name, width) {
    const first = this.list.data?.tensors.find(({ shape }) => shape.length > 1);
    if (first?.name !== name || Object.keys(this.version.encoding?.inputs || {}).length !== 1) return null;
    const names = columnsOf(this.version).flatMap(({ column, categories, encode }) => (categories ? (encode === "one_hot" ? categories.map((each) => `${column}: ${each}`) : []) : [column]));
    return names.length === width ? names : null;
  }
}

/** The names of all tensors and where they are, from the head of the file. */
async function listed(path, signal) {
  const length = Number(new DataView(await part(path, 0, 8, signal)).getBigUint64(0, true));
  const head = JSON.parse(new TextDecoder().decode(await part(path, 8, 8 + length, signal)));
  delete head.__metadata__;
  return { start: 8 + length, tensors: Object.entries(head).map(([name, { dtype, shape, data_offsets: [from, to] }]) => ({ name, dtype, shape, from, to })) };
}

async function readTensor({ path, start, dtype, from, to }, signal) {
  const Numbers = READERS[dtype];
  if (from === to) return [];
  const end = Math.min(to, from + MOST * Numbers.BYTES_PER_ELEMENT);
  const bytes = await part(path, start + from, start + end, signal);
  return Array.from(new Numbers(bytes), Number);
}

/** Bytes of the file, from the first to before the last. */
async function part(path, from, to, signal) {
  const answer = await send("GET", path, { accept: `${FILE}, application/problem+json`, headers: { Range: `bytes=${from}-${to - 1}` }, signal });
  const bytes = await answer.arrayBuffer();
  return bytes.byteLength > to - from ? bytes.slice(from, to) : bytes;
}

/** Of the finite numbers: how many there are, how many are zero, the ends, their mean and their standard deviation. */
function factsOf(values) {
  let [known, zeros, sum, squares, least, most] = [0, 0, 0, 0, Infinity, -Infinity];
  for (const value of values) {
    if (!Number.isFinite(value)) continue;
    known++;
    if (value === 0) zeros++;
    sum += value;
    least = Math.min(least, value);
    most = Math.max(most, value);
  }
  const mean = sum / known;
  for (const value of values) if (Number.isFinite(value)) squares += (value - mean) ** 2;
  return { known, zeros, least, most, mean, std: Math.sqrt(squares / known) };
}

function short(value) {
  return Number(value.toPrecision(3));
}

customElements.define("weight-section", WeightSection);
