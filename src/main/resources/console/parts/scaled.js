// A drawing that knows its own width, in units that grow with the letters of the page.
import { Part } from "../part.js";

export class Scaled extends Part {
  static properties = { width: { state: true } };

  constructor() {
    super();
    this.width = 0;
  }

  connectedCallback() {
    super.connectedCallback();
    this.size = new ResizeObserver(() => this.#measure());
    this.size.observe(this);
  }

  /** At once: what is about to be printed has no later frame. */
  firstUpdated() {
    this.#measure();
  }

  #measure() {
    this.scale = parseFloat(getComputedStyle(document.documentElement).fontSize) / 16;
    this.width = this.clientWidth / this.scale;
  }

  disconnectedCallback() {
    super.disconnectedCallback();
    this.size.disconnect();
  }
}
