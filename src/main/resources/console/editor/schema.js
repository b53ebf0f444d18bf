// A JSON Schema of the service, asked about one place of a value that is being written.

const TYPES = {
  object: (value) => typeof value === "object" && value !== null && !Array.isArray(value),
  array: Array.isArray,
  string: (value) => typeof value === "string",
  number: (value) => typeof value === "number",
  integer: Number.isInteger,
  boolean: (value) => typeof value === "boolean",
  null: (value) => value === null,
};
const list = (value) => (value === undefined ? [] : [value].flat());

export class Schema {
  constructor(root) {
    this.root = root;
  }

  /** All parts of the schema that hold for what stands, or may stand, at a path of a value. */
  at(value, path) {
    let forms = this.#open(this.root, value);
    let here = value;
    for (const name of path) {
      here = TYPES.object(here) || TYPES.array(here) ? here[name] : undefined;
      forms = forms.flatMap((form) => this.#below(form, name)).flatMap((form) => this.#open(form, here));
    }
    return forms;
  }

  #below(form, name) {
    if (typeof name === "number") return TYPES.object(form.items) ? [form.items] : [];
    if (form.properties && Object.hasOwn(form.properties, name)) return [form.properties[name]];
    return TYPES.object(form.additionalProperties) ? [form.additionalProperties] : [];
  }

  /** A form with all that it refers to and that holds for the value; of what is not written yet, all that may hold. */
  #open(form, value, depth = 0) {
    if (!TYPES.object(form) || depth > 20) return [];
    const inner = [];
    const open = (each) => inner.push(...this.#open(each, value, depth + 1));
    if (form.$ref) open(this.#named(form.$ref));
    list(form.allOf).forEach(open);
    // One of several: none of them is required.
    [...list(form.anyOf), ...list(form.oneOf)].forEach((each) => open({ ...each, required: undefined }));
    if (form.if) open(this.#holds(form.if, value) ? form.then : form.else);
    return [form, ...inner];
  }

  #named(reference) {
    return this.root.$defs?.[reference.replace("#/$defs/", "")];
  }

  /** Whether a condition holds, by the words of it that the service uses. */
  #holds(form, value) {
    if (value === undefined) return !form.required;
    if (form.type && !list(form.type).some((type) => TYPES[type](value))) return false;
    if (form.enum && !form.enum.includes(value)) return false;
    if (form.not && this.#holds(form.not, value)) return false;
    if (form.contains && TYPES.array(value) && !value.some((each) => this.#holds(form.contains, each))) return false;
    if (TYPES.object(value)) {
      if (list(form.required).some((name) => !(name in value))) return false;
      if (form.maxProperties !== undefined && Object.keys(value).length > form.maxProperties) return false;
      return Object.entries(form.properties || {}).every(([name, each]) => !(name in value) || this.#holds(each, value[name]));
    }
    return true;
  }

  /** The members that an object at a path may have: by name, what is known of each. */
  members(value, path) {
    const forms = this.at(value, path);
    const required = new Set(forms.filter((form) => !form.type || list(form.type).includes("object")).flatMap((form) => form.required || []));
    const found = new Map();
    for (const form of forms) {
      for (const name of Object.keys(form.properties || {})) {
        if (!found.has(name)) found.set(name, { name, ...this.describe(value, [...path, name]), required: required.has(name) });
      }
    }
    return [...found.values()];
  }

  /** Whether an object at a path may have members of any name. */
  isOpen(value, path) {
    return this.at(value, path).some((form) => TYPES.object(form.additionalProperties));
  }

  /** What may stand at a path: each { value }, with its type where that is an object of a type. */
  choices(value, path) {
    const forms = this.at(value, path);
    const values = new Set(forms.flatMap((form) => [...(form.enum || []), ...("const" in form ? [form.const] : [])]).filter((each) => each !== null));
    const types = this.#types(forms);
    if (types.has("boolean")) [true, false].forEach((each) => values.add(each));
    if (!values.size) forms.filter((form) => form.default !== undefined && !TYPES.object(form.default)).forEach((form) => values.add(form.default));
    const choices = [...values].map((each) => ({ value: each }));
    for (const form of forms) {
      for (const type of types.has("object") ? form.properties?.type?.enum || [] : []) {
        const object = { type };
        choices.push({ type, value: object, description: this.#descriptions(this.#open(form, object).slice(1))[0] || "" });
      }
    }
    if (!choices.some((choice) => TYPES.object(choice.value)) && types.has("object")) choices.push({ value: {} });
    if (types.has("array")) choices.push({ value: [] });
    return choices;
  }

  /** All types that may stand there. */
  #types(forms) {
    return new Set(forms.flatMap((form) => list(form.type)));
  }

  #descriptions(forms) {
    return [...new Set(forms.map((form) => form.description).filter(Boolean))];
  }

  /** What is known of a place: its descriptions, types, bounds, default and values. */
  describe(value, path) {
    const forms = this.at(value, path);
    const first = (word) => forms.find((form) => form[word] !== undefined)?.[word];
    const types = [...this.#types(forms)].filter((type) => type !== "null");
    const bounds = [
      ["minimum", "at least"], ["exclusiveMinimum", "above"], ["maximum", "at most"], ["exclusiveMaximum", "below"],
    ].filter(([word]) => first(word) !== undefined).map(([word, text]) => `${text} ${first(word)}`);
    return {
      descriptions: this.#descriptions(forms),
      types,
      bounds,
      fallback: first("default"),
      values: [...new Set(forms.flatMap((form) => form.enum || []))].filter((each) => each !== null),
    };
  }
}
