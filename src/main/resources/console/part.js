// What every part of the console is made of: a custom element that draws into the page itself, so that the styles of
// console.css hold in it, names reach over parts, and the page prints as it stands.
import { LitElement } from "lit";

export { css, html, nothing, svg } from "lit";

const adopted = new Set();

/** Styles that a part alone needs are adopted by the document, once. */
export class Part extends LitElement {
  static sheet = null;

  createRenderRoot() {
    const { sheet } = this.constructor;
    if (sheet && !adopted.has(sheet)) {
      adopted.add(sheet);
      document.adoptedStyleSheets.push(sheet.styleSheet);
    }
    return this;
  }

  /**
   * Runs what disables the button that began it. The focus comes back to that button, and where it is gone, to the page: who goes
   * by keyboard would else begin at its top again.
   */
  async keepFocus(action) {
    const held = document.activeElement;
    try {
      return await action();
    } finally {
      await this.updateComplete;
      if (this.isConnected && document.activeElement === document.body) {
        held.focus();
        if (document.activeElement === document.body) document.querySelector("main").focus({ preventScroll: true });
      }
    }
  }
}
