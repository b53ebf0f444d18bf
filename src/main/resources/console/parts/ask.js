// Asks before something is done that others notice: what will be is said, and Escape means no.
import { css, html, Part } from "../part.js";

class AskDialog extends Part {
  static sheet = css`
    ask-dialog dialog { width: min(30rem, calc(100vw - 2rem)); padding: 1.4rem; border: 1px solid var(--line); border-radius: .9rem;
      background: var(--card); color: var(--ink); box-shadow: 0 1rem 3rem var(--shade); }
    ask-dialog dialog::backdrop { background: #0007; }
    ask-dialog form { display: grid; gap: 1rem; }`;

  static properties = { title: { attribute: false }, text: {}, button: {} };

  firstUpdated() {
    this.querySelector("dialog").showModal();
  }

  render() {
    return html`<dialog aria-labelledby="ask-title" aria-describedby="ask-text">
      <form method="dialog">
        <h2 id="ask-title">${this.title}</h2><p id="ask-text">${this.text}</p>
        <div class="row"><button class="main" value="yes">${this.button}</button><button value="no">Leave it as it is</button></div>
      </form></dialog>`;
  }
}

customElements.define("ask-dialog", AskDialog);

/** Whether the person says yes to { title, text, button }. */
export async function ask(question) {
  const asked = Object.assign(document.createElement("ask-dialog"), question);
  document.querySelector("console-app").append(asked);
  await asked.updateComplete;
  const dialog = asked.querySelector("dialog");
  await new Promise((done) => { dialog.onclose = done; });
  asked.remove();
  return dialog.returnValue === "yes";
}
