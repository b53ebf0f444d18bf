// What is wrong with a text and what is doubtful, each with the line at which it stands; a press leads there.
import { css, html, nothing, Part } from "../part.js";
import { count } from "../words.js";

const SHOWN = 50;

class FaultList extends Part {
  static sheet = css`
    fault-list { display: block; }
    fault-list ul { list-style: none; margin: .6rem 0 0; padding: 0; display: grid; gap: .3rem; }
    fault-list li { display: grid; grid-template-columns: 5rem minmax(0, 1fr); gap: .6rem; align-items: baseline; font-size: .92rem; overflow-wrap: anywhere; }
    fault-list li button { min-height: 0; padding: .1rem .4rem; font-size: .85rem; }
    fault-list .wrong { color: var(--bad); }
    fault-list .doubtful { color: var(--warn); }
    fault-list .right { color: var(--accent); }`;

  /** `faults`: each { line, from, detail, isWarning }. `state`: what is known of the text, in a word. */
  static properties = { faults: {}, state: {} };

  constructor() {
    super();
    this.faults = [];
    this.state = "asking";
  }

  get #verdict() {
    const wrong = this.faults.filter((fault) => !fault.isWarning).length;
    const doubtful = this.faults.length - wrong;
    const warnings = doubtful ? `, ${count(doubtful, "warning")}` : "";
    if (this.state === "unknown") return html`<span class="soft">It could not be checked</span>`;
    if (this.state === "asking") return html`<span class="soft">◷ Checking</span>`;
    if (wrong) return html`<span class="wrong">✕ ${count(wrong, "error")}${warnings}</span>`;
    return html`<span class=${doubtful ? "doubtful" : "right"}>✓ It is valid${warnings}</span>`;
  }

  render() {
    return html`<p class="strong" role="status">${this.#verdict}</p>
      ${this.faults.length ? html`<ul aria-label="Errors and warnings">${this.faults.slice(0, SHOWN).map((fault) => html`<li>
        <button @click=${() => this.dispatchEvent(new CustomEvent("lead", { detail: fault.from }))}>line ${fault.line}</button>
        <span><span class=${fault.isWarning ? "doubtful" : "wrong"}>${fault.isWarning ? "Warning: " : "Error: "}</span>${fault.detail}</span></li>`)}</ul>` : nothing}
      ${this.faults.length > SHOWN ? html`<p class="soft small">The first ${SHOWN} are shown.</p>` : nothing}`;
  }
}

customElements.define("fault-list", FaultList);
