// Whose key is used: says it, asks for one where the service needs one, and forgets it.
import { call, key, setKey } from "../api.js";
import { css, html, nothing, Part } from "../part.js";
import { beginLogin, endLogin } from "../login.js";

class KeyForm extends Part {
  static sheet = css`
    key-form > button { display: block; max-width: 14rem; }
    @media (max-width: 40rem) { key-form > button { max-width: 3.6rem; } }
    key-form dialog { width: min(30rem, calc(100vw - 2rem)); padding: 1.4rem; border: 1px solid var(--line); border-radius: .9rem;
      background: var(--card); color: var(--ink); box-shadow: 0 1rem 3rem var(--shade); }
    key-form dialog::backdrop { background: #0007; }
    key-form form { display: grid; gap: .9rem; }
    key-form input { width: 100%; }
    key-form .wrong { color: var(--bad); }`;

  static properties = { me: {}, asked: {}, wrong: { state: true } };

  constructor() {
    super();
    this.me = null;
    this.asked = false;
    this.wrong = "";
  }

  connectedCallback() {
    super.connectedCallback();
    endLogin().catch((failure) => {
      this.wrong = failure.message;
      this.#open();
    });
  }

  updated() {
    // Once: a person who closes it may want to look around.
    if (this.asked && this.me && !this.me.caller && !this.opened) this.#open();
  }

  async #open() {
    this.opened = true;
    await this.updateComplete;
    const dialog = this.querySelector("dialog");
    if (!dialog.open) dialog.showModal();
  }

  async #submit(event) {
    event.preventDefault();
    const text = this.querySelector("input").value.trim();
    try {
      await call("GET", "/v1/me", { headers: { Authorization: `Bearer ${text}` } });
    } catch (problem) {
      this.wrong = problem.status === 401 ? "The service does not know this key. Perhaps it was revoked, or a part is missing." : problem.message;
      return;
    }
    this.wrong = "";
    setKey(text);
    this.querySelector("dialog").close();
  }

  async #login() {
    try {
      await beginLogin(this.me.oidc);
    } catch (failure) {
      this.wrong = failure.message;
    }
  }

  /** What was typed is for the session storage alone. */
  #closed() {
    this.querySelector("form").reset();
    this.wrong = "";
  }

  #forget() {
    setKey("");
    this.querySelector("dialog").close();
  }

  render() {
    const open = this.me?.caller === "anonymous";
    const name = this.me?.caller || "Key";
    return html`
      ${open || !this.asked ? nothing : html`<button class="plain cut" title="The key that this tab uses" @click=${this.#open}>${name}</button>`}
      <dialog aria-labelledby="key-title" @close=${this.#closed}>
        <form @submit=${this.#submit}>
          <h2 id="key-title">${this.me?.caller ? `You are ${this.me.caller}` : "This service needs a key"}</h2>
          <p class="soft small">The console calls the service with your own key, and may do what the key may do. It stays in this tab and is
            gone when you close it.${this.me?.scopes ? html` Its scopes: ${this.me.scopes.join(", ")}.` : nothing}</p>
          <label>Key <input type="password" autocomplete="off" required spellcheck="false" aria-invalid=${this.wrong ? "true" : nothing}></label>
          ${this.wrong ? html`<p class="wrong small" role="alert">${this.wrong}</p>` : nothing}
          <div class="row">
            <button class="main">Use this key</button>
            ${this.me?.oidc ? html`<button type="button" @click=${this.#login}>Log in</button>` : nothing}
            ${key() ? html`<button type="button" class="danger" @click=${this.#forget}>Forget the key</button>` : nothing}
            <button type="button" class="plain" @click=${(event) => event.target.closest("dialog").close()}>Close</button>
          </div>
        </form>
      </dialog>`;
  }
}

customElements.define("key-form", KeyForm);
