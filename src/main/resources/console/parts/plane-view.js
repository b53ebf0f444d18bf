// What a version says over two of its columns: a ground of colours with names on it, the rows of its data, and the lines on which
// neurons change their sign.
import { css, html, nothing, svg } from "../part.js";
import { number } from "../words.js";
import { middle, outlines } from "./bands.js";
import { Chart, cut, tick, ticks } from "./chart.js";
import { dashes, marks, round, series } from "./marks.js";

/** Steps of colour from the least to the largest number. */
const LEVELS = 20;

class PlaneView extends Chart {
  static sheet = css`
    plane-view { display: block; min-width: 0; }
    plane-view .ground { fill: currentColor; fill-opacity: .2; }
    plane-view .plane { fill: none; }
    plane-view .plane.empty { fill: var(--tint); }
    plane-view .low { fill: var(--low); }
    plane-view .high { fill: var(--high); }
    plane-view .points { fill: currentColor; stroke: var(--card); stroke-width: 1; }
    plane-view .points.plain { fill: var(--ink); fill-opacity: .5; }
    plane-view .neuron { fill: none; stroke: var(--ink); stroke-width: 1.8; stroke-linecap: round; }
    plane-view text.region { font-weight: 650; font-size: .95rem; fill: var(--ink); text-anchor: middle; stroke: var(--card); stroke-width: 4px; paint-order: stroke; stroke-linejoin: round; }
    plane-view text.neuron-name { stroke: var(--card); fill: var(--ink); font-weight: 600; stroke-width: 3.5px; paint-order: stroke; }
    plane-view text.key { fill: var(--ink); }
    plane-view .chosen { fill: none; stroke: var(--ink); stroke-width: 2.5; }`;

  /** A plot as the service answers it, and the place of a row that is marked; `bare`: its classes mean nothing. */
  static properties = { plot: {}, chosen: {}, bare: { type: Boolean } };

  constructor() {
    super();
    this.bare = false;
  }

  draw(width, em) {
    const { x, y, values, meaning, contours } = this.plot;
    const { bare } = this;
    const classes = bare ? null : this.plot.classes;
    const data = bare ? this.plot.data.map((each) => ({ x: each.x, y: each.y })) : this.plot.data;
    const [columns, rows] = [x.values.length, y.values.length];
    const [left, right, low, high] = [x.values[0], x.values.at(-1), y.values[0], y.values.at(-1)];
    const marksOfY = ticks(low, high, 6);
    const room = Math.max(...marksOfY.map((each) => tick(each).length)) * em * 0.58 + 10;
    const scale = classes || bare ? 0 : 6.2 * em;
    const [top, bottom] = [1.7 * em, 2.9 * em];
    const plane = width - room - scale - 4;
    const height = Math.round(Math.min(Math.max(0.8 * plane, 16 * em), 32 * em) + top + bottom);
    const tall = height - top - bottom;
    const atX = (value) => round(room + (value - left) / (right - left) * plane);
    const atY = (value) => round(height - bottom - (value - low) / (high - low) * tall);
    const flat = values.flat().map(Number);
    let [least, most] = [Infinity, -Infinity];
    for (const value of flat) {
      if (Number.isFinite(value)) [least, most] = [Math.min(least, value), Math.max(most, value)];
    }
    const level = classes ? (i) => flat[i] : (i) => (Number.isFinite(flat[i]) ? Math.min(LEVELS - 1, Math.floor((flat[i] - least) / ((most - least) || 1) * LEVELS)) : null);
    const [cellX, cellY] = [plane / columns, tall / rows];
    const drawn = outlines(columns, rows, level, (column, row) => ({ x: round(room + column * cellX), y: round(height - bottom - (row + 1) * cellY), width: cellX, height: round(cellY + 0.3) }));
    const told = (event) => {
      const place = event.currentTarget.querySelector(".plane").getBoundingClientRect();
      const column = Math.floor((event.clientX - place.left) / place.width * columns);
      const row = rows - 1 - Math.floor((event.clientY - place.top) / place.height * rows);
      const isIn = column >= 0 && column < columns && row >= 0 && row < rows;
      const value = isIn && values[row][column];
      this.under = isIn ? `${x.column} ${number(short(x.values[column]))}, ${y.column} ${number(short(y.values[row]))}${bare ? "" : `: ${classes ? classes[value] : number(short(Number(value)))}`}` : "";
    };
    const seen = classes ? classes.map((name, i) => ({ name, i, at: middle(flat, columns, rows, i) })).filter(({ at }) => at) : [];
    const label = `${this.plot.title}, over ${x.column} from ${number(short(left))} to ${number(short(right))} and ${y.column} from ${number(short(low))} to ${number(short(high))}. ${classes
      ? `It says ${seen.map(({ name, i }) => `${name} on ${Math.round(100 * flat.filter((each) => each === i).length / flat.length)} %`).join(", ")} of the plane.`
      : bare ? `The lines of ${contours.length} neurons.` : `${meaning} goes from ${number(short(least))} to ${number(short(most))}.`}`;
    return html`<svg viewBox="0 0 ${width} ${height}" height=${height} role="img" aria-label=${label} @pointermove=${told} @pointerleave=${() => { this.under = ""; }}>
      ${bare ? nothing : drawn.map(({ level: own, path }) => (classes ? svg`<path class="ground s${series(own)}" d=${path} />` : this.#step(own, path)))}
      <rect class="plane ${bare ? "empty" : ""}" x=${room} y=${top} width=${plane} height=${tall} />
      ${marksOfY.map((each) => svg`<text x=${room - 6} y=${atY(each) + em / 3} text-anchor="end">${tick(each)}</text>`)}
      ${ticks(left, right, Math.max(2, Math.min(7, plane / em / 6))).map((each) => svg`<text x=${atX(each)} y=${height - bottom + 1.3 * em} text-anchor="middle">${tick(each)}</text>`)}
      <text x="0" y=${em}>${cut(y.column, width / em * 1.2)} ↑</text>
      <text x=${room + plane} y=${height - 0.35 * em} text-anchor="end">${cut(x.column, width / em * 1.2)} →</text>
      ${this.#points(data, classes, atX, atY, em)}
      ${contours.map(({ unit, segments }, i) => this.#contour(unit, segments, i, atX, atY, em))}
      ${seen.map(({ name, at }) => svg`<text class="region" x=${round(room + (at.column + 0.5) * cellX)} y=${round(height - bottom - (at.row + 0.5) * cellY + em / 3)}>${cut(name, 18)}</text>`)}
      ${this.chosen && Number.isFinite(this.chosen.x) && Number.isFinite(this.chosen.y) ? svg`<circle class="chosen" cx=${atX(this.chosen.x)} cy=${atY(this.chosen.y)} r=${0.75 * em} />` : nothing}
      ${classes || bare ? nothing : this.#scale(width - scale + em, top, tall, least, most, meaning, em)}</svg>`;
  }

