// The rows by which a version is judged, and single rows of its dataset.
import { call, path } from "../api.js";
import { placeOf } from "./section.js";

const WORDS = { test: "test rows", validation: "validation rows", training: "training rows", out_of_fold: "rows of the folds", all: "rows" };

/**
 * Those of the job that made it, which it has not learned from, or all of a dataset: { job, dataset: { name, version } }; null: nothing
 * is known. `isJobGone`: its evaluation is not there any more.
 */
export function rowsOf(version, chosen, isJobGone) {
  const own = reference(version.provenance.dataset);
  if (chosen) return { job: null, dataset: reference(chosen) };
  if (version.provenance.job && !isJobGone) return { job: version.provenance.job, dataset: own };
  return own ? { job: null, dataset: own } : null;
}

/** name@version, in parts. */
export function reference(text) {
  const [name, version] = (text || "").split("@");
  return name && version ? { name, version: Number(version) } : null;
}

/** The request that judges a version; with `details` more of it. */
export function evaluationCall(version, rows, { slices, importance } = {}) {
  if (rows.job) {
    const query = [slices && `slices=${encodeURIComponent(slices)}`, importance && `importance=${importance}`].filter(Boolean).join("&");
    return { method: "GET", path: path`/v1/jobs/${rows.job}/evaluation` + (query ? `?${query}` : "") };
  }
  return { method: "POST", path: `${placeOf(version)}/evaluation`, body: { dataset: rows.dataset, ...(slices && { slices: [slices] }), ...(importance && { importance }) } };
}

/** "30 test rows of iris@1". */
export function told(evaluation, dataset) {
  return `${evaluation.rows.toLocaleString("en")} ${evaluation.rows === 1 ? WORDS[evaluation.part].replace(/rows/, "row") : WORDS[evaluation.part]}${dataset ? ` of ${dataset.name}@${dataset.version}` : ""}`;
}

/** Where numbered rows are found: { dataset }, or { why } they are not. */
export function numbered(rows, evaluation, job) {
  const none = (why) => ({ dataset: null, why });
  if (!rows) return none("no dataset is known");
  if (!rows.job) return { dataset: rows.dataset };
  const selection = job?.request?.dataset;
  if (!selection) return none("its job is not known any more");
  if (evaluation?.part === "validation" && selection.validation_dataset) {
    const { name, version, where } = selection.validation_dataset;
    return where ? none("they are numbered among the rows that a condition selects") : { dataset: { name, version } };
  }
  return selection.where ? none("they are numbered among the rows that a condition selects") : { dataset: { name: selection.name, version: selection.version } };
}

/** The columns that a version reads: [{ column, length }], length 0 without a window. */
export function columnsOf(version) {
  return Object.values(version.encoding?.inputs || {}).flatMap((input) => (input.columns || []).map((column) => ({ ...column, length: input.window?.length || 0, window: input.window })));
}

/** A row with its number, and what is sent of it: { row, instance }. */
export async function readRow(version, dataset, number, signal) {
  const columns = columnsOf(version);
  if (!columns.length) throw missing("It takes tensors, not columns of a dataset.");
  const longest = Math.max(1, ...columns.map(({ length }) => length));
  if (columns.some(({ window }) => window?.group)) throw missing("It reads windows of groups, and a row alone does not say which rows are of its group.");
  if (number < longest) throw missing(`It reads windows of ${longest} rows, so row ${longest} is the first.`);
  const { rows } = await call("GET", `${path`/v1/datasets/${dataset.name}/versions/${dataset.version}/rows`}?from_row=${number - longest + 1}&page_size=${longest}`, { signal });
  if (rows.length < longest) throw missing(`${dataset.name}@${dataset.version} has no row ${number}.`);
  const order = columns.map(({ window }) => window?.order_by).find(Boolean);
  if (order && rows.some((row, i) => i && !(rows[i - 1][order] < row[order]))) throw missing(`Its windows are ordered by ${order}, and the rows of the dataset are not.`);
  return {
    row: rows.at(-1),
    instance: Object.fromEntries(columns.map(({ column, length }) => [column, length ? rows.slice(-length).map((row) => row[column]) : rows.at(-1)[column]])),
  };
}

/** What is true of a target in a row; the truth of a window may be in another row than its last, so the evaluation is asked. */
export function truthOf(evaluation, version, name, target, number, row) {
  if (columnsOf(version).some(({ length }) => length)) {
    const found = evaluation?.regression?.[name]?.points?.find((each) => each.row === number)?.true;
    return typeof found === "number" ? Number(found.toPrecision(6)) : found;
  }
  return row[target.column || target.values?.columns?.[0]?.column];
}

/** That something is not there, told where it would be. */
function missing(message) {
  return Object.assign(new Error(message), { status: 404, title: "This row is not here", passes: false });
}

/** A value of a row in a table. */
export function cell(value) {
  if (value === undefined) return "–";
  if (value === null) return "missing";
  if (!Array.isArray(value)) return String(value);
  const shape = [];
  for (let inner = value; Array.isArray(inner); [inner] = inner) shape.push(inner.length);
  return shape.length === 1 && shape[0] <= 6 ? value.join(", ") : `${shape.join(" × ")} numbers`;
}
