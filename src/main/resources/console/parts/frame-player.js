// A net as it learns: the boundary bends, its neurons move, edges thicken, and a slider goes through the epochs.
import { css, html, nothing, Part } from "../part.js";
import { between, layersOf, shares } from "../frames.js";
import { count, number } from "../words.js";
import "./boundary-view.js";
import { series } from "./marks.js";
import "./net-view.js";
import "./runs-chart.js";

/** Milliseconds of a replay, however many frames there are. */
const REPLAY = 5_000;
/** Milliseconds from one frame to the next at most. */
const SLOWEST = 260;

class FramePlayer extends Part {
  static sheet = css`
    frame-player { display: grid; gap: 1rem; }
    frame-player .views { display: grid; gap: 1.2rem 2rem; grid-template-columns: minmax(0, 30rem) minmax(0, 1fr); align-items: start; }
    frame-player runs-chart { margin-top: 1rem; }
    frame-player .scale { height: .7rem; margin-top: .5rem; border-radius: .3rem; background: linear-gradient(to right, var(--low), var(--card), var(--high)); }
    frame-player .ends { display: flex; justify-content: space-between; }
    frame-player .classes { display: flex; flex-wrap: wrap; gap: .1rem 1rem; margin: .5rem 0 0; padding: 0; list-style: none; }
    frame-player .classes li { display: flex; align-items: center; gap: .4rem; color: var(--ink); min-width: 0; overflow-wrap: anywhere; }
    frame-player .classes i { flex: none; width: .8rem; height: .8rem; border-radius: .2rem; background: currentColor; }
    frame-player .side { display: grid; gap: 1rem; min-width: 0; }
    frame-player .neurons { display: grid; grid-template-columns: repeat(4, minmax(0, 6.5rem)); gap: .6rem; }
    frame-player figure { margin: 0; display: grid; gap: .2rem; align-content: start; }
    frame-player figcaption { overflow-wrap: anywhere; line-height: 1.2; }
    frame-player .time { display: grid; grid-template-columns: auto minmax(0, 1fr) auto; gap: .9rem; align-items: center; }
    frame-player output { min-width: 11rem; color: var(--soft); text-align: right; }
    frame-player output b { color: var(--ink); }
    @media (max-width: 48rem) {
      frame-player .views { grid-template-columns: minmax(0, 1fr); }
      frame-player .time { grid-template-columns: auto minmax(0, 1fr); }
      frame-player output { grid-column: 1 / -1; text-align: left; }
    }`;

  /**
   * `shown`: what readFrames gives. `live`: more come. `rows`: the few that it was taught; `points`: rows of data over both
   * columns.
   * `decides`: the answer is a share, and at a half it is undecided.
   * `beside`: a function of a frame, what else is said of it. `losses`: by epoch.
   */
  static properties = { shown: {}, live: { type: Boolean }, decides: { type: Boolean }, rows: {}, points: {}, beside: {}, losses: {}, at: { state: true } };

  constructor() {
    super();
    this.shown = null;
    this.live = false;
    this.decides = false;
    this.rows = [];
    this.points = [];
    this.beside = () => nothing;
    this.losses = null;
    this.at = null;
    this.playing = false;
  }

  /** Goes through all frames, and on as they come; without motion it is at the newest at once. */
  play(from = 0) {
    this.at = from;
    if (matchMedia("(prefers-reduced-motion: reduce)").matches) {
      this.at = null;
      return;
    }
    if (this.playing) return;
    this.playing = true;
    let before = performance.now();
    const step = (now) => {
      if (!this.playing || !this.isConnected) return;
      const last = this.#last;
      const pace = Math.min(SLOWEST, REPLAY / Math.max(1, last));
      this.at = Math.min((this.at ?? 0) + Math.max(0, now - before) / pace, last);
      before = now;
      this.playing = this.at < last || this.live;
      if (!this.playing) this.at = null;
      if (this.playing) requestAnimationFrame(step);
      this.requestUpdate();
    };
    requestAnimationFrame(step);
  }

