// What tells runs apart: the look of each curve, what differs in their requests, and which value is better.
import { number, short } from "./words.js";

/** So many runs share one stream of events, and one chart. */
export const MOST = 50;
const COLOURS = 8;
/** After eight curves the colours return with other dashes, so that no two look the same. */
const DASHES = ["", "9 4", "2 3", "12 4 2 4", "5 3 1 3 1 3", "16 5", "4 6"];
const NO_METRICS = new Set(["epoch", "phase", "seconds", "layers", "decisions", "metric_notes", "measured", "progress", "job"]);
const RISES = /(^|_)(accuracy|precision|recall|f1|auc|mcc|coverage|r2|concordance)$/;

/** How the curve at a place looks, from 0: the number of its colour, and its dashes. */
export function look(place) {
  return { colour: place % COLOURS + 1, dashes: DASHES[Math.floor(place / COLOURS) % DASHES.length] };
}

/** The place of each run among the looks of curves, from 0, by its id: that of the address, or its order in it. */
export function placesOf(ids, looks = "") {
  const given = looks.split(",").map(Number);
  return new Map(ids.map((id, i) => [id, given[i] > 0 ? given[i] - 1 : i]));
}

/** The runs and their looks as an address has them: looks stay when others leave, so it says them where they are not the order. */
export function addressOf(places) {
  const all = [...places.values()];
  return { ids: [...places.keys()].join(","), looks: all.every((place, i) => place === i) ? "" : all.map((place) => place + 1).join(",") };
}

/** Whether a larger value of a metric is better; a metric of one's own says so in the request. */
export function rises(metric, requests = []) {
  for (const request of requests) {
    // A list for all targets, or a list for each.
    const own = Object.values(request?.training?.metrics || {}).flat().find((each) => each?.mode && metric.endsWith(each.name || each.type));
    if (own) return own.mode === "max";
  }
  return RISES.test(metric);
}

/** The names of what was measured as numbers, in their order. */
export function metricsOf(record) {
  return Object.entries(record || {}).filter(([name, value]) => typeof value === "number" && !NO_METRICS.has(name)).map(([name]) => name);
}

/**
 * What tells most about a job, [[name, value]]: tests, then validation, then the rows that it learned from. An ended job is worth
 * what its best epoch was, as that one is published.
 */
export function keyNumbers({ metrics, best, done }) {
  const all = Object.entries({ ...metrics, ...(done ? best : null) })
    .filter(([name, value]) => typeof value === "number" && !["epoch", "seconds", "learning_rate"].includes(name));
  for (const prefix of ["test_", "val_"]) {
    const found = all.filter(([name]) => name.startsWith(prefix));
    if (found.length) return found.slice(0, 3);
  }
  return all.slice(0, 3);
}

/** The values of a document by JSON pointer. An empty object or list is a value. */
export function leaves(value, pointer = "", found = new Map()) {
  const entries = value && typeof value === "object" ? Object.entries(value) : [];
  if (!entries.length) found.set(pointer, value);
  for (const [name, each] of entries) leaves(each, `${pointer}/${name.replaceAll("~", "~0").replaceAll("/", "~1")}`, found);
  return found;
}

/** Where documents differ: [{ pointer, values }], one value for each document; undefined where it has none. */
export function differences(documents) {
  const all = documents.map((each) => leaves(each));
  const pointers = [...new Set(all.flatMap((each) => [...each.keys()]))];
  return pointers.map((pointer) => ({ pointer, values: all.map((each) => each.get(pointer)) }))
    .filter(({ values }) => values.some((value) => JSON.stringify(value) !== JSON.stringify(values[0])));
}

/** The ids of jobs whose requests differ in nothing but seeds, as lists. */
export function bySeed(jobs) {
  const groups = new Map();
  for (const { id, kind, request } of jobs) {
    const rest = [...leaves(request)].filter(([pointer]) => !pointer.endsWith("/seed"));
    const key = JSON.stringify([kind, ...rest.sort(([a], [b]) => (a < b ? -1 : 1))]);
    if (!groups.has(key)) groups.set(key, []);
    groups.get(key).push(id);
  }
  return [...groups.values()];
}

/** A value of a document as one reads it. */
export function written(value) {
  return value === undefined ? "–" : typeof value === "string" ? value : typeof value === "number" ? number(value) : JSON.stringify(value);
}

/** The last two parts of a pointer say enough where there is one more of the last. */
export function briefly(pointer, pointers) {
  const parts = pointer.split("/");
  const last = parts.at(-1);
  const isAlone = pointers.filter((each) => each.split("/").at(-1) === last).length < 2;
  return (isAlone && !/^\d+$/.test(last) ? last : parts.slice(-3).filter((part) => part !== "layers").join(" ")).replaceAll("_", " ");
}

/** Short names for jobs by what differs in their requests, by id; jobs that differ in much have the end of their id. */
export function names(jobs) {
  const found = new Map();
  const models = new Set(jobs.map((job) => job.model));
  const changes = differences(jobs.map((job) => job.request)).filter(({ pointer }) => pointer !== "/model/name" && pointer !== "/model");
  const pointers = changes.map(({ pointer }) => pointer);
  jobs.forEach((job, i) => {
    const told = changes.length <= 3 ? changes.map(({ pointer, values }) => `${briefly(pointer, pointers)} ${written(values[i])}`.slice(0, 24)) : [];
    found.set(job.id, [...(models.size > 1 || !told.length ? [job.model || job.kind] : []), ...told].join(", "));
  });
  const counts = new Map();
  for (const name of found.values()) counts.set(name, (counts.get(name) || 0) + 1);
  for (const [id, name] of found) if (counts.get(name) > 1) found.set(id, `${name} …${short(id).slice(-5)}`);
  return found;
}
