// The lesson, as one sees it: the boundary bends, the edges thicken, a slider goes through the epochs, and one changes the rows and the
// net and teaches it again.
import { bus } from "../api.js";
import { css, html, nothing, Part } from "../part.js";
import { ACTIVATIONS, answer, begin, choices, DATA, follow, MOST_UNITS, points, RATES } from "../lesson.js";
import { keep, onMove, query, to } from "../router.js";
import { count, waiting } from "../words.js";
import "./boundary-view.js";
import "./frame-player.js";
import "./problem-note.js";

const UNITS = Array.from({ length: MOST_UNITS }, (_, i) => i + 1);

class NetLesson extends Part {
  static sheet = css`
    net-lesson form { display: flex; flex-wrap: wrap; gap: .7rem .9rem; align-items: end; }
    net-lesson label { display: grid; gap: .2rem; }
    net-lesson .first boundary-view { background: var(--tint); border-radius: var(--radius); }
    net-lesson .rows { display: grid; grid-template-columns: repeat(4, minmax(0, 1fr)); gap: .5rem; }
    net-lesson .rows div { padding: .45rem .3rem; border-radius: .5rem; background: var(--tint); text-align: center; line-height: 1.35; }
    net-lesson .rows .right { background: var(--accent-tint); }
    net-lesson .rows b { display: block; font-size: 1.15rem; }
    net-lesson .first { display: grid; gap: 1rem 2rem; grid-template-columns: minmax(0, 24rem) minmax(0, 1fr); }
    @media (max-width: 40rem) {
      net-lesson form { display: grid; grid-template-columns: repeat(2, minmax(0, 1fr)); }
      net-lesson form button { grid-column: 1 / -1; }
      net-lesson .first { grid-template-columns: minmax(0, 1fr); }
    }`;

  static properties = { shown: { state: true }, state: { state: true }, problem: { state: true } };

  constructor() {
    super();
    this.job = "";
    this.shown = null;
    this.state = "new";
    this.problem = null;
    onMove(this, () => this.#moved());
    this.keyed = () => {
      if (this.problem) this.job = ""; // another key may see it
      this.#moved();
    };
  }

  connectedCallback() {
    super.connectedCallback();
    bus.addEventListener("key", this.keyed);
    this.#moved();
  }

  disconnectedCallback() {
    super.disconnectedCallback();
    bus.removeEventListener("key", this.keyed);
    this.asking?.abort();
    this.job = "";
  }

  /** The address says which job is shown. */
  #moved() {
    const { job = "" } = query();
    if (job !== this.job) {
      this.#forget();
      this.job = job;
      if (job) this.#follow(false);
    }
    this.requestUpdate();
  }

