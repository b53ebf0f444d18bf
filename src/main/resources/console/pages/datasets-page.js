// Every dataset, and the place to upload one: drop a file, or take a sample.
import { call, path, upload } from "../api.js";
import { css, html, nothing, Part } from "../part.js";
import { Live } from "../live.js";
import { go, keep, query, to } from "../router.js";
import { bytes, count, number, since, when } from "../words.js";
import "../parts/copy-call.js";
import "../parts/problem-note.js";

/** What a file is, by the end of its name. */
const TYPES = {
  csv: "text/csv", tsv: "text/tab-separated-values", json: "application/json", ndjson: "application/x-ndjson", jsonl: "application/x-ndjson",
  parquet: "application/vnd.apache.parquet", npy: "application/x-npy",
};

class DatasetsPage extends Part {
  static sheet = css`
    datasets-page .drop { display: grid; gap: .7rem; justify-items: center; text-align: center; padding: 2.2rem 1rem; border: 2px dashed var(--edge); border-radius: var(--radius); background: var(--card); }
    datasets-page .drop.over { border-color: var(--accent); background: var(--accent-tint); }
    datasets-page .drop h2 { font-size: 1.25rem; }
    datasets-page .drop progress { max-width: 24rem; }
    datasets-page .chosen { display: flex; flex-wrap: wrap; gap: .6rem; align-items: end; justify-content: center; }
    datasets-page .chosen label { display: grid; gap: .2rem; text-align: left; }
    datasets-page .samples { display: grid; gap: .8rem; grid-template-columns: repeat(auto-fill, minmax(min(100%, 17rem), 1fr)); }
    datasets-page .sample { display: grid; gap: .5rem; align-content: space-between; justify-items: start; padding: .9rem 1rem; border: 1px solid var(--line); border-radius: var(--radius); }`;

  static properties = {
    file: { state: true }, sent: { state: true }, over: { state: true }, problem: { state: true }, skip: { state: true }, find: { state: true },
  };

  constructor() {
    super();
    this.find = query().find || "";
    this.sent = null;
    this.datasets = new Live(this, { every: 4_000 });
    this.samples = new Live(this, { every: 0 });
    this.datasets.watch("/v1/datasets?page_size=500");
    this.samples.watch("/v1/samples");
  }

