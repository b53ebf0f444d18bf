// Checks a text that is being written: after a pause, and no longer when there is a newer text. What is JSON is checked by the
// service.
import { bus, call } from "../api.js";
import { locate, read } from "./json-text.js";
import { KINDS } from "./kinds.js";

/** Milliseconds after the last letter until it is checked. */
const PAUSE = 300;
/** Until it is said that it is no JSON: in the middle of a word it seldom is. */
const LONG_PAUSE = 900;
const RETRY = 2_000;

/**
 * A controller of Lit. `result` is { text, faults }, the last text that was checked and its faults, each { pointer, from, to,
 * line, detail, isWarning }; `drawn` what the service said last of a text that had a net, `isOld` whether that is an earlier
 * text; `problem` why it said nothing newer, and `isAsking` whether something is to come.
 */
export class Validation {
  constructor(host) {
    this.host = host;
    this.again = () => this.text !== undefined && this.#soon(0);
    this.forget();
    host.addController(this);
  }

  hostConnected() {
    for (const name of ["key", "changed"]) bus.addEventListener(name, this.again);
  }

  hostDisconnected() {
    for (const name of ["key", "changed"]) bus.removeEventListener(name, this.again);
    this.#stop();
  }

  check(kind, text) {
    this.kind = kind;
    this.text = text;
    this.#soon(read(text, KINDS[kind].deepest).faults.length ? LONG_PAUSE : PAUSE);
  }

  /** What was known of another text. */
  forget() {
    this.#stop();
    this.text = undefined;
    this.result = { text: null, faults: [] };
    this.drawn = null;
    this.isOld = false;
    this.problem = null;
  }

  #stop() {
    clearTimeout(this.timer);
    this.asking?.abort();
    this.asking = null;
    this.isAsking = false;
  }

  #soon(wait) {
    this.#stop();
    this.isAsking = true;
    this.timer = setTimeout(() => this.#ask(), wait);
  }

  async #ask() {
    const { kind, text } = this;
    const { root, faults } = read(text, KINDS[kind].deepest);
    if (faults.length) {
      // The others may follow from the first.
      this.isOld = true;
      this.#tell(text, [{ pointer: null, ...faults[0], isWarning: false }]);
      return;
    }
    const { check, spot } = KINDS[kind];
    const asking = new AbortController();
    this.asking = asking;
    try {
      const answer = await call("POST", "/v1/models:validate?graph=true", { body: check(text), type: "application/json", signal: asking.signal });
      if (asking !== this.asking) return;
      const place = (isWarning) => ({ pointer, detail }) => ({ pointer, detail, isWarning, ...locate(root, pointer.startsWith(spot) ? pointer.slice(spot.length) : "") });
      // A text without an error may have no net that is known yet.
      if (answer.graph || answer.valid) this.drawn = answer.graph ? answer : null;
      this.isOld = !answer.graph;
      this.#tell(text, [...answer.errors.map(place(false)), ...answer.warnings.map(place(true))]);
    } catch (problem) {
      if (asking !== this.asking || problem.name === "AbortError") return;
      if (problem.status === undefined) throw problem;
      this.asking = null;
      this.problem = problem;
      this.isAsking = problem.passes;
      this.host.requestUpdate();
      if (problem.passes) this.timer = setTimeout(() => this.#ask(), Math.max(RETRY, problem.retryAfter * 1_000));
    }
  }

  #tell(text, faults) {
    this.asking = null;
    this.isAsking = false;
    this.problem = null;
    const line = (offset) => text.slice(0, offset).split("\n").length;
    this.result = { text, faults: faults.map((fault) => ({ ...fault, line: line(fault.from) })).sort((a, b) => a.from - b.from) };
    this.host.requestUpdate();
  }
}
