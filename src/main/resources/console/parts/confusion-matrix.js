// How often each class was taken for each: a row for what it is, a column for what was said.
import { css, html, nothing, svg } from "../part.js";
import { number } from "../words.js";
import { Chart, cut } from "./chart.js";

/** More classes leave no room for their names. */
const MOST = 50;

class ConfusionMatrix extends Chart {
  static sheet = css`
    confusion-matrix { display: block; min-width: 0; }
    confusion-matrix rect { fill: var(--accent); }
    confusion-matrix rect.wrong { fill: var(--high); }
    confusion-matrix rect.ground { fill: var(--tint); }
    confusion-matrix text.count { text-anchor: middle; fill: var(--ink); font-weight: 600; font-variant-numeric: tabular-nums; }
    confusion-matrix text.none { fill: var(--soft); font-weight: 400; }
    confusion-matrix text.share { text-anchor: middle; font-size: .7rem; fill: var(--ink); }`;

  static properties = { classes: {}, counts: {} };

  draw(width, em) {
    const { classes, counts } = this;
    if (classes.length > MOST) return html`<p class="soft">${classes.length} classes are too many for a picture. ${this.#worst()}</p>`;
    const longest = Math.max(...classes.map((each) => each.length));
    const room = Math.max(3.4 * em, Math.min(0.3 * width, longest * em * 0.58 + em));
    const cell = Math.min((width - room - 2) / classes.length, 6.2 * em);
    const tall = Math.min(cell, 3.6 * em);
    const turned = cell < Math.min(longest, 9) * em * 0.6;
    const head = 1.5 * em + (turned ? Math.min(longest, 12) * em * 0.58 : 1.5 * em);
    const height = Math.ceil(head + classes.length * tall + 4);
    const totals = counts.map((row) => row.reduce((sum, each) => sum + each, 0));
    return html`<svg viewBox="0 0 ${width} ${height}" height=${height} role="img" aria-label=${`${this.title}. ${classes.length <= 20 ? classes.map((name, i) => `${name}: ${counts[i][i]} of ${totals[i]} right`).join("; ") : ""}. ${this.#worst()}`}>
      <text x=${room} y=${em}>predicted →</text><text x="0" y=${head - 0.5 * em}>true ↓</text>
      ${classes.map((name, i) => turned
        ? svg`<text class="name" transform="translate(${room + (i + 0.5) * cell + em / 3} ${head - 0.5 * em}) rotate(-90)">${cut(name, 12)}</text>`
        : svg`<text class="name" x=${room + (i + 0.5) * cell} y=${head - 0.6 * em} text-anchor="middle">${cut(name, cell / em / 0.58)}</text>`)}
      ${counts.map((row, i) => svg`<text class="name" x=${room - 8} y=${head + (i + 0.5) * tall + em / 3} text-anchor="end">${cut(classes[i], room / em / 0.58)}</text>
        ${row.map((count, j) => this.#cell(count, totals[i], { x: room + j * cell, y: head + i * tall, cell, tall, em, isRight: i === j, told: `${classes[i]} taken for ${classes[j]}: ${number(count)} of ${number(totals[i])}` }))}`)}</svg>
      <p class="soft small">${this.#worst()}</p>`;
  }

  #cell(count, total, { x, y, cell, tall, em, isRight, told }) {
    const share = total ? count / total : 0;
    return svg`<g><title>${told}</title><rect class="ground" x=${x + 1} y=${y + 1} width=${cell - 2} height=${tall - 2} rx="3" />
      ${count ? svg`<rect class=${isRight ? "" : "wrong"} x=${x + 1} y=${y + 1} width=${cell - 2} height=${tall - 2} rx="3" fill-opacity=${(0.12 + 0.43 * share).toFixed(3)} />` : nothing}
      ${cell > String(count).length * em * 0.62 ? svg`<text class="count ${count ? "" : "none"}" x=${x + cell / 2} y=${y + tall / 2 + (tall > 3 * em && count ? -0.05 : 0.35) * em}>${number(count)}</text>` : nothing}
      ${tall > 3 * em && cell > 3.4 * em && count ? svg`<text class="share" x=${x + cell / 2} y=${y + tall / 2 + 1.05 * em}>${Math.round(100 * share)} %</text>` : nothing}</g>`;
  }

  /** The most frequent mistake, in words. */
  #worst() {
    let worst = { count: 0 };
    this.counts.forEach((row, i) => row.forEach((count, j) => {
      if (i !== j && count > worst.count) worst = { count, is: this.classes[i], said: this.classes[j] };
    }));
    return worst.count ? `The most frequent mistake: ${worst.is} taken for ${worst.said}, ${worst.count === 1 ? "once" : `${number(worst.count)} times`}.` : "It made no mistake.";
  }
}

customElements.define("confusion-matrix", ConfusionMatrix);