  #take(file) {
    this.problem = null;
    this.file = file || null;
  }

  #drop(event) {
    event.preventDefault();
    this.over = false;
    this.#take(event.dataTransfer.files[0]);
  }

  get #ending() {
    return this.file.name.split(".").at(-1).toLowerCase();
  }

  #address(name) {
    return `/v1/datasets?${new URLSearchParams({ name, ...(this.skip && { on_error: "skip" }) })}`;
  }

  async #send(event) {
    event.preventDefault();
    const name = new FormData(event.target).get("name").trim();
    this.problem = null;
    this.sent = 0;
    try {
      const made = await upload(this.#address(name), this.file, TYPES[this.#ending], (share) => { this.sent = share; });
      if (this.isConnected) go(to(path`/datasets/${made.name}`, { version: made.version }));
    } catch (problem) {
      this.problem = problem;
    }
    this.sent = null;
  }

  async #sample(name) {
    try {
      const made = await call("POST", path`/v1/samples/${name}`);
      go(to(path`/datasets/${made.name}`, { version: made.version }));
    } catch (problem) {
      this.problem = problem;
    }
  }

  render() {
    const { data, problem } = this.datasets;
    return html`<div class="page">
      <div class="head"><h1>Datasets</h1>
        ${data?.datasets.length > 5 ? html`<input type="search" aria-label="A part of a name, description or tag" placeholder="Part of a name or tag" .value=${this.find}
          @input=${(event) => { this.find = event.target.value; keep({ find: this.find }); }}>` : nothing}</div>
      ${this.#place()}
      ${this.problem ? html`<problem-note .problem=${this.problem}></problem-note>` : nothing}
      ${problem ? html`<problem-note .problem=${problem} again></problem-note>` : nothing}
      ${data ? this.#table(data) : nothing}
      ${this.#samples()}
      <copy-call .calls=${[
        { title: "All datasets", method: "GET", path: "/v1/datasets?page_size=500" },
        { title: "Upload a file", method: "POST", path: "/v1/datasets?name=flowers", file: "flowers.csv", type: "text/csv" },
      ]}></copy-call>
    </div>`;
  }

  #place() {
    const known = this.file && TYPES[this.#ending];
    return html`<section class="drop ${this.over ? "over" : ""}" aria-label="Upload a file" @drop=${this.#drop}
        @dragover=${(event) => { event.preventDefault(); this.over = true; }} @dragleave=${() => { this.over = false; }}>
      ${!this.file ? html`<h2>Drop a table here</h2><p class="soft">CSV, TSV, JSON, NDJSON, Parquet or NPY. Its types are found out, and faulty lines are named.</p>`
        : !known ? html`<h2>${this.file.name}</h2><p>The end of its name says no format that is taken: csv, tsv, json, ndjson, parquet, npy.</p>`
          : this.sent !== null ? html`<h2>${this.file.name}</h2><progress aria-label="Upload" max="1" .value=${this.sent ?? 0}></progress>
            <p class="soft" role="status">${this.sent === 1 ? "It is here. The service reads it." : `${Math.floor(100 * (this.sent || 0))} % of ${bytes(this.file.size)} sent`}</p>`
            : html`<form class="chosen" @submit=${this.#send}>
              <label>Name of the dataset <input name="name" required pattern="[a-z0-9][a-z0-9._\\-]*" maxlength="63" title="small letters, digits and . _ -" .value=${nameOf(this.file.name)} autocomplete="off" spellcheck="false"></label>
              <button class="main">Upload ${this.file.name}</button>
              <label class="row"><span><input type="checkbox" .checked=${Boolean(this.skip)} @change=${(event) => { this.skip = event.target.checked; }}> Skip faulty lines</span></label></form>
              <p class="soft small">${bytes(this.file.size)}. ${this.skip ? "Faulty lines are left out, counted and shown." : "With a faulty line, nothing is stored and you get its number and the reason."}</p>`}
      ${this.sent === null ? html`<input class="unseen" type="file" id="file" tabindex="-1" aria-hidden="true" @change=${(event) => { this.#take(event.target.files[0]); event.target.value = ""; }}>
        <button @click=${() => this.querySelector("#file").click()}>${this.file ? "Choose another file" : "Choose a file"}</button>` : nothing}
    </section>`;
  }

  #table({ datasets }) {
    if (!datasets.length) return nothing;
    const shown = datasets.filter((each) => `${each.name} ${each.description || ""} ${JSON.stringify(each.tags)}`.toLowerCase().includes(this.find.toLowerCase()));
    return html`<div class="card wide" tabindex="0" role="group" aria-label="Datasets"><table>
      <thead><tr><th scope="col">Dataset</th><th scope="col" class="number">Newest version</th><th scope="col" class="number">Rows</th><th scope="col" class="number">Size</th><th scope="col" class="number">Uploaded</th></tr></thead>
      <tbody>${shown.map((each) => html`<tr>
        <td><a class="strong" href=${to(path`/datasets/${each.name}`)}>${each.name}</a>${each.description ? html`<div class="soft small">${each.description}</div>` : nothing}</td>
        <td class="number">${each.version}</td>
        <td class="number">${number(each.rows)}${each.rejected_rows ? html`<div class="soft small">${count(each.rejected_rows, "line")} left out</div>` : nothing}</td>
        <td class="number">${bytes(each.bytes)}</td>
        <td class="number"><time datetime=${each.created_at} title=${when(each.created_at)}>${since(each.created_at)}</time></td></tr>`)}</tbody></table></div>`;
  }

  #samples() {
    const have = new Set((this.datasets.data?.datasets || []).map(({ name }) => name));
    const samples = (this.samples.data?.samples || []).filter(({ name }) => !have.has(name));
    if (!samples.length) return nothing;
    return html`<section class="card"><h2>Or take a sample</h2><div class="samples">${samples.map((sample) => html`<div class="sample">
      <div><span class="strong">${sample.name}</span><p class="soft small">${sample.description}</p></div>
      <button @click=${() => this.#sample(sample.name)}>Take ${sample.name}</button></div>`)}</div></section>`;
  }
}

/** A name for a dataset from that of its file. */
function nameOf(file) {
  return file.toLowerCase().replace(/\.[^.]*$/, "").replace(/[^a-z0-9._-]+/g, "-").replace(/^[^a-z0-9]+/, "").slice(0, 63);
}

customElements.define("datasets-page", DatasetsPage);
