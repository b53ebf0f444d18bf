// One version of a dataset: how its columns are spread, its rows, and the lines that were left out with their reasons.
import { call, path } from "../api.js";
import { css, html, nothing, Part } from "../part.js";
import { Live } from "../live.js";
import { go, keep, onMove, query, to } from "../router.js";
import { bytes, count, number, since, when } from "../words.js";
import { ask } from "../parts/ask.js";
import "../parts/copy-call.js";
import "../parts/problem-note.js";
import "../parts/small-histogram.js";

const ROWS = 50;

class DatasetPage extends Part {
  static sheet = css`
    dataset-page .columns { display: grid; gap: 1rem; grid-template-columns: repeat(auto-fill, minmax(min(100%, 15rem), 1fr)); }
    dataset-page .column { display: grid; gap: .4rem; align-content: start; padding: .9rem 1rem; border: 1px solid var(--line); border-radius: var(--radius); grid-template-columns: minmax(0, 1fr); }
    dataset-page .name { display: flex; justify-content: space-between; gap: .6rem; }
    dataset-page .missing { color: var(--warn); }
    dataset-page td { white-space: nowrap; max-width: 22rem; overflow: hidden; text-overflow: ellipsis; padding: .35rem .7rem; }
    dataset-page td.reason { white-space: normal; }
    dataset-page .null { color: var(--soft); font-style: italic; }
    dataset-page .hints { margin: 0; padding-left: 1.2rem; display: grid; gap: .4rem; }`;

  static properties = { dataset: {}, problem: { state: true } };

  constructor() {
    super();
    this.versions = new Live(this, { every: 5_000 });
    this.read = new Live(this, { every: 0 });
    this.profile = new Live(this, { every: 0 });
    this.rows = new Live(this, { every: 0 });
    this.rejects = new Live(this, { every: 0 });
    onMove(this, () => this.#watch());
  }

  connectedCallback() {
    super.connectedCallback();
    this.versions.watch(`${path`/v1/datasets/${this.dataset}/versions`}?page_size=100`);
    this.#watch();
  }

  get #own() {
    return path`/v1/datasets/${this.dataset}/versions/${query().version || "latest"}`;
  }

