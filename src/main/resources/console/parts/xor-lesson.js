// The first lesson, as one sees it: the boundary bends, the edges thicken, and a slider goes through the epochs.
import { css, html, nothing, Part } from "../part.js";
import { to } from "../router.js";
import { answer, begin, follow, kept, MARGIN, ROWS } from "../xor.js";
import "./frame-player.js";
import "./problem-note.js";

const UNITS = [["x₁", "x₂"], ["0", "1", "2", "3"], ["y"]];

class XorLesson extends Part {
  static sheet = css`
    xor-lesson .rows { display: grid; grid-template-columns: repeat(4, minmax(0, 1fr)); gap: .5rem; }
    xor-lesson .rows div { padding: .45rem .3rem; border-radius: .5rem; background: var(--tint); text-align: center; line-height: 1.35; }
    xor-lesson .rows .right { background: var(--accent-tint); }
    xor-lesson .rows b { display: block; font-size: 1.15rem; }`;

  static properties = { frames: { state: true }, state: { state: true }, problem: { state: true } };

  constructor() {
    super();
    this.job = kept();
    this.frames = null;
    this.state = this.job ? "reading" : "new";
    this.problem = null;
  }

  connectedCallback() {
    super.connectedCallback();
    if (this.job) this.#follow(false);
  }

  disconnectedCallback() {
    super.disconnectedCallback();
    this.asking?.abort();
  }

  async learn() {
    this.asking?.abort();
    const isFirst = !this.frames;
    this.state = "learning";
    this.problem = null;
    this.frames = null;
    try {
      this.job = await begin(isFirst);
    } catch (problem) {
      this.problem = problem;
      this.state = "new";
      return;
    }
    await this.#follow(true);
  }

  async #follow(plays) {
    const asking = new AbortController();
    this.asking = asking;
    try {
      await follow(this.job, (frames, losses) => {
        if (asking.signal.aborted) return;
        const isFirst = !this.frames;
        this.frames = frames;
        this.losses = losses;
        if (isFirst && plays) this.updateComplete.then(() => this.querySelector("frame-player")?.play());
      }, asking.signal);
      if (asking.signal.aborted) return;
      this.state = "learned";
    } catch (problem) {
      if (asking.signal.aborted) return;
      // Somebody deleted what was kept: it can be taught again.
      this.problem = problem.status === 404 && !plays ? null : problem;
      this.state = this.frames ? "learned" : "new";
    }
  }

  #answers(frame) {
    return html`<div class="rows">${ROWS.map(({ x, y, is }) => {
      const said = answer(frame.grid, x, y);
      return html`<div class=${(said > 0.5) === is ? "right" : ""}><span class="soft small">${x} xor ${y}</span><b>${said.toFixed(2)}</b>
        <span class="small">${(said > 0.5) === is ? "✓ right" : "✕ wrong"}</span></div>`;
    })}</div>`;
  }

  render() {
    return html`<div class="stack">
      ${this.problem ? html`<problem-note .problem=${this.problem}></problem-note>` : nothing}
      ${this.frames ? html`<frame-player .shown=${this.frames} ?live=${this.state === "learning"} decides .units=${UNITS} .rows=${ROWS} .margin=${MARGIN}
          .losses=${this.losses} .beside=${this.#answers}></frame-player>`
        : this.state === "new" ? html`<div><button class="main large" @click=${this.learn}>Teach it XOR</button></div>`
          : html`<p class="soft" role="status">${this.state === "learning" ? "It learns. The first epochs are here in a moment." : "Reading what it learned."}</p>`}
      ${this.frames && this.state === "learned" ? html`<p class="soft small">Colours: what the net answers over both inputs; it is undecided on the line. A thick edge is a large
        weight, a dashed one is negative. The small pictures are its hidden neurons by their numbers; each answers by tanh. All of this is kept by one <a href=${to(`/jobs/${this.job}`)}>job</a>.</p>
        <div class="row"><button @click=${this.learn}>Teach it from another start</button></div>` : nothing}
    </div>`;
  }
}

customElements.define("xor-lesson", XorLesson);
