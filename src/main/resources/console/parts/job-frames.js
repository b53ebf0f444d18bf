// How the net of a job bends over two columns, while it learns and afterwards.
import { html, nothing, Part } from "../part.js";
import { pointsOf, readFrames } from "../frames.js";
import "./frame-player.js";
import "./problem-note.js";

/** Milliseconds between two questions for newer frames. */
const PACE = 700;
const RETRY = 2_000;
/** More than the service keeps: some have been left out since, and all are read again. */
const MOST = 260;

class JobFrames extends Part {
  /** `job`: its id; `dataset`: { name, version } of the rows that it learned from. */
  static properties = { job: {}, dataset: {}, done: { type: Boolean }, shown: { state: true }, points: { state: true }, problem: { state: true }, over: { state: true } };

  constructor() {
    super();
    this.shown = null;
    this.points = [];
    this.problem = null;
    this.over = false;
  }

  connectedCallback() {
    super.connectedCallback();
    this.#read();
  }

  disconnectedCallback() {
    super.disconnectedCallback();
    clearTimeout(this.timer);
    this.asking?.abort();
  }

  updated(changed) {
    if (changed.has("job") && changed.get("job") !== undefined) {
      this.shown = null;
      this.points = [];
      this.placed = false;
      this.over = false;
      this.#read();
    }
  }

  async #read() {
    clearTimeout(this.timer);
    this.asking?.abort();
    const asking = new AbortController();
    this.asking = asking;
    const done = this.done; // before the question: a job that ends meanwhile may have stored more
    let wait = PACE;
    try {
      const known = this.shown?.frames.length > MOST ? null : this.shown;
      const shown = await readFrames(this.job, known, asking.signal);
      if (asking !== this.asking) return;
      if (shown && shown.frames.length !== this.shown?.frames.length) this.shown = shown;
      this.problem = null;
      this.over = done;
      if (shown && !this.placed) {
        this.placed = true;
        this.points = await pointsOf(this.job, this.dataset, shown, asking.signal);
      }
    } catch (problem) {
      if (asking !== this.asking || problem.name === "AbortError") return;
      this.problem = problem;
      this.over = !problem.passes;
      wait = Math.max(RETRY, (problem.retryAfter || 0) * 1_000);
    }
    if (!this.over && this.isConnected) this.timer = setTimeout(() => this.#read(), wait);
  }

  render() {
    return html`<section class="card"><h2>What it answers</h2>
      ${this.problem ? html`<problem-note .problem=${this.problem} again></problem-note>` : nothing}
      ${this.shown?.frames.length ? html`<frame-player .shown=${this.shown} .points=${this.points} ?live=${!this.over}></frame-player>`
        : html`<p class="soft">${this.over ? "No frame was kept." : "The first frame is here in a moment."}</p>`}</section>`;
  }
}

customElements.define("job-frames", JobFrames);
