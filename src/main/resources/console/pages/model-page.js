// One model: try a version, compare versions, and say which one answers.
import { call, json, path, send, told } from "../api.js";
import { css, html, nothing, Part } from "../part.js";
import { Live } from "../live.js";
import { keep, onMove, query, to } from "../router.js";
import { bytes, number, since, when } from "../words.js";
import { ask } from "../parts/ask.js";
import "../parts/copy-call.js";
import "../parts/graph-view.js";
import { layerSpecs } from "../parts/layer-specs.js";
import "../parts/problem-note.js";
import "../parts/try-form.js";
import { reference } from "../version/rows.js";

/** What a request without a version gets. */
const DEFAULT = "production";
/** Jobs whose curves can be told apart. */
const COMPARED = 8;

class ModelPage extends Part {
  static sheet = css`
    model-page .card > .head { margin-bottom: .8rem; }
    model-page .alias { display: inline-block; white-space: nowrap; padding: 0 .5rem; border-radius: .4rem; background: var(--accent-tint); color: var(--accent); font-size: .88rem; font-weight: 550; margin-right: .3rem; }
    model-page .versions th { white-space: normal; vertical-align: bottom; }
    @media (min-width: 64rem) { model-page .versions td:last-child { position: sticky; right: 0; background: var(--card); white-space: nowrap; } }
    model-page .versions tr[aria-current] td { background: var(--tint); }
    model-page .two { display: grid; gap: 1rem; grid-template-columns: minmax(0, 1fr); align-items: start; }
    @media (min-width: 64rem) { model-page .two { grid-template-columns: minmax(0, 1fr) minmax(0, 2fr); } }
    model-page .moves { list-style: none; margin: .8rem 0 0; padding: 0; display: grid; gap: .3rem; font-size: .92rem; }
    model-page summary { cursor: pointer; font-weight: 600; }
    model-page details pre { margin-top: .8rem; }
    model-page .each { padding: .8rem 0; border-top: 1px solid var(--line); }
    model-page .each:first-of-type { border-top: 0; padding-top: 0; }`;

  static properties = { model: {}, doing: { state: true }, problem: { state: true } };

  constructor() {
    super();
    this.read = new Live(this, { every: 4_000 });
    this.versions = new Live(this, { every: 4_000 });
    this.graph = new Live(this, { every: 0 });
    this.summary = new Live(this, { every: 0 });
    this.history = new Live(this, { every: 0, read: (own, signal) => this.#moves(own, signal) });
    onMove(this, () => this.requestUpdate());
  }

  connectedCallback() {
    super.connectedCallback();
    const own = path`/v1/models/${this.model}`;
    this.read.watch(own);
    this.versions.watch(`${own}/versions?page_size=100`);
    this.graph.watch(`${own}/graph`);
    this.summary.watch(`${own}/summary`);
    this.history.watch(`${own}/aliases`);
  }

  /** A job may have moved an alias. */
  willUpdate() {
    const aliases = this.read.data && JSON.stringify(this.read.data.aliases);
    if (aliases && this.told && aliases !== this.told) this.history.reload();
    this.told = aliases || this.told;
  }

  /** Each alias with its moves, the last one first. */
  async #moves(own, signal) {
    const { aliases } = await call("GET", own, { signal });
    return Promise.all(aliases.map(async ({ alias }) => {
      const name = `${own}/${encodeURIComponent(alias)}`;
      const [answer, { entries }] = await Promise.all([send("GET", name, { signal }), call("GET", `${name}/history`, { signal })]);
      return { ...await json(answer), tag: answer.headers.get("ETag"), entries };
    }));
  }

  async #do(question, action) {
    if (!await ask(question)) return;
    await this.keepFocus(async () => {
      this.doing = true;
      this.problem = null;
      try {
        await action();
      } catch (problem) {
        this.problem = told(problem);
        for (const shown of [this.read, this.versions, this.history]) shown.reload();
      }
      this.doing = false;
    });
  }

