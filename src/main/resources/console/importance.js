// Which parameters of a sweep matter: how much of the order of its trials each explains alone.

/** A parameter is read by its values where there are at most so many trials to each, on average; else by their order. */
const FEWEST = 3;

/**
 * The share of the order of results that the values of one parameter explain, from 0 to 1: R² of the ranks of the results, by the mean
 * of each value or, for many numbers, by a line over their ranks. It is adjusted, 1 − (1 − R²)(n − 1)/(n − k) with n results and k
 * means or 2 numbers of the line, so that chance alone gives about 0.
 */
export function explained(values, results) {
  const n = results.length;
  const of = ranks(results);
  const keys = values.map((value) => JSON.stringify(value));
  const groups = new Map();
  keys.forEach((key, i) => groups.set(key, [...(groups.get(key) || []), of[i]]));
  const middle = (n + 1) / 2;
  const all = of.reduce((sum, rank) => sum + (rank - middle) ** 2, 0);
  if (groups.size < 2 || !all) return 0;
  const isLine = n / groups.size < FEWEST && values.every((value) => typeof value === "number");
  let between = 0;
  if (isLine) {
    const by = ranks(values);
    const own = by.reduce((sum, rank) => sum + (rank - middle) ** 2, 0);
    between = by.reduce((sum, rank, i) => sum + (rank - middle) * (of[i] - middle), 0) ** 2 / own;
  } else {
    for (const group of groups.values()) between += group.length * (group.reduce((a, b) => a + b, 0) / group.length - middle) ** 2;
  }
  const k = isLine ? 2 : groups.size;
  return n > k ? Math.max(0, 1 - (1 - between / all) * (n - 1) / (n - k)) : 0;
}

/** The places of numbers in their order, from 1; equal ones share the mean of theirs. */
function ranks(numbers) {
  const order = numbers.map((_, i) => i).sort((a, b) => numbers[a] - numbers[b]);
  const found = [];
  for (let from = 0; from < order.length;) {
    let to = from + 1;
    while (to < order.length && numbers[order[to]] === numbers[order[from]]) to++;
    for (let i = from; i < to; i++) found[order[i]] = (from + 1 + to) / 2;
    from = to;
  }
  return found;
}
