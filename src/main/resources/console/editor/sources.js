// What a text begins as: an example, a dataset, a stored model, or an older job. The address names it.
import { call, json, path, Problem, send } from "../api.js";
import { EXAMPLES, FIRST } from "./examples.js";
import { written } from "./json-text.js";

/** The names of sources in the address, of which the first that is there counts. */
const NAMES = ["job", "model", "dataset", "example"];

/** Names the source that an address asks for, "" for the first example. */
export function sourceOf(query) {
  const name = NAMES.find((each) => query[each]);
  return name ? `${name}=${query[name]}` : "";
}

/**
 * What a source holds: { kind, text, title, rows?, dataset?, tag? }. `rows` makes the rows of `dataset`, which no sample is;
 * `tag` is what a stored model was when it was read.
 */
export async function load(source, signal) {
  const [name, ...rest] = source.split("=");
  const value = rest.join("=");
  switch (name) {
    case "job": return job(value, signal);
    case "model": return model(value, signal);
    case "dataset": return dataset(value, signal);
    default: return example(value || FIRST);
  }
}

function example(name) {
  if (!Object.hasOwn(EXAMPLES, name)) {
    throw new Problem(404, { title: `There is no example '${name}'`, detail: `There are ${Object.keys(EXAMPLES).join(", ")}.` });
  }
  const known = EXAMPLES[name];
  return { kind: known.kind, text: written(known.body), title: known.title, rows: known.rows, dataset: known.body.dataset?.name };
}

/** The request of a job with the model that it trained written out. */
async function job(id, signal) {
  const own = path`/v1/jobs/${id}`;
  const [{ request }, { model: name, spec }] = await Promise.all([call("GET", own, { signal }), call("GET", `${own}/spec`, { signal })]);
  return { kind: "job", text: written({ ...request, model: spec }), title: `A job of ${name}, with changes` };
}

async function model(name, signal) {
  const answer = await send("GET", path`/v1/models/${name}`, { signal });
  return { kind: "model", text: written((await json(answer)).model), title: `The model ${name}`, tag: answer.headers.get("ETag") };
}

/** A recipe for a dataset: tables often have their target in the last column. */
async function dataset(name, signal) {
  const { columns } = await call("GET", path`/v1/datasets/${name}`, { signal });
  const target = columns.at(-1).name;
  const plain = /^[A-Za-z_][A-Za-z0-9_]{0,63}$/.test(target) ? target : "y";
  const body = {
    model: { name: `${name}-model`.slice(0, 63), targets: { [plain]: { column: target } }, network: { recipe: "auto" } },
    dataset: { name },
  };
  return { kind: "job", text: written(body), title: `The dataset ${name}: a recipe that predicts its last column, ${target}` };
}
