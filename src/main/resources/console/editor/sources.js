// What a text begins as: an example, a dataset, a stored model, or an older job. The address names it.
import { call, json, path, Problem, send } from "../api.js";
import { EXAMPLES, FIRST } from "./examples.js";
import { written } from "./json-text.js";

/** The names of sources in the address, of which the first that is there counts. */
const NAMES = ["job", "model", "train", "dataset", "example"];

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
    case "train": return training(value, signal);
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

/** A job that trains a stored model: as its newest one did, or a first one, of which only the caller knows the dataset. */
async function training(name, signal) {
  const [{ model: stored }, { jobs }, { datasets }] = await Promise.all([
    call("GET", path`/v1/models/${name}`, { signal }),
    call("GET", `/v1/jobs?page_size=20&model=${encodeURIComponent(name)}`, { signal }),
    call("GET", "/v1/datasets?page_size=1", { signal }),
  ]);
  const last = jobs.find(({ kind }) => kind === "training");
  if (last) return { kind: "job", text: written({ ...last.request, model: stored }), title: `The model ${name}, trained as in its newest job` };
  const model = withColumns(stored);
  const body = { model, dataset: { name: datasets[0]?.name ?? "data" }, ...(model.network.layers && { training: { loss: lossOf(model.network.layers), epochs: 100 } }) };
  return { kind: "job", text: written(body), title: `A first job for the model ${name}: name the dataset and the columns that it learns from` };
}

/** A model of bare tensors with columns to read them from: without, nothing can be learned. */
function withColumns({ network: { inputs, ...network }, ...model }) {
  if (!inputs) return { ...model, network };
  const columns = Object.entries(inputs).map(([name, { shape }]) => [name, { column: name, shape }]);
  return { ...model, inputs: Object.fromEntries(columns), targets: { y: { column: "y" } }, network };
}

/** What fits the last layer. */
function lossOf(layers) {
  return { softmax: "categorical_crossentropy", sigmoid: "binary_crossentropy" }[layers.at(-1)?.activation] || "mse";
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
