// A resource that a part shows, as it is now: asks again and again, at once after a change, and recovers by itself.
import { bus, json, key, send } from "./api.js";

/** What is shown of something that fails is asked again after this, twice as long after each failure. */
const FIRST_RETRY = 1_000;
const LAST_RETRY = 20_000;
const GONE = 10_000;
/** How old the words of a page may be that tell how long ago something was. */
const AGE = 15_000;

/** A controller of Lit: `data` is the last answer, `tag` its ETag, `problem` why there is no newer one. */
export class Live {
  /**
   * `every`: milliseconds between two answers, or a function of the data; 0: only after changes. `once`: it never changes, as
   * the numbers of a version on a version of a dataset, so an answer and a refusal stay until another key or path.
   */
  constructor(host, { every = 4_000, read, once = false } = {}) {
    this.host = host;
    this.every = once ? 0 : every;
    this.once = once;
    this.read = read || (async (path, signal) => {
      const answer = await send("GET", path, { signal });
      const data = await json(answer);
      this.tags.set(data, answer.headers.get("ETag"));
      return data;
    });
    this.tags = new WeakMap();
    this.tag = null;
    this.path = null;
    this.data = null;
    this.problem = null;
    this.retryAt = 0;
    this.drawnAt = 0;
    this.reload = () => this.#ask();
    host.addController(this);
  }

  /** Shows another resource; null: none. */
  watch(path) {
    if (path === this.path) return;
    this.path = path;
    this.data = null;
    this.problem = null;
    this.settled = "";
    this.text = undefined;
    this.failures = 0;
    if (this.connected) this.#ask();
  }

  /** The header of a change that is meant for what is shown, and for nothing newer. */
  get match() {
    return this.tag ? { "If-Match": this.tag } : {};
  }

  /** Asks nothing while what is shown is deleted, and goes on if that fails. */
  async leave(deleted) {
    this.connected = false;
    this.asking?.abort();
    try {
      return await deleted();
    } catch (problem) {
      this.connected = true;
      this.#ask();
      throw problem;
    }
  }

  hostConnected() {
    this.connected = true;
    for (const name of ["key", "changed"]) bus.addEventListener(name, this.reload);
    addEventListener("online", this.reload);
    this.seen = () => document.hidden || this.#ask();
    document.addEventListener("visibilitychange", this.seen);
    this.#ask();
  }

  hostDisconnected() {
    this.connected = false;
    for (const name of ["key", "changed"]) bus.removeEventListener(name, this.reload);
    removeEventListener("online", this.reload);
    document.removeEventListener("visibilitychange", this.seen);
    clearTimeout(this.timer);
    this.asking?.abort();
    this.asked = "";
  }

  async #ask() {
    clearTimeout(this.timer);
    const own = `${key()} ${this.path}`;
    if (this.once && (own === this.settled || own === this.asked)) return;
    this.asking?.abort();
    if (!this.path || !this.connected) return;
    this.asked = own;
    const asking = new AbortController();
    this.asking = asking;
    let wait;
    try {
      const data = await this.read(this.path, asking.signal);
      if (asking !== this.asking) return;
      this.settled = own;
      this.asked = "";
      this.failures = 0;
      this.tag = this.tags.get(data) || null;
      const text = JSON.stringify(data);
      const isSame = text === this.text && this.data !== null && !this.problem;
      if (!isSame) {
        this.text = text;
        this.data = data;
        this.problem = null;
      }
      if (!isSame || Date.now() > this.drawnAt + AGE) {
        this.drawnAt = Date.now();
        this.host.requestUpdate();
      }
      wait = typeof this.every === "function" ? this.every(data) : this.every;
    } catch (problem) {
      if (asking !== this.asking || problem.name === "AbortError") return;
      if (problem.status === undefined) throw problem;
      this.failures = (this.failures || 0) + 1;
      const backoff = Math.min(LAST_RETRY, FIRST_RETRY * 2 ** (this.failures - 1));
      this.asked = "";
      if (!problem.passes) this.settled = own;
      wait = problem.passes ? Math.max(backoff, problem.retryAfter * 1_000) : this.once ? 0 : GONE;
      this.problem = problem;
      this.retryAt = Date.now() + wait;
      if (problem.status === 404) this.data = null;
      this.host.requestUpdate();
    }
    if (wait && !document.hidden) this.timer = setTimeout(this.reload, wait);
  }
}
