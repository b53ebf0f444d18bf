// Pictures of grids of numbers, as few paths: cells of about the same value are one.

/** How many steps of colour there are on each side of the middle. */
export const STEPS = 12;

/** The outlines of equal cells, by their level. `level(i)`: of the cell at a place, row by row; null: none. `box`: of a cell. */
export function outlines(columns, rows, level, box) {
  const paths = new Map();
  for (let row = 0; row < rows; row++) {
    for (let from = 0; from < columns;) {
      const own = level(row * columns + from);
      let to = from + 1;
      while (to < columns && level(row * columns + to) === own) to++;
      if (own !== null) {
        const { x, y, width, height } = box(from, row);
        if (!paths.has(own)) paths.set(own, []);
        paths.get(own).push(`M${x} ${y}h${round(width * (to - from))}v${height}h${round(-width * (to - from))}z`);
      }
      from = to;
    }
  }
  return [...paths].map(([own, parts]) => ({ level: own, path: parts.join("") })).sort((a, b) => a.level - b.level);
}

/** Above and below zero: −12 to 12 of the largest. */
export function signed(value, largest) {
  if (!Number.isFinite(value)) return null;
  return Math.round(STEPS * value / (largest || 1));
}

/** The place of a class that is furthest from all others: there its name fits. */
export function middle(values, columns, rows, own) {
  const far = new Float32Array(values.length);
  const at = (column, row) => (column < 0 || row < 0 || column >= columns || row >= rows ? 0 : far[row * columns + column]);
  let best = -1;
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      const i = row * columns + column;
      far[i] = values[i] === own ? 1 + Math.min(at(column - 1, row), at(column, row - 1), at(column - 1, row - 1), at(column + 1, row - 1)) : 0;
    }
  }
  for (let row = rows - 1; row >= 0; row--) {
    for (let column = columns - 1; column >= 0; column--) {
      const i = row * columns + column;
      if (!far[i]) continue;
      far[i] = Math.min(far[i], 1 + Math.min(at(column + 1, row), at(column, row + 1), at(column + 1, row + 1), at(column - 1, row + 1)));
      if (best < 0 || far[i] > far[best]) best = i;
    }
  }
  return best < 0 || far[best] < 2 ? null : { column: best % columns, row: Math.floor(best / columns) };
}

function round(value) {
  return Math.round(value * 100) / 100;
}
