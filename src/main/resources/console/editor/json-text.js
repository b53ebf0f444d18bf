// JSON as it is written: what each part is and where it stands, also while it is not whole yet.

/** Deeper text is not read, as the service reads none. */
export const DEEPEST = 64;
const FAULTS = 20;
/** Letters in a line that is written. */
const LINE = 88;
// JSON knows four kinds of space; one that does not break, as pages have it, is none.
const SPACE = /[ \t\r\n]*/y;
const WORD = /[^ \t\r\n,:[\]{}"]+/y;
// Many letters at once: one by one, a long text fills the stack.
const STRING = /"(?:[^"\\\n]+|\\.)*("?)/y;

/**
 * The parts of a text: `root`, or null, and `faults`, each { from, to, detail }. A part is { kind, from, to }: an object has
 * `members` of { key, from, to, colon, value, end }, an array has `items`, all others have a `value`. Deeper than `deepest` it is not read.
 */
export function read(text, deepest = DEEPEST) {
  const faults = [];
  let at = 0;

  const fault = (from, to, detail) => { if (faults.length < FAULTS) faults.push({ from, to, detail }); };
  const match = (pattern) => {
    pattern.lastIndex = at;
    const found = pattern.exec(text);
    if (found) at += found[0].length;
    return found;
  };
  const space = () => match(SPACE);

  function string() {
    const from = at;
    const [all, end] = match(STRING);
    let value = all.slice(1, end ? -1 : undefined);
    if (!end) fault(from, at, "The text has no closing quote");
    else {
      try { value = JSON.parse(all); } catch { fault(from, at, "A character needs a backslash, or a backslash is wrong"); }
    }
    return { kind: "string", from, to: at, value, closed: Boolean(end) };
  }

  function word() {
    const from = at;
    const [all] = match(WORD);
    try {
      return { kind: "word", from, to: at, value: JSON.parse(all) };
    } catch {
      fault(from, at, `${all.slice(0, 40)} is no value: texts stand in double quotes`);
      return { kind: "word", from, to: at, value: all };
    }
  }

  /** A name without its quotes. */
  function bare() {
    const from = at;
    const found = match(WORD);
    if (!found) return null;
    fault(from, at, "A name stands in double quotes");
    return { kind: "word", from, to: at, value: found[0] };
  }

  function value(depth) {
    const letter = text[at];
    if (letter === "{" || letter === "[") {
      if (depth < deepest) return letter === "{" ? object(depth) : array(depth);
      fault(at, at + 1, "It is nested too deeply");
      at = text.length;
      return null;
    }
    if (letter === '"') return string();
    return letter === undefined || ",:]}".includes(letter) ? null : word();
  }

  /** What an object and an array share: parts between commas, until it is closed. */
  function parts(close, part) {
    const from = at++;
    let comma = -1;
    let some = false;
    for (;;) {
      space();
      if (text[at] === close) {
        at++;
        if (comma >= 0) fault(comma, comma + 1, "A comma too many");
        return { from, to: at, closed: true };
      }
      if (at >= text.length) {
        fault(from, from + 1, `This ${text[from]} is never closed`);
        return { from, to: at, closed: false };
      }
      if (text[at] === ",") {
        if (comma >= 0 || !some) fault(at, at + 1, "A comma too many");
        comma = at++;
        continue;
      }
      if (some && comma < 0) fault(at, at + 1, "A comma is missing before this");
      const before = at;
      part();
      some = true;
      comma = -1;
      if (at === before) {
        fault(at, at + 1, `${text[at]} has no place here`);
        at++;
      }
    }
  }

  function object(depth) {
    const members = [];
    const keys = new Set();
    const place = parts("}", () => {
      const from = at;
      const key = text[at] === '"' ? string() : bare();
      if (!key) return;
      const member = { key: key.value, from, to: key.to, closed: key.closed !== false, colon: -1, value: null, end: key.to };
      members.push(member);
      if (keys.has(key.value)) fault(from, key.to, `There are two members "${key.value.slice(0, 40)}"`);
      keys.add(key.value);
      const after = at;
      space();
      if (text[at] !== ":") {
        at = after;
        fault(from, key.to, "A colon and a value are missing after this name");
        return;
      }
      member.colon = at++;
      space();
      member.value = value(depth + 1);
      member.end = at;
      if (!member.value) fault(member.colon, member.colon + 1, "A value is missing");
    });
    return { kind: "object", ...place, members };
  }

  function array(depth) {
    const items = [];
    const place = parts("]", () => {
      const item = value(depth + 1);
      if (item) items.push(item);
    });
    return { kind: "array", ...place, items };
  }

  space();
  const root = value(0);
  space();
  if (!root) fault(0, text.length, "An object is expected: { … }");
  else if (at < text.length) fault(at, text.length, "This stands behind the end");
  return { root, faults };
}

/** What a part says, without what is missing in it. */
export function valueOf(part) {
  if (!part) return undefined;
  if (part.kind === "array") return part.items.map(valueOf);
  if (part.kind !== "object") return part.value;
  const value = Object.create(null); // a member may have any name
  for (const member of part.members) if (member.value) value[member.key] = valueOf(member.value);
  return value;
}

/** The names in a JSON pointer (RFC 6901). */
export function names(pointer) {
  return pointer.split("/").slice(1).map((name) => name.replaceAll("~1", "/").replaceAll("~0", "~"));
}

export function pointer(path) {
  return path.map((name) => `/${String(name).replaceAll("~", "~0").replaceAll("/", "~1")}`).join("");
}

/** Where a pointer leads; where nothing is written there, the nearest part around it. */
export function locate(root, place) {
  let part = root;
  let found = root ? { from: root.from, to: root.from + 1 } : { from: 0, to: 0 };
  for (const name of names(place)) {
    if (part?.kind === "object") {
      const member = part.members.findLast((each) => each.key === name);
      if (!member) break;
      part = member.value;
      found = !part || part.kind === "object" || part.kind === "array" ? { from: member.from, to: member.to } : { from: part.from, to: part.to };
    } else if (part?.kind === "array") {
      const item = part.items[name];
      if (!item) break;
      part = item;
      found = { from: part.from, to: part.kind === "object" || part.kind === "array" ? part.from + 1 : part.to };
    } else break;
  }
  return found;
}

/**
 * What is written at an offset: `path` leads to it. `isKey`: a member's name, or the place for one in the object `part`;
 * else a value, `part`, or the place for one, in the array `array` where it stands in one. Null: neither.
 */
export function caret(root, offset) {
  if (!root) return null;
  const path = [];
  let part = root;
  for (;;) {
    const inside = (each) => each && offset > each.from && (offset < each.to || (offset === each.to && each.closed === false));
    if (part.kind === "array") {
      const i = part.items.findIndex((each) => offset <= each.to);
      const item = i < 0 ? null : part.items[i];
      path.push(i < 0 ? part.items.length : i);
      // Before an item is the place for another one.
      if (!item || offset <= item.from) return { path, isKey: false, part: null, array: part };
      if (item.kind !== "object" && item.kind !== "array") return { path, isKey: false, part: item, array: part };
      if (!inside(item)) return null;
      part = item;
    } else if (part.kind === "object") {
      if (!inside(part)) return null;
      const member = part.members.find((each) => offset > each.from && offset <= Math.max(each.to, each.end));
      if (!member) return { path, isKey: true, part, member: null };
      if (offset <= member.to || member.colon < 0 || offset <= member.colon) return { path, isKey: true, part, member };
      path.push(member.key);
      const { value } = member;
      if (!value || value.kind !== "object" && value.kind !== "array") {
        return { path, isKey: false, part: value && offset >= value.from ? value : null };
      }
      if (!inside(value)) return null;
      part = value;
    } else return { path, isKey: false, part };
  }
}

/** A value as a person writes it. */
export function written(value) {
  const text = JSON.stringify(value);
  return formatted(text, read(text, Infinity).root);
}

/** A text by its parts as a person writes it: what fits into a line stands in one. Each number, text and name stays as it is. */
export function formatted(text, part, indent = "", before = 0) {
  const flat = inOneLine(text, part);
  if (part.kind !== "object" && part.kind !== "array" || indent.length + before + flat.length <= LINE) return flat;
  const deeper = `${indent}  `;
  const [open, close] = part.kind === "array" ? "[]" : "{}";
  const inner = part.kind === "array" ? part.items.map((each) => formatted(text, each, deeper))
    : part.members.map(({ from, to, value }) => `${text.slice(from, to)}: ${formatted(text, value, deeper, to - from + 2)}`);
  return `${open}\n${inner.map((each) => deeper + each).join(",\n")}\n${indent}${close}`;
}

function inOneLine(text, part) {
  if (part.kind === "array") return `[${part.items.map((each) => inOneLine(text, each)).join(", ")}]`;
  if (part.kind !== "object") return text.slice(part.from, part.to);
  return `{${part.members.map(({ from, to, value }) => `${text.slice(from, to)}: ${inOneLine(text, value)}`).join(", ")}}`;
}
