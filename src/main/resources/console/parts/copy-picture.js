// A button that copies a drawing of the page as SVG.
import { html, Part } from "../part.js";
import { pictureOf } from "./chart.js";

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
      const address = URL.createObjectURL(new Blob([text], { type: "image/svg+xml" }));
      Object.assign(document.createElement("a"), { href: address, download: `${this.name}.svg` }).click();
      setTimeout(() => URL.revokeObjectURL(address), 10_000);
      this.told = "Saved as a file";
    }
    setTimeout(() => { this.told = ""; }, 1_500);
  }

  render() {
    return html`<button class="plain" @click=${this.#copy}>${this.told || "Copy as SVG"}<span class="unseen"> ${this.name}</span></button>`;
  }
}

customElements.define("copy-picture", CopyPicture);
