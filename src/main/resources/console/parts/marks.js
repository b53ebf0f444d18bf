// Marks of rows: each series has a shape of its own beside its colour.

/** By series, from 1: the outline of a mark of radius r at a place. */
const SHAPES = [
  (x, y, r) => `M${x - r} ${y}a${r} ${r} 0 1 0 ${2 * r} 0a${r} ${r} 0 1 0 ${-2 * r} 0`,
  (x, y, r) => `M${x - r} ${y - r}h${2 * r}v${2 * r}h${-2 * r}z`,
  (x, y, r) => `M${x} ${y - 1.25 * r}L${x + 1.2 * r} ${y + r}H${x - 1.2 * r}z`,
  (x, y, r) => `M${x} ${y - 1.35 * r}L${x + 1.35 * r} ${y}L${x} ${y + 1.35 * r}L${x - 1.35 * r} ${y}z`,
  (x, y, r) => `M${x} ${y + 1.25 * r}L${x + 1.2 * r} ${y - r}H${x - 1.2 * r}z`,
  (x, y, r) => `M${x - 1.3 * r} ${y - r / 2}h${2.6 * r}v${r}h${-2.6 * r}z`,
  (x, y, r) => `M${x - r / 2} ${y - 1.3 * r}h${r}v${2.6 * r}h${-r}z`,
  (x, y, r) => `M${x - r} ${y - r}L${x + r} ${y + r}L${x + r} ${y - r}L${x - r} ${y + r}z`,
];

/** The colour of the series at a place, from 0; they come again after eight. */
export function series(i) {
  return i % SHAPES.length + 1;
}

/** Marks at all places, as one path. */
export function marks(i, places, r) {
  const shape = SHAPES[i % SHAPES.length];
  return places.map(([x, y]) => shape(round(x), round(y), r)).join("");
}

export function round(value) {
  return Math.round(value * 10) / 10;
}

/** How lines are dashed, so that no colour is needed to tell them apart. */
export function dashes(i) {
  return ["none", "7 4", "2 3", "10 3 2 3", "4 2", "12 5", "1 4", "6 2 1 2"][i % 8];
}
