// What stands at the caret: its pointer, what it means, and what may stand there.
import { css, html, nothing, Part } from "../part.js";

const VALUES = 16;

class PlaceHelp extends Part {
  static sheet = css`
    place-help { display: block; min-height: 3rem; font-size: .9rem; overflow-wrap: anywhere; }
    place-help code { color: var(--accent); }`;

  /** `place`: as `explain` tells it. */
  static properties = { place: {} };

  render() {
    const { place } = this;
    if (!place) return html`<p class="soft">Nothing is known about this place.</p>`;
    const { values, fallback } = place;
    const facts = [
      place.types.join(" or "), ...place.bounds,
      fallback === undefined ? "" : `${JSON.stringify(fallback)} if left out`,
    ].filter(Boolean);
    return html`<p><code>${place.pointer}</code> ${facts.length ? html`<span class="soft">${facts.join(" · ")}</span>` : nothing}</p>
      <p>${place.descriptions.slice(0, 2).join(" ")}</p>
      ${values.length > 1 ? html`<p class="soft">One of ${values.slice(0, VALUES).join(", ")}${values.length > VALUES ? `, and ${values.length - VALUES} more` : ""}.</p>` : nothing}`;
  }
}

customElements.define("place-help", PlaceHelp);
