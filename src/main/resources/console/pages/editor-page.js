// The editor: a job or a model as text, checked while one writes, with its net beside it.
import { base, bus, call } from "../api.js";
import { css, html, nothing, Part } from "../part.js";
import { go, onMove, query, to } from "../router.js";
import { ask } from "../parts/ask.js";
import "../parts/copy-call.js";
import "../parts/graph-view.js";
import { layerSpecs } from "../parts/layer-specs.js";
import "../parts/problem-note.js";
import "../parts/spec-differences.js";
import { draft, keepDraft } from "../editor/drafts.js";
import "../editor/fault-list.js";
import { locate, read, valueOf } from "../editor/json-text.js";
import { KINDS } from "../editor/kinds.js";
import { layerAt, layerMarks, pointerOf } from "../editor/layer-marks.js";
import "../editor/missing-dataset.js";
import "../editor/place-help.js";
import { Schema } from "../editor/schema.js";
import { load, sourceOf } from "../editor/sources.js";
import "../editor/spec-text.js";
import "../editor/start-from.js";
import { Validation } from "../editor/validation.js";

const RETRY = 2_000;
/** Milliseconds after the last letter until the draft is kept. */
const PAUSE = 200;

class EditorPage extends Part {
  static sheet = css`
    editor-page .sides { display: grid; gap: 1rem; grid-template-columns: minmax(0, 1fr); align-items: start; }
    editor-page .written { padding: .4rem; }
    editor-page .under { padding: .4rem .8rem .5rem; display: grid; gap: .4rem; border-top: 1px solid var(--line); }
    @media (min-width: 64rem) { editor-page .sides { grid-template-columns: minmax(0, 1.15fr) minmax(0, 1fr); } }`;

  static properties = {
    opened: { state: true }, text: { state: true }, schema: { state: true }, place: { state: true }, isDraft: { state: true },
    isTooLong: { state: true }, sending: { state: true }, problem: { state: true }, stored: { state: true }, loadProblem: { state: true },
  };

  constructor() {
    super();
    this.validation = new Validation(this);
    onMove(this, () => sourceOf(query()) === this.source || this.#open());
    this.left = () => this.#keep();
    this.keyed = () => this.loadProblem && this.#load();
  }

  connectedCallback() {
    super.connectedCallback();
    addEventListener("pagehide", this.left);
    bus.addEventListener("key", this.keyed);
    this.#open();
  }

  disconnectedCallback() {
    super.disconnectedCallback();
    removeEventListener("pagehide", this.left);
    bus.removeEventListener("key", this.keyed);
    this.#keep();
    clearTimeout(this.loading);
    this.asking?.abort();
  }

  #open() {
    this.#keep();
    this.source = sourceOf(query());
    this.opened = null;
    this.text = null;
    this.place = null;
    this.problem = null;
    this.stored = null;
    this.isTooLong = false;
    this.attempt = null;
    this.validation.forget();
    this.#load();
  }

  async #load() {
    clearTimeout(this.loading);
    this.asking?.abort();
    const asking = new AbortController();
    this.asking = asking;
    const kept = draft(this.source);
    try {
      const opened = await load(this.source, asking.signal);
      const schema = new Schema(await call("GET", `/v1/schema/${KINDS[opened.kind].schema}`, { signal: asking.signal }));
      if (asking !== this.asking) return;
      this.opened = opened;
      this.schema = schema;
      this.isDraft = kept !== null && kept.text !== opened.text;
      this.text = this.isDraft ? kept.text : opened.text;
      // A draft changes what it began as, whatever was stored since.
      if (this.isDraft) opened.tag = kept.tag ?? opened.tag;
      this.loadProblem = null;
      this.validation.check(opened.kind, this.text);
    } catch (problem) {
      if (asking !== this.asking || problem.name === "AbortError") return;
      if (problem.status === undefined) throw problem;
      this.loadProblem = problem;
      if (problem.passes) this.loading = setTimeout(() => this.#load(), Math.max(RETRY, problem.retryAfter * 1_000));
    }
  }

  #typed(text) {
    this.text = text;
    this.isDraft = true;
    clearTimeout(this.keeping);
    this.keeping = setTimeout(() => this.#keep(), PAUSE);
    this.validation.check(this.opened.kind, text);
  }

