// The state of a job: a sign and a word, so that no colour is needed to read it.
import { css, html, Part } from "../part.js";

const SIGNS = { queued: "◷", running: "▶", succeeded: "✓", failed: "✕", cancelled: "–" };

class StateMark extends Part {
  static sheet = css`
    state-mark { white-space: nowrap; font-weight: 550; color: var(--soft); }
    state-mark span { display: inline-block; min-width: 1.2em; }
    state-mark[state=running] { color: var(--accent); }
    state-mark[state=failed] { color: var(--bad); }
    state-mark[state=queued] { color: var(--warn); }`;

  static properties = { state: { reflect: true } };

  render() {
    return html`<span aria-hidden="true">${SIGNS[this.state] || "·"}</span>${this.state}`;
  }
}

customElements.define("state-mark", StateMark);