  get #last() {
    return Math.max(0, (this.shown?.frames.length || 0) - 1);
  }

  #toggle() {
    if (this.playing) {
      this.playing = false;
      this.requestUpdate();
    } else this.play(this.at === null || this.at >= this.#last ? 0 : this.at);
  }

  /** The colours of the classes. */
  #classes(classes) {
    return html`<ul class="classes small">${classes.map((name, i) => html`<li><i class="s${series(i)}"></i>${name}</li>`)}</ul>`;
  }

  /** From what to what the colours go. */
  #scale([low, high]) {
    return html`<div class="scale"></div><div class="ends small"><span>${number(low)}</span><span>${number(high)}</span></div>`;
  }

  render() {
    const shown = this.shown;
    if (!shown?.frames.length) return nothing;
    const at = Math.min(this.at ?? this.#last, this.#last);
    const { classes } = shown;
    const frame = between(shown.frames, at, classes.length > 0);
    const side = shown.x.values.length;
    const { x, y } = shown;
    const layers = layersOf(frame.weights, shown);
    const isShare = this.decides || shown.isShare;
    const colours = isShare ? [0, 1] : shown.range;
    this.#curve();
    const loss = this.losses?.get(shown.frames[Math.round(at)].epoch);
    return html`
      <div class="time">
        <button @click=${this.#toggle} aria-label=${this.playing ? "Pause" : "Play"}>${this.playing ? "❚❚" : "▶"}</button>
        <input type="range" aria-label="Epoch" aria-valuetext=${`epoch ${frame.epoch}`} min="0" max=${this.#last} step="any" .value=${String(at)}
          @input=${(event) => { this.playing = false; this.at = Number(event.target.value) >= this.#last ? null : Number(event.target.value); this.requestUpdate(); }}>
        <output>epoch <b>${frame.epoch}</b>${loss === undefined ? nothing : html` · loss <b>${number(Number(loss.toPrecision(3)))}</b>`}</output>
      </div>
      <div class="views">
        <div><boundary-view .grid=${classes.length ? frame.grid : shares(frame.grid, colours)} .classes=${classes} .side=${side} .rows=${this.rows} .points=${this.points} .line=${isShare}
          label=${`What the net answers over ${x.column} and ${y.column} after ${frame.epoch} epochs`}></boundary-view>
          ${this.rows.length ? nothing : html`${classes.length ? this.#classes(classes) : this.#scale(colours)}<p class="soft small">${classes.length ? `The class of ${shown.meaning}` : `Colours: ${shown.meaning}`}. Across: ${x.column}, ${number(x.values[0])} to ${number(x.values.at(-1))}.
            Up: ${y.column}, ${number(y.values[0])} to ${number(y.values.at(-1))}.${this.points.length ? ` Marks: ${count(this.points.length, "row")} of its data.` : ""}</p>`}
          ${this.curves ? html`<runs-chart metric="loss" .curves=${this.curves} .mark=${{ epoch: frame.epoch, name: "" }}></runs-chart>` : nothing}</div>
        <div class="side">
          ${layers ? html`<net-view .layers=${layers} .weights=${frame.weights}></net-view>` : nothing}
          ${this.beside(frame)}
          ${frame.neurons.length ? html`<div class="neurons">${frame.neurons.map(({ name, grid }, i) => html`<figure>
            <boundary-view .grid=${shares(grid, shown.ranges[i])} .side=${side} .line=${false} label=${`What the neuron ${name} gives over both columns`}></boundary-view>
            <figcaption class="soft small">${name}</figcaption></figure>`)}</div>` : nothing}
        </div>
      </div>`;
  }

  /** The losses as a curve, made anew only for others. */
  #curve() {
    if (!this.losses || this.drawn === this.losses) return;
    this.drawn = this.losses;
    this.curves = [{ id: "loss", name: "loss", place: 0, x: [...this.losses.keys()], y: [...this.losses.values()] }];
  }
}

customElements.define("frame-player", FramePlayer);
