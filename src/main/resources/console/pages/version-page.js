// One version, understood: how good it is and where it is wrong, what it reads, what it says over two columns, and what is inside.
import { path, send } from "../api.js";
import { css, html, nothing, Part } from "../part.js";
import { Live } from "../live.js";
import { go, keep, onMove, query, to } from "../router.js";
import { bytes, number, since, when } from "../words.js";
import { evaluationCall, numbered, readRow, rowsOf, told } from "../version/rows.js";
import { answer, placeOf, question } from "../version/section.js";
import { percent } from "../version/target-report.js";
import "../parts/copy-call.js";
import { save } from "../parts/copy-picture.js";
import "../parts/graph-view.js";
import { layerSpecs } from "../parts/layer-specs.js";
import "../parts/problem-note.js";
import "../version/importance-section.js";
import "../version/metric-table.js";
import "../version/plane-section.js";
import "../version/row-section.js";
import "../version/slice-section.js";
import "../version/weight-section.js";
import "../version/worst-rows.js";

/** Its parts, in order, each with the id at which it begins. */
const PARTS = [["good", "How good"], ["wrong", "Where wrong"], ["worst", "Worst rows"], ["groups", "Groups"], ["columns", "Columns"], ["plane", "Plane"], ["inside", "One row"], ["net", "Net"], ["weights", "Weights"]];

/** What of it is a file: the type, and how its name ends. */
const FILES = { onnx: ["application/octet-stream", "onnx"], weights: ["application/vnd.safetensors", "safetensors"] };

class VersionPage extends Part {
  static sheet = css`
    version-page h1 a { text-decoration: underline; text-decoration-thickness: .06em; text-underline-offset: .18em; }
    version-page .parts { position: sticky; top: 3.35rem; z-index: 4; display: flex; gap: .2rem; margin: 0 -.6rem; padding: .35rem 0; overflow-x: auto; background: var(--page); }
    version-page .parts a { flex: none; padding: .3rem .6rem; border-radius: .5rem; color: var(--soft); font-weight: 550; font-size: .93rem; }
    version-page .parts a:hover { color: var(--ink); background: var(--tint); text-decoration: none; }
    version-page .verdict { font-size: clamp(1.15rem, 1rem + .6vw, 1.5rem); line-height: 1.35; max-width: 60ch; letter-spacing: -.01em; }
    version-page .options { display: flex; flex-wrap: wrap; gap: .6rem 1.2rem; align-items: center; }
    version-page .options select { max-width: min(100%, 26rem); }
    version-page section.card { scroll-margin-top: 7rem; }
    version-page .sections { display: grid; gap: 1.4rem; grid-template-columns: minmax(0, 1fr); }
    version-page metric-table { display: grid; gap: .6rem; max-width: 46rem; grid-template-columns: minmax(0, 1fr); }`;

  static properties = { model: {}, version: {}, jobGone: { state: true }, calls: { state: true }, saving: { state: true }, problem: { state: true } };

  constructor() {
    super();
    this.read = new Live(this, { every: 15_000 });
    this.versions = new Live(this, { every: 15_000 });
    this.datasets = new Live(this, { every: 15_000 });
    this.job = new Live(this, { every: 0 });
    this.evaluation = new Live(this, { once: true, read: answer });
    this.layers = new Live(this, { once: true, read: answer });
    this.columns = new Live(this, { once: true });
    this.row = new Live(this, { once: true, read: (text, signal) => this.#readRow(JSON.parse(text), signal) });
    this.jobGone = false;
    this.calls = {};
    onMove(this, () => this.requestUpdate());
  }

  connectedCallback() {
    super.connectedCallback();
    const own = path`/v1/models/${this.model}/versions`;
    this.read.watch(`${own}/${encodeURIComponent(this.version)}`);
    this.versions.watch(`${own}?page_size=100`);
    this.datasets.watch("/v1/datasets?page_size=100");
  }

  get #rows() {
    return this.read.data ? rowsOf(this.read.data, query().dataset, this.jobGone) : null;
  }

  /** Where the rows of the evaluation are, once it is there. */
  get #place() {
    const rows = this.#rows;
    if (rows?.job && !this.job.data && !this.job.problem) return null;
    return this.evaluation.data || !rows?.job ? numbered(rows, this.evaluation.data, this.job.data) : null;
  }

