// What may be written at the caret, and what stands there, by the schema.
import { caret, pointer, read, valueOf, written } from "./json-text.js";

/** A number, or the beginning of one. */
const NUMBER = /[-\d]/;
/** How a value of the type begins, and where the caret is in it then. */
const BEGINNINGS = { string: ['""', 1], object: ["{}", 1], array: ["[]", 1] };

/**
 * What may stand at an offset of a text: { from, to, options }, where an option { label, text, caret, detail, required, known }
 * replaces the text from `from` to `to`, and the caret is then at `caret` of it; `known` is what `explain` would say of it. Where
 * a comma is missing before it, behind what stands there, that is at the offset `comma`. Null: nothing is known there.
 */
export function complete(text, offset, schema) {
  const { root } = read(text);
  const here = caret(root, offset);
  if (!here) return null;
  const value = valueOf(root);
  return here.isKey ? keys(text, offset, schema, value, here) : values(text, offset, schema, value, here);
}

function keys(text, offset, schema, value, { path, part, member }) {
  const taken = new Set(part.members.filter((each) => each !== member).map((each) => each.key));
  const from = member ? member.from : offset;
  const to = !member ? offset : member.closed ? member.to : offset;
  const hasColon = member && member.colon >= 0;
  // What follows in the object needs a comma before it.
  const comma = !hasColon && /^\s*["[{\w]/.test(text.slice(to)) ? "," : "";
  const typed = text.slice(from, offset);
  const options = schema.members(value, path).filter(({ name }) => !taken.has(name)).map((known) => {
    const name = JSON.stringify(known.name);
    const [beginning, inside] = (!hasColon && known.types.length === 1 && BEGINNINGS[known.types[0]]) || ["", 0];
    const before = hasColon ? name : `${name}: `;
    return { label: known.name, text: before + beginning + comma, caret: before.length + inside, detail: known.descriptions[0] || "", required: known.required, known: { ...known, pointer: pointer([...path, known.name]) } };
  });
  options.sort((a, b) => Number(b.required) - Number(a.required));
  const last = part.members.findLast((each) => each !== member && each.end <= from);
  return { from, to, comma: missing(text, last?.end, from), options: fitting(options, typed) };
}

/** The offset at which a comma is missing between the end of what stands before and a place. */
function missing(text, end, from) {
  return end === undefined || text.slice(end, from).includes(",") ? undefined : end;
}

function values(text, offset, schema, value, { path, part, array }) {
  const from = part ? part.from : offset;
  // Who writes a number knows it: what is offered would take its place.
  if (part?.kind === "word" && NUMBER.test(text[from])) return null;
  const to = !part ? offset : part.closed === false ? offset : part.to;
  const i = path.at(-1);
  const next = array?.items[part ? i + 1 : i];
  const behind = next && missing(text, to, next.from) !== undefined ? ", " : "";
  const space = !part && text[offset - 1] === ":" ? " " : "";
  const isText = part?.kind === "string";
  const place = { ...schema.describe(value, path), pointer: pointer(path) };
  const options = schema.choices(value, path).filter((choice) => !isText || typeof choice.value !== "object").map(({ value: choice, type, description }) => {
    const whole = written(choice);
    const isOpen = typeof choice === "object";
    return { label: type ? `{ ${type} }` : isOpen ? whole : String(choice), text: space + whole + behind, caret: space.length + whole.length - (isOpen ? 1 : 0), detail: description || "", known: description ? { ...place, descriptions: [description] } : place };
  });
  return { from, to, comma: missing(text, array?.items[i - 1]?.to, from), options: fitting(options, text.slice(from, offset)) };
}

/** Those that have what is typed in them; first those that begin with it. */
function fitting(options, typed) {
  const part = typed.replace(/^"|"$/g, "").toLowerCase();
  const at = ({ label }) => label.replace("{ ", "").toLowerCase().indexOf(part);
  return options.filter((option) => at(option) >= 0).sort((a, b) => Math.min(1, at(a)) - Math.min(1, at(b)));
}

/** What stands at an offset: its pointer, and what the schema knows of it; null where it knows nothing. */
export function explain(text, offset, schema) {
  const { root } = read(text);
  const here = caret(root, offset);
  if (!here || here.isKey && !here.member) return null;
  const path = here.isKey ? [...here.path, here.member.key] : here.path;
  const known = schema.describe(valueOf(root), path);
  return known.descriptions.length || known.types.length ? { pointer: pointer(path), ...known } : null;
}
