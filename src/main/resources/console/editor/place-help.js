// What stands at the caret: its pointer, what it means, and what may stand there.
import { css, html, nothing, Part } from "../part.js";

const VALUES = 16;

/** The types of a value, its bounds, and what it is if left out, in a line. */
export function facts({ types, bounds, fallback }) {
  return [types.join(" or "), ...bounds, fallback === undefined ? "" : `${JSON.stringify(fallback)} if left out`].filter(Boolean).join(" · ");
}

class PlaceHelp extends Part {
  static sheet = css`
    place-help { display: block; min-height: 3rem; font-size: .9rem; overflow-wrap: anywhere; }
    place-help code { color: var(--accent); }`;

  /** `place`: as `explain` tells it. */
  static properties = { place: {} };

  render() {
    const { place } = this;
    if (!place) return html`<p class="soft">Nothing is known about this place.</p>`;
    const { values } = place;
    const told = facts(place);
    return html`<p><code>${place.pointer}</code> ${told ? html`<span class="soft">${told}</span>` : nothing}</p>
      <p>${place.descriptions.slice(0, 2).join(" ")}</p>
      ${values.length > 1 ? html`<p class="soft">One of ${values.slice(0, VALUES).join(", ")}${values.length > VALUES ? `, and ${values.length - VALUES} more` : ""}.</p>` : nothing}`;
  }
}

customElements.define("place-help", PlaceHelp);
