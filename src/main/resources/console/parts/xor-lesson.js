// The first lesson, as one sees it: the boundary bends, the edges thicken, and a slider goes through the epochs.
import { css, html, nothing, Part } from "../part.js";
import { to } from "../router.js";
import { number } from "../words.js";
import { answer, between, EPOCHS, kept, MARGIN, ROWS, SIDE, teach } from "../xor.js";
import "./boundary-view.js";
import "./net-view.js";
import "./problem-note.js";

const LAYERS = [["x₁", "x₂"], ["tanh", "tanh", "tanh", "tanh"], ["y"]];
/** Milliseconds from one frame to the next while it plays. */
const PACE = 260;

class XorLesson extends Part {
  static sheet = css`
    xor-lesson .views { display: grid; gap: 1.2rem 2rem; grid-template-columns: minmax(0, 23rem) minmax(0, 1fr); align-items: center; }
    xor-lesson .side { display: grid; gap: 1rem; min-width: 0; }
    xor-lesson .rows { display: grid; grid-template-columns: repeat(4, minmax(0, 1fr)); gap: .5rem; }
    xor-lesson .rows div { padding: .45rem .3rem; border-radius: .5rem; background: var(--tint); text-align: center; line-height: 1.35; }
    xor-lesson .rows .right { background: var(--accent-tint); }
    xor-lesson .rows b { display: block; font-size: 1.15rem; }
    xor-lesson .time { display: grid; grid-template-columns: auto minmax(0, 1fr) auto; gap: .9rem; align-items: center; margin-top: 1rem; }
    xor-lesson output { min-width: 11rem; color: var(--soft); text-align: right; }
    xor-lesson output b { color: var(--ink); }
    @media (max-width: 48rem) {
      xor-lesson .views { grid-template-columns: minmax(0, 1fr); }
      xor-lesson .time { grid-template-columns: auto minmax(0, 1fr); }
      xor-lesson output { grid-column: 1 / -1; text-align: left; }
    }`;

  static properties = { frames: { state: true }, at: { state: true }, state: { state: true }, problem: { state: true }, result: { state: true } };

  constructor() {
    super();
    const lesson = kept();
    this.frames = lesson?.frames || [];
    this.result = lesson && { job: lesson.job, version: lesson.version };
    this.at = Math.max(0, this.frames.length - 1);
    this.state = lesson ? "learned" : "new";
    this.problem = null;
  }

  async learn() {
    this.state = "learning";
    this.problem = null;
    this.frames = [];
    this.at = 0;
    this.playing = false;
    try {
      await teach((result) => { this.result = result; }, (frames) => {
        this.frames = frames;
        this.#play();
      });
      this.state = "learned";
      this.dispatchEvent(new Event("learned", { bubbles: true }));
    } catch (problem) {
      this.problem = problem;
      this.state = this.frames.length ? "learned" : "new";
    }
  }

  /** Goes on to the last frame that there is, at an even pace; without motion it is there at once. */
  #play() {
    if (matchMedia("(prefers-reduced-motion: reduce)").matches) {
      this.at = this.frames.length - 1;
      return;
    }
    if (this.playing) return;
    this.playing = true;
    let before = performance.now();
    const step = (now) => {
      if (!this.playing || !this.isConnected) return;
      this.at = Math.min(this.at + Math.max(0, now - before) / PACE, this.frames.length - 1);
      before = now;
      this.playing = this.at < this.frames.length - 1 || this.state === "learning";
      this.requestUpdate();
      if (this.playing) requestAnimationFrame(step);
    };
    requestAnimationFrame(step);
  }

  #toggle() {
    if (this.playing) {
      this.playing = false;
      this.requestUpdate();
    } else {
      if (this.at >= this.frames.length - 1) this.at = 0;
      this.#play();
    }
  }

  render() {
    const frame = this.frames.length ? between(this.frames, this.at) : null;
    return html`<div class="stack">
      ${this.problem ? html`<problem-note .problem=${this.problem}></problem-note>` : nothing}
      ${frame ? this.#views(frame) : this.state === "learning"
        ? html`<p class="soft" role="status">It learns. The first epochs are here in a moment.</p>`
        : html`<div><button class="main large" @click=${this.learn}>Teach it XOR</button></div>`}
    </div>`;
  }

  #views(frame) {
    const weights = [frame.hidden, [frame.output]];
    return html`
      <div class="views">
        <boundary-view .grid=${frame.grid} .side=${SIDE} .margin=${MARGIN} .rows=${ROWS}
          label=${`What the net answers over both inputs after ${frame.epoch} epochs`}></boundary-view>
        <div class="side">
          <net-view .layers=${LAYERS} .weights=${weights}></net-view>
          <div class="rows">${ROWS.map(({ x, y, is }) => {
            const said = answer(frame.grid, x, y);
            return html`<div class=${(said > 0.5) === is ? "right" : ""}><span class="soft small">${x} xor ${y}</span><b>${said.toFixed(2)}</b>
              <span class="small">${(said > 0.5) === is ? "✓ right" : "✕ wrong"}</span></div>`;
          })}</div>
        </div>
      </div>
      <div class="time">
        <button @click=${this.#toggle} aria-label=${this.playing ? "Pause" : "Play"}>${this.playing ? "❚❚" : "▶"}</button>
        <input type="range" aria-label="Epoch" aria-valuetext=${`epoch ${frame.epoch}`} min="0" max=${EPOCHS.length - 1} step="0.05" .value=${String(this.at)}
          @input=${(event) => { this.playing = false; this.at = Math.min(Number(event.target.value), this.frames.length - 1); }}>
        <output>epoch <b>${frame.epoch}</b> · loss <b>${number(Number(frame.loss.toPrecision(3)))}</b></output>
      </div>
      ${this.state === "learned" ? html`<p class="soft small">Colours: what the net answers over both inputs; it is undecided on the line. A thick edge is a large
        weight, a dashed one is negative. Each step is the same <a href=${to(`/jobs/${this.result.job}`)}>job</a> with the same seed, ended after that many epochs.</p>
        <div class="row"><button @click=${this.learn}>Teach it again</button></div>`
        : html`<p class="soft small" role="status">It learns: ${this.frames.length} of ${EPOCHS.length} looks at it are here.</p>`}`;
  }
}

customElements.define("xor-lesson", XorLesson);
