// The text that is edited: completion and an explanation by the schema, and each fault at its line.
import { css, html, Part } from "../part.js";
import { codeMirror } from "./code-mirror.js";
import { complete, explain } from "./completion.js";
import { formatted, read } from "./json-text.js";
import { facts } from "./place-help.js";

const RETRY = 2_000;
/** Milliseconds after the last move of the mouse until what is below it is explained. */
const REST = 250;
/** Letters that a line which goes on is indented by at most; a phone has no room for more. */
const INDENT = 16;
/** Completion shows itself behind these. */
const STARTS = /["A-Za-z_]$/;
/** Of a text with more lines, only those near the view are drawn, and the browser's search finds no others. */
const LINES = 2_000;
/** Lines around the view, as CodeMirror has them. */
const MARGIN = 10;

class SpecText extends Part {
  static sheet = css`
    spec-text { display: block; position: relative; min-width: 0; }
    spec-text .CodeMirror { isolation: isolate; height: min(66vh, 46rem); min-height: 18rem; font-family: var(--mono); font-size: .86rem; line-height: 1.5;
      color: var(--ink); background: var(--card); border-radius: var(--radius); }
    spec-text .CodeMirror-focused { outline: 2px solid var(--accent); outline-offset: 1px; }
    spec-text .CodeMirror-code:focus-visible { outline: none; }
    spec-text .CodeMirror-gutters { background: var(--card); border-color: var(--line); }
    spec-text .CodeMirror-linenumber { color: var(--soft); }
    spec-text .CodeMirror-cursor { border-color: var(--ink); }
    spec-text .CodeMirror-selected, spec-text .CodeMirror-focused .CodeMirror-selected { background: var(--accent-tint); }
    spec-text .CodeMirror .CodeMirror-matchingbracket { color: var(--accent); font-weight: 700; }
    spec-text .cm-string.cm-property { color: var(--ink); }
    spec-text .cm-string { color: var(--accent); }
    spec-text .cm-number, spec-text .cm-atom, spec-text .cm-keyword { color: var(--series-1); }
    spec-text .CodeMirror-code .cm-variable, spec-text .cm-error { color: var(--bad); }
    spec-text .wrong { text-decoration: underline wavy var(--bad); text-underline-offset: .2em; }
    spec-text .doubtful { text-decoration: underline wavy var(--warn); text-underline-offset: .2em; }
    spec-text .said { list-style: none; margin: .1rem .5rem .25rem .3rem; padding: .2rem .6rem; border-left: 3px solid var(--bad); background: var(--bad-tint);
      color: var(--ink); font-family: system-ui, sans-serif; font-size: .85rem; line-height: 1.4; white-space: normal; overflow-wrap: anywhere; }
    spec-text .said li + li { margin-top: .2rem; }
    spec-text .said.doubts { border-color: var(--warn); background: var(--warn-tint); }
    spec-text .faults-gutter { width: 1.1rem; }
    spec-text .sign { color: var(--bad); font-weight: 700; padding-left: .25rem; }
    spec-text .sign.doubts { color: var(--warn); }
    spec-text .hover { position: absolute; z-index: 4; max-width: min(26rem, 90%); padding: .5rem .7rem; border: 1px solid var(--line); border-radius: .5rem;
      background: var(--card); box-shadow: 0 .4rem 1.2rem var(--shade); font-size: .88rem; pointer-events: none; overflow-wrap: anywhere; }
    spec-text .CodeMirror-hints { max-width: min(34rem, 92vw); padding: .25rem; border-color: var(--line); border-radius: .5rem; background: var(--card);
      box-shadow: 0 .4rem 1.2rem var(--shade); font-family: inherit; font-size: .88rem; }
    spec-text .CodeMirror-hint { display: flex; gap: .8rem; padding: .25rem .5rem; border-radius: .35rem; color: var(--ink); white-space: normal; }
    spec-text .CodeMirror-hint b { font-family: var(--mono); font-weight: 600; white-space: nowrap; }
    spec-text .CodeMirror-hint span { color: var(--soft); overflow: hidden; text-overflow: ellipsis; white-space: nowrap; min-width: 0; }
    spec-text li.CodeMirror-hint-active { background: var(--accent-tint); color: var(--ink); }
    @media (max-width: 40rem) { spec-text .CodeMirror { height: 60vh; } }`;

  /** `faults`: each { from, to, detail, isWarning }, offsets in the text. */
  static properties = { text: {}, schema: {}, faults: {}, label: {} };

  constructor() {
    super();
    this.text = "";
    this.schema = null;
    this.faults = [];
    this.label = "";
    this.shown = [];
  }

  render() {
    return html`<div class="text"></div><div class="hover" role="tooltip" hidden></div>`;
  }

  firstUpdated() {
    this.#build();
  }

  disconnectedCallback() {
    super.disconnectedCallback();
    clearTimeout(this.waiting);
    clearTimeout(this.building);
  }

  updated(changes) {
    if (!this.editor) return;
    if (changes.has("text") && this.text !== this.editor.getValue()) {
      this.editor.setOption("viewportMargin", marginOf(this.text));
      this.editor.setValue(this.text);
      this.editor.clearHistory();
    }
    if (changes.has("faults")) this.#say();
    if (changes.has("schema")) this.#tellPlace();
  }

  async #build() {
    let library;
    try {
      library = await codeMirror();
    } catch {
      if (this.isConnected) this.building = setTimeout(() => this.#build(), RETRY);
      return;
    }
    if (!this.isConnected) return;
    this.editor = library(this.querySelector(".text"), {
      value: this.text,
      mode: { name: "javascript", json: true },
      theme: "yard",
      inputStyle: "contenteditable", // the text itself, so that screen readers read it
      screenReaderLabel: this.label,
      lineNumbers: true,
      lineWrapping: true,
      matchBrackets: true,
      autoCloseBrackets: true,
      tabSize: 2,
      viewportMargin: marginOf(this.text),
      gutters: ["CodeMirror-linenumbers", "faults-gutter"],
      extraKeys: this.#keys(false),
      hintOptions: { hint: () => this.#hints(library), completeSingle: false, container: this, closeCharacters: /[\s{}[\]:,]/ },
    });
    const field = this.editor.getInputField();
    field.setAttribute("role", "textbox");
    field.setAttribute("aria-multiline", "true");
    field.setAttribute("aria-describedby", "editor-keys");
    this.editor.on("change", (_, change) => {
      this.text = this.editor.getValue();
      if (change.origin !== "setValue") this.dispatchEvent(new CustomEvent("typed", { detail: this.text }));
    });
    this.editor.on("inputRead", (editor, { text }) => {
      if (!editor.state.completionActive && STARTS.test(text.join("\n"))) editor.showHint();
    });
    this.editor.on("renderLine", (editor, { text }, drawn) => this.#indent(editor, text, drawn));
    this.editor.refresh();
    this.editor.on("cursorActivity", () => this.#tellPlace());
    this.editor.on("keydown", (editor, event) => {
      if (!["Escape", "Tab", "Shift"].includes(event.key)) editor.setOption("extraKeys", this.#keys(false));
    });
    this.editor.on("blur", (editor) => editor.setOption("extraKeys", this.#keys(false)));
    const { scroller } = this.editor.display;
    scroller.addEventListener("mousemove", (event) => this.#hover(event));
    scroller.addEventListener("mouseleave", () => this.#hover(null));
    this.#say();
    this.#tellPlace();
  }

  /** What goes on below its line begins where the line does. */
  #indent(editor, text, drawn) {
    const indent = Math.min(INDENT, text.search(/\S|$/) + 2) * editor.defaultCharWidth();
    drawn.style.textIndent = `-${indent}px`;
    drawn.style.paddingLeft = `${indent + 4}px`;
  }

  /** Tab belongs to the text; behind Escape it leads out of it. */
  #keys(leaves) {
    // The draft is kept anyway, and the key that marks a page or adds a caret elsewhere deletes no line here.
    const always = { "Ctrl-S": () => {}, "Cmd-S": () => {}, "Ctrl-D": false, "Cmd-D": false, "Shift-Alt-F": () => this.format(), F8: () => this.#next(), "Shift-F8": () => this.#next(true) };
    return leaves ? { ...always, Tab: false, "Shift-Tab": false }
      : {
        ...always,
        Tab: (editor) => (editor.somethingSelected() ? editor.indentSelection("add") : editor.replaceSelection("  ", "end")),
        "Shift-Tab": (editor) => editor.indentSelection("subtract"),
        Esc: (editor) => editor.setOption("extraKeys", this.#keys(true)),
        "Ctrl-Space": (editor) => editor.showHint(),
      };
  }

  #hints(library) {
    const { editor } = this;
    const found = this.schema && complete(editor.getValue(), editor.indexFromPos(editor.getCursor()), this.schema);
    if (!found) return null;
    const hints = {
      from: editor.posFromIndex(found.from),
      to: editor.posFromIndex(found.to),
      list: found.options.map((option) => ({
        render(item) {
          const [name, detail] = [document.createElement("b"), document.createElement("span")];
          name.textContent = option.label;
          detail.textContent = option.required ? `required · ${option.detail}` : option.detail;
          item.append(name, detail);
        },
        known: option.known,
        hint() {
          editor.replaceRange(option.text, editor.posFromIndex(found.from), editor.posFromIndex(found.to), "complete");
          editor.setCursor(editor.posFromIndex(found.from + option.caret));
          if (found.comma !== undefined) editor.replaceRange(",", editor.posFromIndex(found.comma), undefined, "complete");
          // Where a value is still to be written, it is offered next.
          if (/: (""|)$|\{"type": ""\}$/.test(editor.getRange(library.Pos(editor.getCursor().line, 0), editor.getCursor()))) setTimeout(() => editor.showHint());
        },
      })),
    };
    library.on(hints, "shown", () => editor.state.completionActive.widget.hints.setAttribute("aria-label", "What may stand here"));
    // The whole of what the list has room for a line of.
    library.on(hints, "select", ({ known }) => this.#tell(known));
    library.on(hints, "close", () => this.#tellPlace());
    return hints;
  }

  #at(index) {
    return this.schema ? explain(this.editor.getValue(), index, this.schema) : null;
  }

  #tellPlace() {
    this.#tell(this.#at(this.editor.indexFromPos(this.editor.getCursor())));
  }

  #tell(place) {
    this.dispatchEvent(new CustomEvent("place", { detail: place }));
  }

  /** What stands under the mouse, once it rests. */
  #hover(event) {
    clearTimeout(this.waiting);
    const box = this.querySelector(".hover");
    box.hidden = true;
    if (!event || event.buttons) return;
    const { clientX: left, clientY: top } = event;
    this.waiting = setTimeout(() => {
      const place = this.editor.coordsChar({ left, top }, "window");
      const coords = this.editor.charCoords(place, "window");
      if (place.outside || top > coords.bottom || Math.abs(left - coords.left) > 12) return;
      const known = this.#at(this.editor.indexFromPos(place));
      if (!known?.descriptions.length) return;
      box.replaceChildren(...[known.descriptions.slice(0, 2).join(" "), facts(known)].filter(Boolean).map((text, i) => Object.assign(document.createElement("p"), { textContent: text, className: i ? "soft" : "" })));
      box.hidden = false;
      const own = this.getBoundingClientRect();
      box.style.top = `${coords.bottom - own.top + 6}px`;
      box.style.left = `${Math.max(0, Math.min(left - own.left, own.width - box.offsetWidth - 8))}px`;
    }, REST);
  }

  /** Shows each fault at its line; several at one line stand below each other. */
  #say() {
    const { editor } = this;
    editor.operation(() => {
      this.shown.forEach((each) => each.clear());
      this.shown = [];
      editor.clearGutter("faults-gutter");
      const lines = new Map();
      for (const fault of this.faults) {
        const from = editor.posFromIndex(fault.from);
        const to = editor.posFromIndex(fault.to);
        this.shown.push(editor.markText(from, to, { className: fault.isWarning ? "doubtful" : "wrong" }));
        if (!lines.has(from.line)) lines.set(from.line, []);
        lines.get(from.line).push(fault);
      }
      for (const [line, faults] of lines) {
        const doubts = faults.every((fault) => fault.isWarning) ? " doubts" : "";
        const list = document.createElement("ul");
        list.className = `said${doubts}`;
        list.append(...faults.map((fault) => Object.assign(document.createElement("li"), { textContent: fault.detail })));
        this.shown.push(editor.addLineWidget(line, list, { noHScroll: true }));
        const sign = Object.assign(document.createElement("div"), { className: `sign${doubts}`, textContent: faults.length > 1 ? String(faults.length) : "!" });
        editor.setGutterMarker(line, "faults-gutter", sign);
      }
    });
  }

  /** Lays the text out again. What is no JSON stays, and the caret stands where it is wrong. */
  format() {
    if (!this.editor) return;
    const { editor } = this;
    const text = editor.getValue();
    const { root, faults } = read(text);
    if (faults.length) {
      this.lead(faults[0].from);
      return;
    }
    const laid = formatted(text, root);
    if (laid === text) return;
    const caret = alike(text, editor.indexFromPos(editor.getCursor()), laid);
    editor.replaceRange(laid, { line: 0, ch: 0 }, editor.posFromIndex(text.length), "format");
    editor.setCursor(editor.posFromIndex(caret));
  }

  /** Leads to the fault behind the caret, or before it; from the last to the first. */
  #next(back = false) {
    const at = this.editor.indexFromPos(this.editor.getCursor());
    const places = this.faults.map(({ from }) => from).sort((a, b) => a - b);
    const found = back ? places.findLast((from) => from < at) ?? places.at(-1) : places.find((from) => from > at) ?? places[0];
    if (found !== undefined) this.lead(found);
  }

  /** Sets the caret at a place in the text and shows it, without the focus. */
  show(offset) {
    if (!this.editor) return;
    const place = this.editor.posFromIndex(offset);
    this.editor.setCursor(place, undefined, { scroll: false });
    const height = this.editor.getScrollInfo().clientHeight;
    this.editor.scrollTo(null, this.editor.heightAtLine(place.line, "local") - height / 3);
  }

  /** Leads to a place in the text. */
  lead(offset) {
    if (!this.editor) return;
    const place = this.editor.posFromIndex(offset);
    this.editor.focus();
    this.editor.setCursor(place);
    this.editor.scrollIntoView(place, 120);
  }
}

/** Where the letter at a place of one text stands in another that differs from it in spaces alone. */
function alike(text, place, other) {
  let letters = text.slice(0, place).replace(/\s/g, "").length;
  let at = 0;
  while (letters > 0) if (/\S/.test(other[at++])) letters--;
  return at;
}

function marginOf(text) {
  return text.split("\n", LINES + 1).length > LINES ? MARGIN : Infinity;
}

customElements.define("spec-text", SpecText);