  get #tokens() {
    return query().page ? query().page.split("~") : [];
  }

  #watch() {
    const own = this.#own;
    const token = this.#tokens.at(-1);
    this.read.watch(own);
    this.profile.watch(`${own}/profile`);
    this.rows.watch(`${own}/rows?page_size=${ROWS}${token ? `&page_token=${encodeURIComponent(token)}` : ""}`);
    this.requestUpdate();
  }

  willUpdate() {
    if (this.read.data) this.rejects.watch(this.read.data.rejected_rows ? `${this.#own}/rejects?page_size=100` : null);
  }

  async #delete(version) {
    if (!await ask({ title: `Delete version ${version}`, text: `The rows of ${this.dataset}@${version} are gone then. Models that were trained on them stay.`, button: "Delete" })) return;
    this.problem = null;
    try {
      await call("DELETE", path`/v1/datasets/${this.dataset}/versions/${version}`);
      go(to(this.versions.data?.versions.length > 1 ? path`/datasets/${this.dataset}` : "/datasets"));
    } catch (problem) {
      this.problem = problem;
    }
  }

  render() {
    const { data, problem } = this.read;
    return html`<div class="page">
      ${problem ? html`<problem-note .problem=${problem} again></problem-note>` : nothing}
      ${problem?.status === 404 ? html`<h1>This dataset is not here</h1><p><a href=${to("/datasets")}>All datasets</a></p>` : nothing}
      ${data ? this.#page(data) : nothing}
      <copy-call .calls=${[
        { title: "This version", method: "GET", path: this.#own },
        { title: "How its columns are spread", method: "GET", path: `${this.#own}/profile` },
        { title: "Its rows", method: "GET", path: `${this.#own}/rows?page_size=${ROWS}` },
      ]}></copy-call>
    </div>`;
  }

  #page(data) {
    const versions = this.versions.data?.versions || [];
    return html`
      <div class="head"><div><h1>${data.name}</h1>
          <p class="soft small">${data.description ? `${data.description} · ` : ""}version ${data.version} · ${count(data.rows, "row")} · ${count(data.columns.length, "column")} · ${bytes(data.bytes)} · uploaded <time datetime=${data.created_at} title=${when(data.created_at)}>${since(data.created_at)}</time></p></div>
        <div class="row">${versions.length > 1 ? html`<label>Version <select @change=${(event) => keep({ version: event.target.value, page: "" })}>${versions.map((each) => html`<option value=${each.version} ?selected=${each.version === data.version}>${each.version} · ${number(each.rows)} rows</option>`)}</select></label>` : nothing}
          <a class="button" href=${to("/editor", { dataset: data.name })}>Train on it</a>
          <button class="danger" @click=${() => this.#delete(data.version)}>Delete</button></div></div>
      ${this.problem ? html`<problem-note .problem=${this.problem}></problem-note>` : nothing}
      ${data.hints.length ? html`<section class="card"><h2>Worth a look</h2><ul class="hints">${data.hints.map((hint) => html`<li><b>${hint.columns.join(", ")}</b>: ${hint.detail}</li>`)}</ul></section>` : nothing}
      ${this.#rejects(data)}
      ${this.#columns(data)}
      ${this.#rows(data)}`;
  }

  #columns(data) {
    const { data: profile, problem } = this.profile;
    const shapes = Object.fromEntries(data.columns.map(({ name, shape }) => [name, shape]));
    return html`<section class="card"><h2>Columns</h2>
      ${problem ? html`<problem-note .problem=${problem} again></problem-note>` : nothing}
      <div class="columns">${(profile?.columns || data.columns).map((column) => html`<div class="column">
        <div class="name"><h3>${column.name}</h3><span class="soft small nowrap">${column.type}${shapes[column.name] ? ` [${shapes[column.name].join(", ")}]` : ""}</span></div>
        ${profile ? html`<small-histogram .column=${column} .rows=${data.rows}></small-histogram>` : nothing}
        <p class="soft small">${column.mean != null ? `mean ${number(column.mean)}, standard deviation ${number(column.std)}` : column.distinct != null ? `${number(column.distinct)} different` : nothing}
          ${column.nulls ? html`<span class="missing">${column.mean != null || column.distinct != null ? " · " : ""}${number(column.nulls)} missing (${number(Number((100 * column.nulls / Math.max(1, data.rows)).toPrecision(2)))} %)</span>` : nothing}</p></div>`)}</div></section>`;
  }

  #rows(data) {
    const { data: page, problem } = this.rows;
    const tokens = this.#tokens;
    const first = tokens.length * ROWS + 1;
    return html`<section class="card"><h2>Rows</h2>
      ${problem ? html`<problem-note .problem=${problem} again></problem-note>` : nothing}
      ${page ? html`<div class="wide" tabindex="0" role="group" aria-label="Rows"><table>
        <thead><tr><th scope="col" class="number">Row</th>${data.columns.map(({ name, type }) => html`<th scope="col" class=${type === "number" || type === "integer" ? "number" : ""}>${name}</th>`)}</tr></thead>
        <tbody>${page.rows.map((row, i) => html`<tr><td class="number soft">${number(first + i)}</td>${data.columns.map(({ name, type }) => html`<td class=${type === "number" || type === "integer" ? "number" : ""}>${cell(row[name])}</td>`)}</tr>`)}</tbody></table></div>
        <div class="row"><button ?disabled=${!tokens.length} @click=${() => keep({ page: tokens.slice(0, -1).join("~") })}>Before</button>
          <button ?disabled=${!page.next_page_token} @click=${() => keep({ page: [...tokens, page.next_page_token].join("~") })}>After</button></div>` : nothing}</section>`;
  }

  #rejects(data) {
    if (!data.rejected_rows) return nothing;
    const { data: page, problem } = this.rejects;
    return html`<section class="card"><h2>${count(data.rejected_rows, "line was", "lines were")} left out</h2>
      ${problem ? html`<problem-note .problem=${problem} again></problem-note>` : nothing}
      ${page ? html`<div class="wide" tabindex="0" role="group" aria-label="Lines that were left out"><table>
        <thead><tr><th scope="col" class="number">Line</th><th scope="col">Column</th><th scope="col">Why</th></tr></thead>
        <tbody>${page.rejects.map((each) => html`<tr><td class="number">${each.line}</td><td>${each.column}</td><td class="reason">${each.reason}</td></tr>`)}</tbody></table></div>
        ${page.next_page_token ? html`<p class="soft small">The first ${page.rejects.length} are shown.</p>` : nothing}` : nothing}</section>`;
  }
}

function cell(value) {
  if (value == null) return html`<span class="null">missing</span>`;
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}

customElements.define("dataset-page", DatasetPage);
