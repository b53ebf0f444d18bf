// A part of what is told of a version: it asks when it is seen, and says in place what is missing.
import { call, path } from "../api.js";
import { html, nothing, Part } from "../part.js";
import { Live } from "../live.js";
import "../parts/problem-note.js";

/** A call as a text that Live watches, and its answer. */
export function question({ method, path: own, body }) {
  return JSON.stringify({ method, own, body });
}

export function answer(text, signal) {
  const { method, own, body } = JSON.parse(text);
  return call(method, own, { body, signal });
}

/** Where a version is. */
export function placeOf({ model, version }) {
  return path`/v1/models/${model}/versions/${version}`;
}

export class Section extends Part {
  /** `version`: as the service tells it; `rows`: by which it is judged; `view`: what the address says. */
  static properties = { version: {}, rows: {}, view: {}, evaluation: {}, seen: { state: true } };

  constructor() {
    super();
    this.view = {};
    this.seen = false;
    this.asked = new Live(this, { once: true, read: answer });
  }

  connectedCallback() {
    super.connectedCallback();
    this.sight = new IntersectionObserver(([entry]) => {
      if (!entry.isIntersecting) return;
      this.sight.disconnect();
      this.seen = true;
    }, { rootMargin: "150px" });
    this.sight.observe(this);
  }

  disconnectedCallback() {
    super.disconnectedCallback();
    this.sight.disconnect();
  }

  /** What is asked: { title, method, path, body }; null: nothing. */
  get call() {
    return null;
  }

  willUpdate() {
    const own = this.call;
    this.asked.watch(this.seen && own ? question(own) : null);
  }

  /** The page shows the call to copy. */
  updated() {
    const own = this.call;
    const text = JSON.stringify(own);
    if (text === this.told) return;
    this.told = text;
    this.dispatchEvent(new CustomEvent("call", { bubbles: true, detail: { from: this.localName, call: own } }));
  }

  /** What was answered, drawn; or why not, or that it is on its way. */
  shown(draw, waiting = "It computes.") {
    const { data, problem } = this.asked;
    return html`${problem ? html`<problem-note again .problem=${problem}></problem-note>` : nothing}
      ${data ? draw(data) : problem || !this.call ? nothing : html`<p class="soft">${waiting}</p>`}`;
  }
}