  #keep() {
    if (!this.keeping) return;
    clearTimeout(this.keeping);
    this.keeping = 0;
    this.isTooLong = !keepDraft(this.source, this.text, this.opened.tag);
  }

  /** Forgets the draft of a text that was sent, unless it was changed since. */
  #forget(source, text) {
    if (this.isConnected && this.source === source) {
      if (this.text !== text) return;
      clearTimeout(this.keeping);
      this.keeping = 0;
      this.isDraft = false;
      keepDraft(source, null);
    } else if (draft(source)?.text === text) keepDraft(source, null);
  }

  async #beginAgain() {
    const { opened } = this;
    if (!await ask({ title: "Begin again", text: "Your changes to this text are lost.", button: "Drop my changes" })) return;
    if (!this.isConnected || this.opened !== opened) return;
    clearTimeout(this.keeping);
    this.keeping = 0;
    keepDraft(this.source, null);
    this.#open();
  }

  async #send() {
    const { text, opened, source } = this;
    const { method, path, headers } = this.#request(valueOf(read(text).root));
    // Sent again after a lost answer, it is the same request.
    if (this.attempt?.text !== text) this.attempt = { text, key: random() };
    this.sending = true;
    this.problem = null;
    try {
      const answer = await call(method, path, { body: text, type: "application/json", headers: { ...headers, ...(method === "POST" && { "Idempotency-Key": this.attempt.key }) } });
      this.#forget(source, text);
      // Another text may be here by now.
      if (this.isConnected && this.opened === opened) go(to(KINDS[opened.kind].address(answer)));
    } catch (problem) {
      if (problem.status === undefined) throw problem;
      if (this.opened !== opened) return;
      // Refused for its text; after all others it may have been done, or may be done yet.
      if (problem.status === 400 || problem.status === 422) this.attempt = null;
      this.problem = problem;
      if (problem.status === 412) await this.#compare(opened, source);
    } finally {
      this.sending = false;
    }
  }

  /** Reads what somebody else made of it, which the page then shows beside this text. */
  async #compare(opened, source) {
    try {
      const stored = await load(source);
      if (this.opened === opened) this.stored = stored;
    } catch (problem) {
      if (problem.status === undefined) throw problem;
      if (this.opened === opened) this.problem = problem;
    }
  }

  /** Goes on with the text as a change of what is stored now. */
  async #readAgain() {
    const { opened, source } = this;
    this.#keep();
    this.sending = true;
    try {
      const stored = await load(source);
      if (!this.isConnected || this.opened !== opened) return;
      this.opened = { ...opened, tag: stored.tag };
      this.isDraft = this.text !== stored.text;
      this.isTooLong = !keepDraft(source, this.isDraft ? this.text : null, stored.tag);
      this.problem = null;
      this.stored = null;
    } catch (problem) {
      if (problem.status === undefined) throw problem;
      if (this.opened === opened) this.problem = problem;
    } finally {
      this.sending = false;
    }
  }

  #request(value) {
    return KINDS[this.opened.kind].request({ name: value?.name, source: this.source, tag: this.opened.tag });
  }

  render() {
    const { opened } = this;
    return html`<div class="page">
      <div class="head"><div><h1>Write a ${opened?.kind || "job"}</h1>
        <p class="soft small">${opened ? html`${opened.title}. ` : nothing}${this.isDraft && !this.isTooLong ? html`Your changes are kept in this tab.` : nothing}</p></div>
        ${this.isDraft ? html`<button class="plain" @click=${this.#beginAgain}>Begin again</button>` : nothing}
        ${opened ? html`<button class="plain" title="Shift Alt F" @click=${() => this.querySelector("spec-text").format()}>Format</button><button class="main" ?disabled=${this.sending || this.#isWrong} @click=${this.#send}>${KINDS[opened.kind].send}</button>` : nothing}</div>
      ${this.isTooLong ? html`<p class="soft" role="status">This text is too long to be kept: a reload loses your changes.</p>` : nothing}
      ${this.problem ? html`<problem-note .problem=${this.problem}></problem-note>` : nothing}
      ${this.problem?.status === 412 && this.stored ? html`<section class="card"><h2>What is stored now, beside your text</h2>
        <spec-differences none="They are the same: somebody stored what you wrote." .heads=${["Stored now", "Your text"]} .documents=${[JSON.parse(this.stored.text), valueOf(read(this.text).root)]}></spec-differences></section>` : nothing}
      ${this.problem?.status === 412 ? html`<p class="row"><button ?disabled=${this.sending} @click=${this.#readAgain}>Read it again and keep my text</button>
        <span class="soft small">It was changed since you read it. Sent again, your text replaces that change.</span></p>` : nothing}
      ${this.loadProblem ? html`<problem-note again .problem=${this.loadProblem}></problem-note>` : nothing}
      <section class="card"><start-from></start-from></section>
      ${opened ? this.#sides(opened) : nothing}
    </div>`;
  }

  /** Whether what is written now is known to be refused. */
  get #isWrong() {
    const { result } = this.validation;
    return result.text === this.text && result.faults.some((fault) => !fault.isWarning);
  }

  #sides({ kind }) {
    const { validation } = this;
    const value = valueOf(read(this.text).root);
    const { faults } = validation.result;
    return html`<div class="sides">
      <section class="card written" aria-label=${`The ${kind} as text`}>
        <spec-text .label=${`The ${kind} as JSON`} .text=${this.text} .schema=${this.schema} .faults=${faults}
          @typed=${(event) => this.#typed(event.detail)} @place=${(event) => { this.place = event.detail; }}></spec-text>
        <div class="under"><place-help .place=${this.place}></place-help>
          <p class="soft small" id="editor-keys">Ctrl Space lists what may stand at the caret, F8 leads to the next fault, Shift Alt F formats the text. Escape, then Tab, leaves the text. <a href=${`${base}/docs/reference/${kind}`}>All of a ${kind}</a></p></div>
      </section>
      <div class="stack">
        <section class="card"><h2>Check</h2>
          <fault-list .faults=${faults} .state=${validation.isAsking ? "asking" : validation.problem ? "unknown" : "known"} @lead=${(event) => this.querySelector("spec-text").lead(event.detail)}></fault-list>
          ${validation.problem ? html`<problem-note again .problem=${validation.problem}></problem-note>` : nothing}
          ${this.#dataset(value, faults)}
        </section>
        ${this.#net(kind, value, faults)}
      </div></div>
      <copy-call .calls=${this.#calls(kind, value)}></copy-call>`;
  }

  /** A dataset that is not there may be one that can be made. */
  #dataset(value, faults) {
    const name = value?.dataset?.name;
    if (typeof name !== "string" || !faults.some((fault) => fault.pointer === "/dataset/name")) return nothing;
    return html`<missing-dataset .name=${name} .rows=${name === this.opened.dataset ? this.opened.rows : undefined}></missing-dataset>`;
  }

  #net(kind, value, faults) {
    const { drawn, isOld } = this.validation;
    if (!drawn?.graph.nodes.length) return nothing;
    const [model, own] = kind === "model" ? [value, ""] : [value?.model, "/model"];
    const place = this.place?.pointer.startsWith(own) ? this.place.pointer.slice(own.length) : "";
    return html`<section class="card"><h2>The net${isOld ? html` <span class="soft small">as before the error</span>` : nothing}</h2>
      <graph-view .graph=${drawn.graph} .summary=${drawn.summary} .specs=${layerSpecs(drawn.model)} .marks=${layerMarks(model, faults)}
        .here=${layerAt(model, place)} @choose=${(event) => this.#show(model, own, event.detail.name)}></graph-view></section>`;
  }

  /** Where a layer is written; who came by keyboard stays at the net. */
  #show(model, own, name) {
    const place = pointerOf(model, name);
    if (place !== null) this.querySelector("spec-text").show(locate(read(this.text).root, own + place).from);
  }

  #calls(kind, body) {
    if (body === undefined) return [];
    return [
      { ...this.#request(body), body },
      { title: "Check it", method: "POST", path: "/v1/models:validate", body: kind === "model" ? { model: body } : body },
    ];
  }
}

/** A name for a request that nobody else uses. */
function random() {
  return [...crypto.getRandomValues(new Uint32Array(4))].map((part) => part.toString(16)).join("-");
}

customElements.define("editor-page", EditorPage);