  #forget() {
    this.asking?.abort();
    this.shown = null;
    this.problem = null;
    this.state = "new";
  }

  async teach() {
    const choice = choices();
    this.#forget();
    this.state = "learning";
    try {
      this.job = await begin(choice, !this.taught);
    } catch (problem) {
      this.problem = problem;
      this.state = "new";
      return;
    }
    if (!this.isConnected) return;
    this.taught = JSON.stringify(choice);
    keep({ ...choice, job: this.job });
    await this.#follow(true);
  }

  async #follow(plays) {
    const asking = new AbortController();
    this.asking = asking;
    this.state = plays ? "learning" : "reading";
    try {
      await follow(this.job, (heard) => {
        if (asking.signal.aborted) return;
        this.problem = heard.problem || null;
        if (heard.problem) return;
        const isFirst = !this.shown?.frames && heard.frames;
        this.shown = { ...heard, epochs: new Map(heard.epochs.map((each) => [each.epoch, each])), losses: new Map(heard.epochs.map(({ epoch, loss }) => [epoch, loss])) };
        if (isFirst && plays) this.updateComplete.then(() => this.querySelector("frame-player")?.play());
      }, asking.signal);
      if (asking.signal.aborted) return;
      this.state = "learned";
    } catch (problem) {
      if (asking.signal.aborted) return;
      // Somebody deleted what was kept: it can be taught again.
      this.problem = problem.status === 404 && !plays ? null : problem;
      this.state = this.shown?.frames ? "learned" : "new";
    }
  }

  /** How many rows it tells right after an epoch: each of the four by itself, of many their number. */
  #answers({ rows, sample }, { epoch, grid }) {
    const right = this.shown.epochs.get(epoch)?.accuracy;
    if (!sample) return right === undefined ? nothing : html`<p><b>${Math.round(right * rows.length)}</b> of ${rows.length} rows are told right.</p>`;
    return html`<div class="rows">${rows.map((row) => {
      const said = answer(grid, row);
      const isRight = said > 0.5 === (row.y === 1);
      return html`<div class=${isRight ? "right" : ""}><span class="soft small">${row.x1} xor ${row.x2}</span><b>${said.toFixed(2)}</b>
        <span class="small">${isRight ? "✓ right" : "✕ wrong"}</span></div>`;
    })}</div>`;
  }

  /** Other rows want another picture; another net is compared with the one in sight until it is taught. */
  #choose(changes) {
    keep("lesson" in changes ? { ...changes, job: "" } : changes);
  }

  #form({ lesson, layers, activation, rate }) {
    const select = (label, options, chosen, choose) => html`<label>${label}<select aria-label=${label} @change=${(event) => this.#choose(choose(event.target.value))}>
      ${options.map(([value, name]) => html`<option value=${value} .selected=${String(value) === String(chosen)}>${name}</option>`)}</select></label>`;
    const units = UNITS.map((each) => [each, count(each, "unit")]);
    const isSame = this.taught === JSON.stringify(choices());
    return html`<form @submit=${(event) => { event.preventDefault(); this.keepFocus(() => this.teach()); }}>
      ${select("What it learns", Object.entries(DATA).map(([name, { title }]) => [name, title]), lesson, (value) => ({ lesson: value }))}
      ${select("Hidden layer", units, layers[0], (value) => ({ layers: [value, ...layers.slice(1)].join() }))}
      ${select("Second hidden layer", [["", "none"], ...units], layers[1] ?? "", (value) => ({ layers: [layers[0], ...(value ? [value] : [])].join() }))}
      ${select("Activation", ACTIVATIONS.map((each) => [each, each]), activation, (value) => ({ activation: value }))}
      ${select("Learning rate", RATES.map((each) => [each, each]), rate, (value) => ({ rate: value }))}
      <button class="main" ?disabled=${this.state === "learning"}>${isSame ? "Teach it from another start" : "Teach it"}</button></form>`;
  }

  render() {
    const choice = choices();
    const data = DATA[choice.lesson];
    const [few, many] = data.sample ? [points(data), []] : [[], points(data)];
    const { job, frames, losses } = this.shown || {};
    return html`<div class="stack">
      ${this.#form(choice)}
      ${this.problem ? html`<problem-note .problem=${this.problem} ?again=${this.state !== "new"}></problem-note>` : nothing}
      ${frames ? html`<frame-player .shown=${frames} ?live=${this.state === "learning"} decides .rows=${few} .points=${many}
          .losses=${losses} .beside=${(frame) => this.#answers(data, frame)}></frame-player>`
        : html`${this.state === "new" ? nothing : html`<p class="soft" role="status">${job?.waits_for ? waiting(job) : this.state === "learning" ? "It learns. The first epochs are here in a moment." : "Reading what it learned."}</p>`}
          <div class="first"><boundary-view .rows=${few} .points=${many} label=${`The rows: ${data.title}`}></boundary-view><p class="lead">${data.told}</p></div>`}
      ${frames && this.state === "learned" ? html`<p class="soft small">Colours: what the net answers over both inputs; it is undecided on the line. A thick edge is a large
        weight, a dashed one is negative. The small pictures are its first hidden neurons by their numbers. All of this is kept by one <a href=${to(`/jobs/${this.job}`)}>job</a>.</p>` : nothing}
    </div>`;
  }
}

customElements.define("net-lesson", NetLesson);
