// The frames of a job: what its net answers over two columns after each epoch, as the parts of the console draw it.
import { call, path } from "./api.js";

/** At most so many units of a layer have a place in the drawing of a net. */
const MOST_UNITS = 12;
/** Rows of data that are drawn over the frames. */
const POINTS = 200;

/** How the meaning of a share begins. */
const SHARE = "probability of ";

/** Whether a job, as it was submitted, keeps frames. */
export function keepsFrames(job) {
  return Boolean(job.request?.training?.diagnostics?.some?.((each) => each?.frames));
}

/** The frames that there are; with `known`, only the newer ones are asked for. */
export async function readFrames(job, known = null, signal = undefined) {
  const from = known?.frames.length ? known.frames.at(-1).epoch + 1 : 1;
  const answer = await call("GET", `${path`/v1/jobs/${job}/frames`}?from=${from}`, { signal });
  if (!answer.x) return null;
  const frames = [...(known?.frames || []), ...answer.frames.map(flat)];
  return { ...answer, ...scales(answer, frames), frames };
}

/** The first rows of a dataset as a boundary view draws them; none where it is gone or the columns are no numbers. */
export async function pointsOf(job, { name, version }, { x, y, meaning, classes }, signal) {
  let spec;
  let rows;
  try {
    [{ spec }, { rows }] = await Promise.all([call("GET", path`/v1/jobs/${job}/spec`, { signal }),
      call("GET", `${path`/v1/datasets/${name}/versions/${version}/rows`}?page_size=${POINTS}`, { signal })]);
  } catch (problem) {
    if (problem.status === undefined) throw problem;
    return []; // the frames say enough without
  }
  const targets = Object.entries(spec.targets);
  const column = (targets.find(([target]) => target === meaning) || (targets.length === 1 ? targets[0] : []))[1]?.column;
  const share = meaning.startsWith(SHARE) ? meaning.slice(SHARE.length) : null;
  const place = (value, { values }) => (typeof value === "number" ? (value - values[0]) / (values.at(-1) - values[0]) : -1);
  const classOf = (value) => {
    if (column === undefined || value == null) return undefined;
    if (share !== null) return String(value) === share;
    const at = classes.indexOf(String(value));
    return at < 0 ? undefined : at;
  };
  return rows.map((row) => ({ x: place(row[x.column], x), y: place(row[y.column], y), is: classOf(row[column]) }))
    .filter((each) => each.x >= 0 && each.x <= 1 && each.y >= 0 && each.y <= 1);
}

/** A grid is one list, row by row from below; a number that JSON does not have is nothing. */
function flat({ epoch, boundary, neurons, weights }) {
  return {
    epoch,
    grid: boundary.flat().map(real),
    neurons: Object.entries(neurons).flatMap(([layer, units]) => units.map((unit, i) => ({ name: `${layer}/${i}`, grid: unit.flat().map(real) }))),
    weights: Object.entries(weights).filter(([, tensor]) => Array.isArray(tensor[0]) && !Array.isArray(tensor[0][0])).map(([, tensor]) => tensor.map((row) => row.map(real))),
  };
}

function real(value) {
  return typeof value === "number" ? value : 0;
}

/** Between what the colours go, the same for all frames. */
function scales({ meaning, classes }, frames) {
  const isShare = meaning.startsWith(SHARE);
  return {
    isShare,
    range: isShare ? [0, 1] : classes.length ? [0, classes.length - 1] : range(frames.map(({ grid }) => grid)),
    ranges: (frames[0]?.neurons || []).map((_, i) => range(frames.map(({ neurons }) => neurons[i].grid))),
  };
}

function range(grids) {
  let [low, high] = [Infinity, -Infinity];
  for (const grid of grids) {
    for (const value of grid) {
      if (value < low) low = value;
      if (value > high) high = value;
    }
  }
  return low < high ? [low, high] : [low - 1, low + 1];
}

/** A grid in shares of a range, as a boundary view colours it. */
export function shares(grid, [low, high]) {
  return grid.map((value) => (value - low) / (high - low));
}

/** A frame between two, so that the boundary bends and does not jump; between two classes there is nothing. */
export function between(frames, at, isClass = false) {
  const from = frames[Math.floor(at)];
  const to = frames[Math.min(Math.ceil(at), frames.length - 1)];
  const share = at - Math.floor(at);
  const mix = (a, b) => (Array.isArray(a) ? a.map((each, i) => mix(each, b[i])) : a + (b - a) * share);
  return {
    epoch: Math.round(mix(from.epoch, to.epoch)),
    grid: isClass ? frames[Math.round(at)].grid : mix(from.grid, to.grid),
    neurons: from.neurons.map(({ name, grid }, i) => ({ name, grid: mix(grid, to.neurons[i].grid) })),
    weights: mix(from.weights, to.weights),
  };
}

/** The names of the units of a small net by its weights, layer by layer: hidden ones have numbers. Null when it is no chain of small layers. */
export function layersOf(weights, { x, y, meaning, classes }) {
  if (!weights.length) return null;
  const sizes = [weights[0][0].length, ...weights.map((matrix) => matrix.length)];
  const isChain = weights.every((matrix, i) => matrix[0].length === sizes[i]);
  if (!isChain || sizes.some((size) => size > MOST_UNITS)) return null;
  const inputs = (unit, size) => (size === 2 ? [x, y][unit].column : "");
  const outputs = (unit, size) => (size === 1 ? meaning : size === classes.length ? classes[unit] : "");
  return sizes.map((size, layer) => Array.from({ length: size }, (_, unit) => (layer === 0 ? inputs(unit, size) : layer < sizes.length - 1 ? String(unit) : outputs(unit, size))));
}
