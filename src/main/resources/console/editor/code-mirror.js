// CodeMirror with what the editor takes of it. Its style sheets come with it, so that no other page loads them.
import CodeMirror from "codemirror";
import "codemirror/mode/javascript/javascript.js";
import "codemirror/addon/edit/closebrackets.js";
import "codemirror/addon/edit/matchbrackets.js";
import "codemirror/addon/hint/show-hint.js";

const STYLES = ["lib/codemirror.css", "addon/hint/show-hint.css"];

let styled = null;

/** CodeMirror, once its styles are there. */
export async function codeMirror() {
  styled ||= Promise.all(STYLES.map(async (name) => {
    const answer = await fetch(new URL(`../lib/codemirror/${name}`, import.meta.url));
    if (!answer.ok) throw new Error(`There is no ${name}`);
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(await answer.text());
    return sheet;
  })).then((sheets) => {
    document.adoptedStyleSheets = [...sheets, ...document.adoptedStyleSheets]; // those of the console win
  });
  try {
    await styled;
  } catch (failure) {
    styled = null;
    throw failure;
  }
  return CodeMirror;
}
