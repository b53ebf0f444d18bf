// Numbers, times and states in words, the same on every page.
const digits = new Intl.NumberFormat("en", { maximumSignificantDigits: 4 });
const whole = new Intl.NumberFormat("en");
const moment = new Intl.DateTimeFormat("en-GB", { dateStyle: "medium", timeStyle: "medium" });
const ago = new Intl.RelativeTimeFormat("en", { numeric: "auto", style: "short" });

/** A number of any size in at most four digits, or the text that stands for one that JSON lacks. */
export function number(value) {
  if (value == null) return "–";
  if (typeof value !== "number") return String(value);
  if (Number.isInteger(value)) return Math.abs(value) < 1e15 ? whole.format(value) : value.toExponential(3);
  const size = Math.abs(value);
  return size !== 0 && (size < 1e-4 || size >= 1e9) ? value.toExponential(2) : digits.format(value);
}

export function bytes(count) {
  const units = ["B", "kB", "MB", "GB", "TB"];
  let unit = 0;
  let size = count;
  while (size >= 1_000 && unit < units.length - 1) {
    size /= 1_000;
    unit++;
  }
  return `${size < 10 && unit ? size.toFixed(1) : Math.round(size)} ${units[unit]}`;
}

export function count(n, one, many = `${one}s`) {
  return `${whole.format(n)} ${n === 1 ? one : many}`;
}

export function seconds(value) {
  if (value == null) return "–";
  if (value < 1) return `${Math.max(1, Math.round(value * 1_000))} ms`;
  if (value < 60) return `${value < 10 ? value.toFixed(1) : Math.round(value)} s`;
  if (value < 3_600) return `${Math.floor(value / 60)} min ${Math.round(value % 60)} s`;
  return `${Math.floor(value / 3_600)} h ${Math.round(value % 3_600 / 60)} min`;
}

export function since(time) {
  const passed = (Date.now() - Date.parse(time)) / 1_000;
  if (passed < 5) return "now";
  for (const [unit, size] of [["day", 86_400], ["hour", 3_600], ["minute", 60]]) {
    if (passed >= size) return ago.format(-Math.floor(passed / size), unit);
  }
  return ago.format(-Math.floor(passed), "second");
}

export function when(time) {
  return time ? moment.format(new Date(time)) : "–";
}

/** Why a job waits, as a sentence: the service says what it waits for, or that there is none. */
export function waiting({ waits_for: why }) {
  return why.startsWith("There is no") ? why : `It waits for ${why}`;
}

/** How long a job has run. */
export function duration(job) {
  if (!job.started_at) return null;
  return Math.max(0, (Date.parse(job.finished_at || new Date().toISOString()) - Date.parse(job.started_at)) / 1_000);
}

/** The end of an id: it tells jobs apart that were submitted at the same time. */
export function short(id) {
  return id.slice(-8);
}
