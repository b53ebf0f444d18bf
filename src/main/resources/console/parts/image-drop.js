// An image as nested numbers: chosen or dropped, brought to the size of an input, and drawn as the version gets it.
import { css, html, nothing, Part } from "../part.js";
import { imageOf, WHITE } from "./pixel-picture.js";

/** The shares of red, green and blue in grey (ITU-R BT.601). */
const GREY = [0.299, 0.587, 0.114];

class ImageDrop extends Part {
  static sheet = css`
    image-drop .drop { display: flex; flex-wrap: wrap; gap: .6rem 1rem; align-items: center; padding: .7rem; border: 2px dashed var(--edge); border-radius: var(--radius); }
    image-drop .drop.over { border-color: var(--accent); background: var(--accent-tint); }
    image-drop .fault { color: var(--warn); font-weight: 550; }
    image-drop canvas { width: 9rem; max-width: 100%; }`;

  /** `value`: nested numbers of the `shape`, from 0 to `most`. */
  static properties = { name: { attribute: false }, shape: {}, value: {}, most: {}, over: { state: true }, fault: { state: true } };

  constructor() {
    super();
    this.most = WHITE;
    this.over = false;
    this.fault = "";
  }

  /** Without its proportions, as the service resizes the images of a dataset. */
  async #take(file) {
    if (!file) return;
    const { height, width, channels, isFirst } = imageOf(this.shape);
    let picture;
    try {
      picture = await createImageBitmap(file);
    } catch {
      this.fault = `${file.name} is no image that this browser can read.`;
      return;
    }
    this.fault = "";
    const context = new OffscreenCanvas(width, height).getContext("2d");
    context.imageSmoothingQuality = "high";
    context.drawImage(picture, 0, 0, width, height);
    picture.close();
    const { data } = context.getImageData(0, 0, width, height);
    const pixel = (row, column, channel) => {
      const at = 4 * (row * width + column);
      const value = channels === 1 ? Math.round(GREY.reduce((sum, share, i) => sum + share * data[at + i], 0)) : data[at + channel];
      return this.most > 1 ? value : Number((value / WHITE).toFixed(4));
    };
    const nested = Array.from({ length: this.shape[0] }, (_, i) => Array.from({ length: this.shape[1] }, (__, j) => Array.from({ length: this.shape[2] }, (___, k) => (isFirst ? pixel(j, k, i) : pixel(i, j, k)))));
    this.dispatchEvent(new CustomEvent("image", { detail: nested }));
  }

  render() {
    const { height, width, channels } = imageOf(this.shape);
    return html`<div class="drop ${this.over ? "over" : ""}" @dragover=${(event) => { event.preventDefault(); this.over = true; }} @dragleave=${() => { this.over = false; }}
        @drop=${(event) => { event.preventDefault(); this.over = false; this.#take(event.dataTransfer.files[0]); }}>
      <pixel-picture .label=${`${this.name}, as the version gets it`} .shape=${this.shape} .value=${this.value} .most=${this.most}></pixel-picture>
      <div class="stack"><input class="unseen" type="file" accept="image/*" tabindex="-1" aria-hidden="true" @change=${(event) => { this.#take(event.target.files[0]); event.target.value = ""; }}>
        <button @click=${() => this.querySelector("input").click()}>Choose an image</button>
        <span class="soft small">or drop one here. It is brought to ${width} × ${height} pixels${channels === 1 ? ", in grey" : ""}.</span></div></div>
      ${this.fault ? html`<span class="fault small" role="status">${this.fault}</span>` : nothing}`;
  }
}

customElements.define("image-drop", ImageDrop);
