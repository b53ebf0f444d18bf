// The lesson: a small net learns to tell two kinds of points apart, in one job that keeps frames. The address says what it is taught and
// what the net is.
import { call, path } from "./api.js";
import { readFrames } from "./frames.js";
import { query } from "./router.js";

/** Points along a side of the square that is shown. */
const SIDE = 25;
const EPOCHS = 300;
/** Rows of each of the two kinds, which lie within a circle of this radius, and how far the square reaches. */
const EACH = 100;
const RADIUS = 3;
const REACH = 3.5;
/** How far the square of the four rows reaches beyond them. */
const MARGIN = 0.25;
/** The start of the first lesson, from which the net finds the answer; later ones have any. */
const FIRST_SEED = 4;
/** Milliseconds between two questions for newer frames, and after one that was not answered. */
const PACE = 250;
const RETRY = 2_000;

const gate = [[0, 0], [0, 1], [1, 0], [1, 1]].map(([x1, x2]) => ({ x1, x2, y: x1 ^ x2 }));

/** What can be taught: what a person reads of it, and the rows in the plane from `low` to `high`. */
export const DATA = {
  xor: {
    title: "XOR", sample: "xor", rows: gate, low: -MARGIN, high: 1 + MARGIN,
    told: "True when exactly one input is true. No straight line tells these four rows apart: a linear activation or a single unit cannot learn them.",
  },
  circles: {
    title: "A circle in a ring", ...scattered((share, isOne, random) => polar(isOne ? 0.45 * Math.sqrt(random()) : 0.7 + 0.3 * random(), share)),
    told: "Each unit of the hidden layer draws one line. How many does it take to close a ring around the circle?",
  },
  moons: {
    title: "Two moons", ...scattered((share, isOne, random) => {
      const [x, y] = polar(0.6 + 0.15 * (random() - 0.5), share / 2);
      return isOne ? [x + 0.25, y - 0.2] : [-x - 0.25, 0.2 - y];
    }),
    told: "The boundary has to bend twice. Look at its corners: tanh makes them round, relu leaves them sharp.",
  },
  spirals: {
    title: "Two spirals", ...scattered((share, isOne, random) => polar(0.04 + 0.96 * share + 0.03 * random(), 1.6 * share + (isOne ? 0.5 : 0))),
    told: "The hardest of them. One layer draws lines, a second one joins them: try eight units in each, and a learning rate of 0.03.",
  },
  line: {
    title: "Two sides of a line", ...scattered((share, isOne, random) => polar(0.12 + 0.88 * random(), (isOne ? 0.1 : 0.6) + 0.3 * share)),
    told: "One unit is enough here, even a linear one. What does the rest of a larger net do?",
  },
};
export const ACTIVATIONS = ["tanh", "relu", "sigmoid", "linear"];
export const RATES = [0.003, 0.01, 0.03, 0.1, 0.3];
export const MOST_UNITS = 8;

function polar(radius, turn) {
  return [radius * Math.cos(2 * Math.PI * turn), radius * Math.sin(2 * Math.PI * turn)];
}

/** Rows of two kinds by a function of the share of rows before, the kind, and chance; always the same, so they are stored once. */
function scattered(place) {
  let state = 1;
  const random = () => { // Lehmer's generator
    state = state * 48_271 % 2_147_483_647;
    return state / 2_147_483_647;
  };
  const rows = [];
  for (let i = 0; i < EACH; i++) {
    for (const y of [0, 1]) {
      const [x1, x2] = place(i / EACH, y === 1, random).map((value) => Math.round(100 * RADIUS * value) / 100);
      rows.push({ x1, x2, y });
    }
  }
  return { rows, low: -REACH, high: REACH };
}

/** What the address chooses, and for what it does not name, the first lesson's. */
export function choices({ lesson, layers = "", activation, rate } = query()) {
  const units = layers.split(",").map(Number);
  return {
    lesson: lesson in DATA ? lesson : "xor",
    layers: units.length <= 2 && units.every((each) => Number.isInteger(each) && each >= 1 && each <= MOST_UNITS) ? units : [4],
    activation: ACTIVATIONS.includes(activation) ? activation : "tanh",
    rate: RATES.includes(Number(rate)) ? Number(rate) : 0.1,
  };
}

/** Places of the rows from 0 to 1, as a boundary view draws them. */
export function points({ rows, low, high }) {
  const place = (value) => (value - low) / (high - low);
  return rows.map(({ x1, x2, y }) => ({ x: place(x1), y: place(x2), is: y === 1 }));
}

/** The requests of a lesson: its rows, and the job that learns them. */
export function requests({ lesson, layers, activation, rate }, seed = FIRST_SEED) {
  const { title, sample, rows, low, high } = DATA[lesson];
  const name = `${lesson}-lesson`; // a caller may have a model or a dataset of the plain name
  const axis = (column) => ({ column, min: low, max: high });
  return [
    sample ? { title: "Take the sample", method: "POST", path: path`/v1/samples/${sample}` }
      : { title: `Upload the rows of "${title}"`, method: "POST", path: path`/v1/datasets?name=${name}`, body: rows },
    { title: "Teach it", method: "POST", path: "/v1/jobs", body: {
      model: {
        name,
        inputs: { point: { columns: ["x1", "x2"] } },
        targets: { y: { column: "y" } },
        network: { layers: [
          ...layers.map((units, i) => ({ type: "dense", name: layers.length > 1 ? `hidden${i + 1}` : "hidden", units, activation })),
          { type: "dense", name: "output", units: 1, activation: "sigmoid" },
        ] },
      },
      dataset: { name: sample || name },
      training: {
        loss: "binary_crossentropy", optimizer: { type: "adam", learning_rate: rate }, epochs: EPOCHS, seed, metrics: ["accuracy"],
        diagnostics: [{ frames: { x: axis("x1"), y: axis("x2"), steps: SIDE } }],
      },
    } },
  ];
}

/** Begins a lesson, from another start where it is not the first; gives the id of its job. */
export async function begin(choice, isFirst) {
  let answer;
  for (const { method, path: address, body } of requests(choice, isFirst ? FIRST_SEED : Math.floor(Math.random() * 1_000_000))) {
    answer = await call(method, address, { body });
  }
  return answer.id;
}

/** Hands on { job, frames, epochs } as they come, until the job has ended; { problem } while the service does not answer. */
export async function follow(id, heard, signal) {
  let frames = null;
  for (;;) {
    let wait = PACE;
    try {
      const job = await call("GET", path`/v1/jobs/${id}`, { signal });
      frames = await readFrames(id, frames, signal) || frames;
      const { epochs } = frames ? await call("GET", path`/v1/jobs/${id}/metrics`, { signal }) : { epochs: [] };
      heard({ job, frames, epochs });
      if (job.done && job.state !== "succeeded") throw new Error(job.error?.detail || `The job was ${job.state}`);
      if (job.done) return;
    } catch (problem) {
      if (!problem.passes) throw problem;
      heard({ problem });
      wait = Math.max(RETRY, problem.retryAfter * 1_000);
    }
    await new Promise((resume) => setTimeout(resume, wait));
  }
}

/** What the net says at one of the four rows. */
export function answer(grid, { x1, x2 }) {
  const index = (value) => Math.round((value + MARGIN) / (1 + 2 * MARGIN) * (SIDE - 1));
  return grid[index(x2) * SIDE + index(x1)];
}