  get #number() {
    return Number(query().row) || this.evaluation.data?.worst_rows?.[0]?.row || 1;
  }

  willUpdate() {
    const version = this.read.data;
    if (!version) return;
    const { job } = version.provenance;
    this.job.watch(job ? path`/v1/jobs/${job}` : null);
    if (this.#rows?.job && this.evaluation.problem?.status === 404) this.jobGone = true;
    const rows = this.#rows;
    this.evaluation.watch(rows ? question(evaluationCall(version, rows)) : null);
    const dataset = rows?.dataset;
    this.columns.watch(dataset ? path`/v1/datasets/${dataset.name}/versions/${dataset.version}` : null);
    // Shapes need the columns of a dataset; what the model is now may be another net than this version's.
    const known = dataset && !this.columns.problem ? { dataset: { name: dataset.name, version: dataset.version } } : {};
    this.layers.watch(question({ method: "POST", path: "/v1/models:validate?graph=true", body: { model: version.spec, ...known } }));
    const place = this.#place;
    this.row.watch(place?.dataset ? JSON.stringify({ own: placeOf(version), dataset: place.dataset, row: this.#number }) : null);
  }

  async #readRow({ dataset, row }, signal) {
    return { number: row, ...await readRow(this.read.data, dataset, row, signal) };
  }

  render() {
    const { data: version, problem } = this.read;
    return html`<div class="page">
      ${problem ? html`<problem-note .problem=${problem} again></problem-note>` : nothing}
      ${problem?.status === 404 ? html`<h1>This version is not here</h1><p><a href=${to(path`/models/${this.model}`)}>Its model</a> · <a href=${to("/models")}>All models</a></p>` : nothing}
      ${version ? this.#page(version) : nothing}
      <copy-call .calls=${this.#shownCalls(version)}></copy-call>
    </div>`;
  }

  #page(version) {
    const view = query();
    const rows = this.#rows;
    const { data: evaluation, problem } = this.evaluation;
    const targets = Object.keys(version.encoding?.targets || {});
    const reported = evaluation ? targets.filter((name) => evaluation.confusion[name] || evaluation.regression[name]) : [];
    const target = reported.includes(view.target) ? view.target : reported[0];
    const place = this.#place || { dataset: null, why: problem ? "the version is not judged" : "it is being read" };
    const layers = this.layers.data?.summary?.layers;
    return html`${this.#head(version)}
      ${this.#choice(version, rows, targets, target)}
      ${evaluation && target ? html`<p class="verdict">${this.#verdict(evaluation, target)}</p>` : nothing}
      ${this.#unjudged(rows)}
      ${evaluation ? html`<section class="card" id="good"><h2>How good it is</h2>${this.#good(version, rows, evaluation)}</section>
        <section class="card" id="wrong"><h2>Where it is wrong</h2>${target ? html`<target-report .evaluation=${evaluation} .target=${target} .chosen=${this.#number} @choose=${({ detail }) => this.#choose(detail.row)}></target-report>`
          : html`<p class="soft">This version has no report of mistakes, because none of its targets has classes or single numbers.</p>`}</section>
        <section class="card" id="worst"><h2>Its worst rows</h2>${evaluation.worst_rows?.length ? html`<worst-rows .version=${version} .evaluation=${evaluation} .worst=${evaluation.worst_rows} .place=${place} .chosen=${this.#number}></worst-rows>`
          : html`<p class="soft">There are none, because no row has a loss.</p>`}</section>` : nothing}
      <div class="sections" @call=${this.#told}>
        <slice-section .version=${version} .rows=${rows} .view=${view} .evaluation=${evaluation} .columns=${this.columns.data?.columns || null} .why=${this.#whyNot(version, rows, "groups")}></slice-section>
        <importance-section .version=${version} .rows=${rows} .view=${view} .evaluation=${evaluation} .why=${this.#whyNot(version, rows, "importance")}></importance-section>
        <plane-section .version=${version} .rows=${rows} .view=${view} .evaluation=${evaluation} .layers=${layers} .inside=${this.row.data}></plane-section>
        <row-section .version=${version} .rows=${rows} .view=${view} .evaluation=${evaluation} .place=${place} .number=${this.#number} .layers=${layers} .layersWhy=${this.#noLayers()} .inside=${this.row.data} .rowProblem=${this.row.problem}></row-section>
        ${this.#net()}
        <weight-section .version=${version} .view=${view} .stacked=${this.#isStacked}></weight-section>
      </div>`;
  }

  /** The version's own, whatever its model is now. */
  #net() {
    const { data } = this.layers;
    const why = this.#noLayers();
    return html`<section class="card" id="net"><h2>Its net</h2>${data?.graph?.nodes.length ? html`<graph-view .graph=${data.graph} .summary=${data.summary} .specs=${layerSpecs(data.model)}
        @choose=${({ detail }) => detail.parameters && keep({ tensor: detail.name })}></graph-view>
        <p class="soft small">A press on a layer shows its weights too, below.</p>`
      : html`<p class="soft">${why || "It reads what there is."}</p>`}</section>`;
  }

  #head(version) {
    const all = this.versions.data?.versions || [];
    const { job, dataset } = version.provenance;
    return html`<div class="head"><div>
        <h1><a href=${to(path`/models/${version.model}`)}>${version.model}</a> version ${version.version}</h1>
        <p class="soft small">${version.aliases.length ? `${version.aliases.join(", ")} · ` : ""}${version.description ? `${version.description} · ` : ""}${job ? html`made by <a href=${to(path`/jobs/${job}`)}>a job</a>${dataset ? html` on <a href=${to(path`/datasets/${dataset.split("@")[0]}`, { version: dataset.split("@")[1] })}>${dataset}</a>` : nothing}` : "imported"} · <time datetime=${version.created_at} title=${when(version.created_at)}>${since(version.created_at)}</time> · ${bytes(version.bytes)}</p></div>
      <div class="row">${all.length > 1 ? html`<label>Version <select aria-label="The version that is shown" @change=${(event) => go(to(path`/models/${version.model}/versions/${event.target.value}`, query()))}>${all.map((each) => html`<option value=${each.version} .selected=${each.version === version.version}>${each.version}${each.aliases.length ? ` · ${each.aliases.join(", ")}` : ""}</option>`)}</select></label>` : nothing}
        <button ?disabled=${this.saving} @click=${() => this.#save(version, "onnx")}>Download ONNX</button>
        <button ?disabled=${this.saving} @click=${() => this.#save(version, "weights")}>Download weights</button>
        <a class="button" href=${to(path`/models/${version.model}`, { version: version.version })}>Try it</a></div></div>
      ${this.problem ? html`<problem-note .problem=${this.problem}></problem-note>` : nothing}
      <div class="parts" role="navigation" aria-label="On this page">${PARTS.filter(([id]) => this.evaluation.data || !["good", "wrong", "worst"].includes(id)).map(([id, name]) => html`<a href="#${id}" @click=${(event) => this.#jump(event, id)}>${name}</a>`)}</div>`;
  }

  /** A link bears no key, so the page reads the file. */
  #save(version, part) {
    const [type, end] = FILES[part];
    return this.keepFocus(async () => {
      this.saving = true;
      this.problem = null;
      try {
        const answer = await send("GET", path`/v1/models/${version.model}/versions/${version.version}/${part}`, { accept: `${type}, application/problem+json` });
        save(await answer.blob(), `${version.model}-${version.version}.${end}`);
      } catch (problem) {
        if (problem.status === undefined) throw problem;
        this.problem = problem;
      }
      this.saving = false;
    });
  }

  /** Without a change of the address, which says what is shown. */
  #jump(event, id) {
    event.preventDefault();
    event.stopPropagation();
    const part = this.querySelector(`#${id}`);
    part?.scrollIntoView({ block: "start" });
    part?.setAttribute("tabindex", "-1");
    part?.focus({ preventScroll: true });
  }

  #choose(row) {
    keep({ row });
    this.querySelector("#inside")?.scrollIntoView({ block: "start" });
  }

  /** By which rows, and which of its targets. */
  #choice(version, rows, targets, target) {
    const { data, problem } = this.datasets;
    const chosen = query().dataset || "";
    const names = (data?.datasets || []).map(({ name, version: newest }) => `${name}@${newest}`);
    const own = version.provenance.job && !this.jobGone ? `the ${this.evaluation.data && rows?.job ? told(this.evaluation.data, null).replace(/^[\d,]+ /, "") : "rows"} of its job`
      : version.provenance.dataset ? `all rows of ${version.provenance.dataset}, its own` : "none yet";
    return html`<div class="options"><label>Judged by <select aria-label="The rows that it is judged by" @change=${(event) => keep({ dataset: event.target.value, row: "", slice: "", measure: "" })}>
        <option value="" .selected=${!chosen}>${own}</option>
        ${[...new Set([...names, ...(chosen ? [chosen] : [])])].map((name) => html`<option value=${name} .selected=${name === chosen}>all rows of ${name}</option>`)}</select></label>
      ${targets.length > 1 && target ? html`<label>Target <select aria-label="The target that is shown" @change=${(event) => keep({ target: event.target.value })}>${targets.map((name) => html`<option value=${name} .selected=${name === target}>${name}</option>`)}</select></label>` : nothing}
      ${problem && !problem.passes ? html`<span class="soft small">Other datasets are not listed: ${problem.message}</span>` : nothing}
      ${this.#seen(version, rows)}</div>`;
  }

  /** What to know of these rows before one believes the numbers. */
  #seen(version, rows) {
    const { data } = this.evaluation;
    if (!data || !rows) return nothing;
    const isOwn = rows.dataset && `${rows.dataset.name}@${rows.dataset.version}` === version.provenance.dataset;
    const text = rows.job ? { training: "It has learned from these rows, so it looks better than it is.", validation: "Its best epoch was chosen by these rows, so it looks a little better than it is." }[data.part]
      : isOwn ? "It has learned from some of these rows, so it looks better than it is." : "";
    return text ? html`<span class="small">⚠ ${text}</span>` : nothing;
  }

  /** In a sentence. */
  #verdict(evaluation, target) {
    const baseline = this.#baseline;
    const on = told(evaluation, this.#rows?.dataset);
    const matrix = evaluation.confusion[target];
    if (matrix) {
      const right = matrix.counts.reduce((sum, row, i) => sum + row[i], 0);
      const all = matrix.counts.flat().reduce((sum, each) => sum + each, 0);
      const guess = baseline?.accuracy ?? baseline?.[`${target}_accuracy`];
      return html`It is right about <b>${target}</b> in <b>${number(right)}</b> of ${on}, ${percent(right / Math.max(1, all))}.${guess == null ? nothing : html` Always the most frequent class would be right in ${percent(guess)}.`}`;
    }
    const { mae, r2 } = evaluation.regression[target];
    const guess = baseline?.mae ?? baseline?.[`${target}_mae`];
    return html`It is off by <b>${number(Number(mae.toPrecision(3)))}</b> on average for <b>${target}</b>, on ${on}.${guess == null ? nothing : html` Always the mean would be off by ${number(Number(guess.toPrecision(3)))}.`}${r2 == null ? nothing : html` It explains ${percent(Math.max(0, r2))} of the variance.`}`;
  }

  get #baseline() {
    const { baseline } = this.job.data || {};
    return this.#rows?.job && baseline && Object.keys(baseline.metrics).length ? baseline.metrics : null;
  }

  #good(version, rows, evaluation) {
    const why = !rows.job ? "There is no answer without a network beside it, because a job computes one on its own rows alone."
      : this.job.problem ? "There is no answer without a network beside it, because its job is not there."
        : "There is no answer without a network beside it, because its job computed none for these metrics.";
    return html`<metric-table .metrics=${evaluation.metrics} .notes=${evaluation.metric_notes} .baseline=${this.#baseline} .why=${why}></metric-table>`;
  }

  #unjudged(rows) {
    const { data, problem } = this.evaluation;
    if (!rows) return html`<p class="card soft">This version is not judged yet, because no dataset of its own is known: choose one above.</p>`;
    if (this.jobGone && rows.dataset && !query().dataset) return html`${problem ? this.#refused(problem) : nothing}<p class="soft small">Its job has no evaluation any more, so all rows of its dataset are taken.</p>`;
    if (problem) return this.#refused(problem);
    return data ? nothing : html`<p class="soft">It measures.</p>`;
  }

  #refused(problem) {
    return problem.passes || problem.status === 401 || problem.status === 403 || problem.errors.length ? html`<problem-note again .problem=${problem}></problem-note>`
      : html`<p class="card soft">This version is not judged on these rows, because: ${problem.message}</p>`;
  }

  #whyNot(version, rows, what) {
    const { data, problem } = this.evaluation;
    const words = what === "groups" ? "Groups are not measured" : "Columns are not measured";
    if (!rows) return `${words}, because no rows are chosen.`;
    if (problem && !data) return `${words}, because the version is not judged.`;
    if (what === "groups" && this.columns.problem) return `${words}: ${this.columns.problem.message}`;
    if (data?.part === "out_of_fold") return `${words}, because the published version has seen these rows; its members have not. Choose a dataset above.`;
    return "";
  }

  get #isStacked() {
    return Boolean(this.layers.data?.warnings.some(({ code }) => code === "linear_stack"));
  }

  #noLayers() {
    const { data, problem } = this.layers;
    if (problem) return `Its layers are not told: ${problem.message}`;
    return data && !data.summary?.layers?.length ? "This version shows no layers, because their shapes need the columns of its dataset." : "";
  }

  #told({ detail: { from, call: own } }) {
    this.calls = { ...this.calls, [from]: own };
  }

  #shownCalls(version) {
    const own = path`/v1/models/${this.model}/versions/${this.version}`;
    const rows = this.#rows;
    return [
      { title: "This version", method: "GET", path: own },
      ...(version && rows ? [{ title: rows.job ? "The evaluation of its job" : "Its evaluation on these rows", ...evaluationCall(version, rows) }] : []),
      ...Object.values(this.calls).filter(Boolean),
      ...(this.#isStacked ? [{ title: "Its linear layers as one", method: "GET", path: `${own}/collapsed` }] : []),
    ];
  }
}

customElements.define("version-page", VersionPage);
