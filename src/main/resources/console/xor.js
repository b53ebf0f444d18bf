// The first lesson: a net of two inputs and four hidden units learns the exclusive OR. What it was after a number of epochs
// is what the same job with the same seed publishes when it ends there; the versions between are deleted again.
import { call, path } from "./api.js";

export const EPOCHS = [1, 3, 6, 9, 12, 16, 20, 25, 30, 36, 44, 54, 70, 100, 160, 300];
/** Points along a side of the square that is predicted, and how far it reaches beyond the four rows. */
export const SIDE = 25;
export const MARGIN = 0.25;
/** What it is taught, as places in the plane of both inputs. */
export const ROWS = [[0, 0], [0, 1], [1, 0], [1, 1]].map(([x, y]) => ({ x, y, is: (x ^ y) === 1 }));
const KEPT = "trainyard.lesson";
const LEFT = "trainyard.lesson.left";

export function job(epochs) {
  return {
    model: {
      name: "xor-lesson", // a caller may have a model of the plain name
      inputs: { gate: { columns: ["x1", "x2"] } },
      targets: { y: { column: "y" } },
      network: { layers: [
        { type: "dense", name: "hidden", units: 4, activation: "tanh" },
        { type: "dense", name: "output", units: 1, activation: "sigmoid" },
      ] },
    },
    dataset: { name: "xor" },
    training: { loss: "binary_crossentropy", optimizer: { type: "adam", learning_rate: 0.08 }, epochs, seed: 4 },
  };
}

function place(i) {
  return -MARGIN + i / (SIDE - 1) * (1 + 2 * MARGIN);
}

const GRID = Array.from({ length: SIDE * SIDE }, (_, i) => ({ x1: place(i % SIDE), x2: place(Math.floor(i / SIDE)) }));

async function submit(epochs) {
  return (await call("POST", "/v1/jobs", { body: job(epochs) })).id;
}

async function ended(id) {
  for (;;) {
    const found = await call("GET", path`/v1/jobs/${id}?wait=30`);
    if (found.state === "succeeded") return found;
    if (found.done) throw new Error(found.error?.detail || `The job was ${found.state}`);
  }
}

async function frame(found, epoch) {
  const version = path`/v1/models/${found.result.model}/versions/${found.result.version}`;
  const [{ predictions }, { IW, LW, b }] = await Promise.all([
    call("POST", `${version}/predict`, { body: { instances: GRID } }),
    call("GET", `${version}/matlab`),
  ]);
  return {
    epoch,
    loss: found.metrics.loss,
    grid: predictions.map((each) => each.y),
    hidden: IW[0][0],
    hiddenBias: b[0],
    output: LW[1][0][0],
    outputBias: b[1][0],
  };
}

/** Deletes what a lesson left that was not seen to its end. */
async function tidy() {
  const left = JSON.parse(sessionStorage.getItem(LEFT) || "[]");
  for (const id of left) {
    try {
      await remove(await call("GET", path`/v1/jobs/${id}?wait=30`));
    } catch { /* somebody deleted it, or uses it: it stays theirs */ }
  }
  sessionStorage.removeItem(LEFT);
}

/** A job and the version that it published. */
async function remove({ id, result }) {
  if (result) await call("DELETE", path`/v1/models/${result.model}/versions/${result.version}`);
  await call("DELETE", path`/v1/jobs/${id}`);
}

let before = Promise.resolve();

/** Teaches it after a lesson that still runs on a page that was left, whose versions it would delete. */
export function teach(started, learned) {
  const begin = () => lesson(started, learned);
  const own = before.then(begin, begin);
  before = own;
  return own;
}

/** Hands on { job, version } first, and then each frame. */
async function lesson(started, learned) {
  await tidy();
  await call("POST", "/v1/samples/xor");
  const whole = await submit(EPOCHS.at(-1));
  started({ job: whole });
  const last = await ended(whole);
  started({ job: whole, version: last.result.version });
  const parts = [];
  for (const epoch of EPOCHS.slice(0, -1)) {
    parts.push({ epoch, id: await submit(epoch) });
    sessionStorage.setItem(LEFT, JSON.stringify(parts.map(({ id }) => id)));
  }
  const frames = [];
  for (const { epoch, id } of parts) {
    const part = await ended(id);
    frames.push(await frame(part, epoch));
    learned([...frames]);
    await remove(part);
  }
  sessionStorage.removeItem(LEFT);
  frames.push(await frame(last, EPOCHS.at(-1)));
  learned([...frames]);
  const taught = { job: whole, version: last.result.version, frames };
  try { sessionStorage.setItem(KEPT, JSON.stringify(taught)); } catch { /* too long to keep: it can be taught again */ }
}

/** What this tab was taught last; null when nothing. */
export function kept() {
  return JSON.parse(sessionStorage.getItem(KEPT) || "null");
}

/** A frame between two, so that the boundary bends and does not jump. */
export function between(frames, at) {
  const from = frames[Math.floor(at)];
  const to = frames[Math.min(Math.ceil(at), frames.length - 1)];
  const share = at - Math.floor(at);
  const mix = (a, b) => (Array.isArray(a) ? a.map((each, i) => mix(each, b[i])) : a + (b - a) * share);
  return {
    epoch: Math.round(mix(from.epoch, to.epoch)),
    loss: mix(from.loss, to.loss),
    grid: mix(from.grid, to.grid),
    hidden: mix(from.hidden, to.hidden),
    output: mix(from.output, to.output),
  };
}

/** What the net says at one of the four rows. */
export function answer(grid, x1, x2) {
  const index = (value) => Math.round((value + MARGIN) / (1 + 2 * MARGIN) * (SIDE - 1));
  return grid[index(x2) * SIDE + index(x1)];
}
