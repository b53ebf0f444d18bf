// The first lesson: a net of two inputs and four hidden units learns the exclusive OR, in one job that keeps frames.
import { call, path } from "./api.js";
import { readFrames } from "./frames.js";

/** Points along a side of the square that is shown, and how far it reaches beyond the four rows. */
const SIDE = 25;
export const MARGIN = 0.25;
/** What it is taught, as places in the plane of both inputs. */
export const ROWS = [[0, 0], [0, 1], [1, 0], [1, 1]].map(([x, y]) => ({ x, y, is: (x ^ y) === 1 }));
/** The start of the first lesson, from which the net finds the answer; later ones have any. */
const FIRST_SEED = 4;
const KEPT = "trainyard.lesson";
/** Milliseconds between two questions for newer frames. */
const PACE = 250;

function job(seed) {
  const axis = (column) => ({ column, min: -MARGIN, max: 1 + MARGIN });
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
    training: {
      loss: "binary_crossentropy", optimizer: { type: "adam", learning_rate: 0.08 }, epochs: 300, seed,
      diagnostics: [{ frames: { x: axis("x1"), y: axis("x2"), steps: SIDE } }],
    },
  };
}

/** The id of the job that this tab's last lesson was; null for none. */
export function kept() {
  return sessionStorage.getItem(KEPT);
}

/** Begins a lesson, from another start where it is not the first; gives the id of its job. */
export async function begin(isFirst) {
  await call("POST", "/v1/samples/xor");
  const { id } = await call("POST", "/v1/jobs", { body: job(isFirst ? FIRST_SEED : Math.floor(Math.random() * 1_000_000)) });
  sessionStorage.setItem(KEPT, id);
  return id;
}

/** Hands on { frames, losses } as they come, until the job has ended. */
export async function follow(id, learned, signal) {
  let frames = null;
  for (;;) {
    const found = await call("GET", path`/v1/jobs/${id}`, { signal });
    frames = await readFrames(id, frames, signal) || frames;
    if (frames) {
      const { epochs } = await call("GET", path`/v1/jobs/${id}/metrics`, { signal });
      learned(frames, new Map(epochs.map(({ epoch, loss }) => [epoch, loss])));
    }
    if (found.done && found.state !== "succeeded") throw new Error(found.error?.detail || `The job was ${found.state}`);
    if (found.done) return;
    await new Promise((resume) => setTimeout(resume, PACE));
  }
}

/** What the net says at one of the four rows. */
export function answer(grid, x1, x2) {
  const index = (value) => Math.round((value + MARGIN) / (1 + 2 * MARGIN) * (SIDE - 1));
  return grid[index(x2) * SIDE + index(x1)];
}
