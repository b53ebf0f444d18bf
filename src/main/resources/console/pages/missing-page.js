// An address of the console at which there is nothing.
import { html, Part } from "../part.js";
import { to } from "../router.js";

class MissingPage extends Part {
  render() {
    return html`<div class="page"><h1>There is no such page</h1>
      <p class="lead">Perhaps the address was cut. <a href=${to("")}>Go to the start</a>.</p></div>`;
  }
}

customElements.define("missing-page", MissingPage);
