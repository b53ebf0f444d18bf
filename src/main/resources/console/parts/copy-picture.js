// A button that copies a drawing of the page as SVG.
import { html, Part } from "../part.js";
import { pictureOf } from "./chart.js";

/** Gives the browser a file to keep. */
export function save(blob, name) {
  const address = URL.createObjectURL(blob);
  Object.assign(document.createElement("a"), { href: address, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(address), 10_000);
}

class CopyPicture extends Part {
  /** `drawing`: gives the element; `name`: of its file. */
  static properties = { drawing: { attribute: false }, name: {}, told: { state: true } };

  constructor() {
    super();
    this.told = "";
  }

  async #copy() {
    const text = pictureOf(this.drawing());
    try {
      await navigator.clipboard.writeText(text);
      this.told = "Copied";
    } catch {
      // Browsers give pages without HTTPS no clipboard: it is a file then.
      save(new Blob([text], { type: "image/svg+xml" }), `${this.name}.svg`);
      this.told = "Saved as a file";
    }
    setTimeout(() => { this.told = ""; }, 1_500);
  }

  render() {
    return html`<button class="plain" @click=${this.#copy}>${this.told || "Copy as SVG"}<span class="unseen"> ${this.name}</span></button>`;
  }
}

customElements.define("copy-picture", CopyPicture);