  /** From one end of the colours over the ground to the other. */
  #step(level, path) {
    const share = (level + 0.5) / LEVELS * 2 - 1;
    return svg`<path class=${share < 0 ? "low" : "high"} fill-opacity=${(0.06 + 0.8 * Math.abs(share)).toFixed(3)} d=${path} />`;
  }

  #points(data, classes, atX, atY, em) {
    if (!classes) return svg`<path class="points plain" d=${marks(0, data.map(({ x, y }) => [atX(x), atY(y)]), round(0.2 * em))} />`;
    return [...classes.map((name, i) => ({ own: data.filter((each) => each.class === name), i })), { own: data.filter((each) => each.class === undefined), i: -1 }]
      .filter(({ own }) => own.length)
      .map(({ own, i }) => svg`<path class="points ${i < 0 ? "plain" : `s${series(i)}`}" d=${marks(Math.max(0, i), own.map(({ x, y }) => [atX(x), atY(y)]), round((data.length > 400 ? 0.2 : 0.3) * em))} />`);
  }

  #contour(unit, segments, i, atX, atY, em) {
    if (!segments.length) return nothing;
    const [x, y] = segments[Math.floor(segments.length * (0.2 + 0.6 * ((i * 0.37) % 1)))];
    return svg`<path class="neuron" stroke-dasharray=${dashes(i)} d=${joined(segments).map((line) => line.map(([px, py], at) => `${at ? "L" : "M"}${atX(px)} ${atY(py)}`).join("")).join("")} />
      <text class="neuron-name" x=${atX(x) + 4} y=${atY(y) - 3}>${unit.slice(unit.lastIndexOf("/") + 1)}</text>`;
  }

  #scale(x, top, tall, least, most, meaning, em) {
    const step = tall / LEVELS;
    return svg`${Array.from({ length: LEVELS }, (_, i) => this.#step(i, `M${round(x)} ${round(top + tall - (i + 1) * step)}h${round(em)}v${round(step + 0.3)}h${round(-em)}z`))}
      ${ticks(least, most, 6).map((each) => svg`<text class="key" x=${x + 1.4 * em} y=${top + tall - (each - least) / ((most - least) || 1) * tall + em / 3}>${tick(each)}</text>`)}
      <text class="key" x=${x + 5.2 * em} y=${em} text-anchor="end">${cut(meaning, 32)}</text>`;
  }
}

/** Pieces that touch become one line, so that its dashes are even. */
function joined(segments) {
  const key = ([x, y]) => `${x.toPrecision(9)} ${y.toPrecision(9)}`;
  const ends = new Map();
  const pieces = segments.map(([a, b, c, d]) => ({ points: [[a, b], [c, d]], used: false }));
  for (const piece of pieces) {
    for (const point of piece.points) {
      if (!ends.has(key(point))) ends.set(key(point), []);
      ends.get(key(point)).push(piece);
    }
  }
  const lines = [];
  for (const first of pieces) {
    if (first.used) continue;
    first.used = true;
    const line = [...first.points];
    // From one end on, then from the other.
    for (let side = 0; side < 2; side++) {
      for (;;) {
        const end = key(line.at(-1));
        const next = ends.get(end).find((piece) => !piece.used);
        if (!next) break;
        next.used = true;
        line.push(key(next.points[0]) === end ? next.points[1] : next.points[0]);
      }
      line.reverse();
    }
    lines.push(line);
  }
  return lines;
}

function short(value) {
  return Number(value.toPrecision(4));
}

customElements.define("plane-view", PlaneView);