  /** What was asked is meant for the name as it is shown, not as somebody else has moved it since. */
  #match(name) {
    const tag = this.history.data?.find(({ alias }) => alias === name)?.tag;
    return tag ? { "If-Match": tag } : {};
  }

  #promote(version) {
    const headers = this.#match(DEFAULT);
    const now = this.history.data?.find(({ alias }) => alias === DEFAULT)?.version ?? this.read.data.aliases[DEFAULT];
    return this.#do({
      title: `Promote version ${version}`,
      text: `${DEFAULT} goes from ${now ? `version ${now}` : "nothing"} to version ${version}. From then on, requests for ${this.model} that name no version are answered by it. You can roll back.`,
      button: "Promote",
    }, () => call("PUT", path`/v1/models/${this.model}/aliases/${DEFAULT}`, { body: { version }, headers }));
  }

  /** A second roll back goes one move further back, so the service says where to. */
  #rollBack({ alias, version, previous_version }) {
    const headers = this.#match(alias);
    return this.#do({
      title: `Roll ${alias} back`,
      text: `${alias} goes from version ${version} back to version ${previous_version}, where it was before. Requests that name ${alias} are answered by that one at once.`,
      button: "Roll back",
    }, () => call("POST", path`/v1/models/${this.model}/aliases/${alias}/rollback`, { headers }));
  }

  get #shown() {
    const all = this.versions.data?.versions || [];
    const wanted = Number(query().version) || this.read.data?.aliases[DEFAULT] || all[0]?.version;
    return all.find((each) => each.version === wanted) || all[0];
  }

  /** The row with which its trial begins, where the address names one. */
  get #start() {
    const { row, dataset } = query();
    return Number(row) && reference(dataset) ? `${dataset}/${Number(row)}` : "";
  }

  render() {
    const { data: model, problem } = this.read;
    return html`<div class="page">
      ${problem ? html`<problem-note .problem=${problem} again></problem-note>` : nothing}
      ${problem?.status === 404 ? html`<h1>This model is not here</h1><p><a href=${to("/models")}>All models</a></p>` : nothing}
      ${model ? this.#page(model) : nothing}
      <copy-call .calls=${this.#calls()}></copy-call>
    </div>`;
  }

  #page(model) {
    const shown = this.#shown;
    return html`
      <div class="head"><div><h1>${model.name}</h1>
        <p class="soft small">${model.description ? `${model.description} · ` : ""}${model.latest_version ? `newest version ${model.latest_version} · version ${model.aliases[DEFAULT] ?? model.latest_version} answers` : "not trained yet"} · changed ${since(model.updated_at)}</p></div>
        <a class="button" href=${to("/editor", { train: model.name })}>Train it</a>
        <a class="button" href=${to("/editor", { model: model.name })}>Change it</a></div>
      ${this.problem ? html`<problem-note .problem=${this.problem}></problem-note>` : nothing}
      ${shown ? html`<section class="card"><div class="head"><h2>Try version ${shown.version}</h2><a class="button" href=${to(path`/models/${model.name}/versions/${shown.version}`)}>Understand it</a></div><try-form .version=${shown} .start=${this.#start}></try-form></section>` : nothing}
      ${this.#versions(model, shown)}
      <div class="two">${this.#aliases()}
        <section class="card"><h2>The net that the next job trains</h2>${this.graph.data ? html`<graph-view .graph=${this.graph.data} .summary=${this.summary.data} .specs=${layerSpecs(model.model)}></graph-view>`
          : this.graph.problem ? html`<p class="soft">${this.graph.problem.message}</p>` : nothing}
          ${shown ? html`<p class="soft small">The net of version ${shown.version} is on <a href=${to(path`/models/${model.name}/versions/${shown.version}`)}>its own page</a>.</p>` : nothing}</section></div>
      <section class="card"><details><summary>The model as JSON</summary><pre tabindex="0" aria-label="The model">${JSON.stringify(model.model, null, 2)}</pre></details></section>`;
  }

  #versions(model, shown) {
    const { data, problem } = this.versions;
    if (problem) return html`<problem-note .problem=${problem} again></problem-note>`;
    if (!data) return nothing;
    if (!data.versions.length) return html`<div class="card empty"><p>No version yet: train it, and a job that succeeds publishes the first.</p><a class="button" href=${to("/jobs", { model: model.name })}>Its jobs</a></div>`;
    const metrics = [...new Set(data.versions.flatMap((each) => telling(each.metrics)))].slice(0, 4);
    const jobs = [...new Set(data.versions.map(({ provenance }) => provenance.job).filter(Boolean))].slice(0, COMPARED);
    return html`<section class="card"><div class="head"><h2>Versions</h2>${jobs.length > 1 ? html`<a class="button" href=${to("/compare", { jobs: jobs.join(",") })}>Compare their jobs</a>` : nothing}</div><div class="wide versions" tabindex="0" role="group" aria-label="Versions"><table>
      <thead><tr><th scope="col" class="number">Version</th><th scope="col">Names</th>${metrics.map((name) => html`<th scope="col" class="number">${name.replaceAll("_", " ")}</th>`)}
        <th scope="col">Made by</th><th scope="col" class="number">Size</th><th scope="col" class="number">Made</th><th scope="col"><span class="unseen">What to do</span></th></tr></thead>
      <tbody>${data.versions.map((each) => html`<tr aria-current=${each === shown ? "true" : nothing}>
        <td class="number strong">${each.version}</td>
        <td>${each.aliases.map((alias) => html`<span class="alias">${alias}</span>`)}</td>
        ${metrics.map((name) => html`<td class="number">${number(each.metrics?.[name])}</td>`)}
        <td class="nowrap">${each.provenance.job ? html`<span class="soft"><a href=${to(path`/jobs/${each.provenance.job}`)}>a job</a>${each.provenance.dataset ? ` on ${each.provenance.dataset}` : nothing}</span>` : html`<span class="soft">an import</span>`}</td>
        <td class="number">${bytes(each.bytes)}</td>
        <td class="number"><time datetime=${each.created_at} title=${when(each.created_at)}>${since(each.created_at)}</time></td>
        <td class="number"><a class="button" href=${to(path`/models/${each.model}/versions/${each.version}`)}>Understand<span class="unseen"> version ${each.version}</span></a>
          <button ?disabled=${each === shown} @click=${() => keep({ version: each.version })}>Try<span class="unseen"> version ${each.version}</span></button>
          <button ?disabled=${this.doing || each.aliases.includes(DEFAULT)} @click=${() => this.#promote(each.version)}>Promote<span class="unseen"> version ${each.version}</span></button></td></tr>`)}</tbody></table></div>
      ${data.next_page_token ? html`<p class="soft small">The newest ${data.versions.length} are shown.</p>` : nothing}</section>`;
  }

  #aliases() {
    const { data, problem } = this.history;
    const found = data || [];
    return html`<section class="card"><h2>Who answers</h2>
      ${problem ? html`<problem-note .problem=${problem} again></problem-note>` : nothing}
      ${!data || found.length ? nothing : html`<p class="soft">No name points to a version. A request without a version is answered by the newest one; promote one to choose.</p>`}
      ${found.map((each) => html`<div class="each"><div class="row"><span class="alias">${each.alias}</span><span>version <b>${each.version}</b></span>
          ${each.previous_version != null ? html`<button ?disabled=${this.doing} @click=${() => this.#rollBack(each)}>Roll back<span class="unseen"> ${each.alias}</span></button>` : nothing}</div>
        <ol class="moves" aria-label=${`Where ${each.alias} was`}>${each.entries.slice(0, 6).map((entry) => html`<li><time datetime=${entry.at} class="soft">${when(entry.at)}</time> version ${entry.version} <span class="soft">by ${entry.by}</span></li>`)}</ol></div>`)}
    </section>`;
  }

  #calls() {
    const own = path`/v1/models/${this.model}`;
    const version = this.#shown;
    const instance = this.querySelector("try-form")?.instance;
    return [
      ...(version && instance ? [{ title: "This prediction", method: "POST", path: `${own}/versions/${version.version}/predict`, body: { instances: [instance] } }] : []),
      { title: "This model", method: "GET", path: own },
      { title: "Its versions", method: "GET", path: `${own}/versions` },
      ...(version ? [{ title: `Promote version ${version.version}`, method: "PUT", path: `${own}/aliases/${DEFAULT}`, body: { version: version.version } }] : []),
    ];
  }
}

/** The metrics that tell versions apart. */
function telling(metrics) {
  const names = Object.entries(metrics || {}).filter(([, value]) => typeof value === "number").map(([name]) => name);
  const tests = names.filter((name) => name.startsWith("test_"));
  const checks = names.filter((name) => name.startsWith("val_"));
  return tests.length ? tests : checks.length ? checks : names;
}

customElements.define("model-page", ModelPage);
