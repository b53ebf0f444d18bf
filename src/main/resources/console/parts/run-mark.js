// The look of a run's curve, small, where the run is named.
import { css, html, Part, svg } from "../part.js";
import { look } from "../runs.js";

class RunMark extends Part {
  static sheet = css`
    run-mark { display: inline-block; width: 1.7rem; height: .8rem; vertical-align: -.05rem; margin-right: .35rem; flex: none; }
    run-mark svg { display: block; width: 100%; height: 100%; overflow: visible; }`;

  /** The place of the run among those that are compared, from 0. */
  static properties = { place: { type: Number } };

  render() {
    const { colour, dashes } = look(this.place);
    return html`<svg viewBox="0 0 28 12" aria-hidden="true">${svg`<line class=${`series-${colour}`} x1="0" x2="28" y1="6" y2="6" stroke-width="3.4" stroke-dasharray=${dashes} />`}</svg>`;
  }
}

customElements.define("run-mark", RunMark);
