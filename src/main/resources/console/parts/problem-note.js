// What went wrong, in the service's own words and where it matters, with the way on.
import { base } from "../api.js";
import { css, html, nothing, Part } from "../part.js";

/** Of a fault that many cells of a column have: how many, and where the first are. */
const cells = ({ count, examples = [] }) =>
  count ? html` <span class="soft">(${count} cells have this fault, the first at ${examples.join(", ")})</span>` : nothing;

class ProblemNote extends Part {
  static sheet = css`
    problem-note > div { display: grid; gap: .35rem; padding: .8rem 1rem; border-radius: var(--radius); background: var(--bad-tint);
      border: 1px solid var(--bad); overflow-wrap: anywhere; }
    problem-note > div.passes { background: var(--warn-tint); border-color: var(--warn); }
    problem-note ul { margin: 0; padding-left: 1.2rem; }`;

  static properties = { problem: {}, again: { type: Boolean } };

  constructor() {
    super();
    this.problem = null;
    /** Whether it is asked again by itself. */
    this.again = false;
  }

  render() {
    const { problem } = this;
    if (!problem) return nothing;
    const told = problem.errors?.slice(0, 20) || [];
    const shown = told.length === 1 && !told[0].pointer && told[0].detail === problem.message ? [] : told;
    return html`<div role=${problem.passes ? "status" : "alert"} class=${problem.passes ? "passes" : ""}>
      <p class="strong">${problem.title || "Something went wrong"}${problem.passes && this.again ? html` <span class="soft">· trying again</span>` : nothing}</p>
      <p>${problem.message}</p>
      ${shown.length ? html`<ul>${shown.map((error) => html`<li>${error.pointer ? html`<code>${error.pointer}</code> ` : nothing}${error.detail}${cells(error)}</li>`)}</ul>` : nothing}
      ${problem.status === 401 ? html`<p>Give a key that the service knows: the button is at the top of the page.</p>` : nothing}
      ${problem.help ? html`<p class="small"><a href=${base + problem.help.replace(base, "")}>What this means</a></p>` : nothing}
    </div>`;
  }
}

customElements.define("problem-note", ProblemNote);
