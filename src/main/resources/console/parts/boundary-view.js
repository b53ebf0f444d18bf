// What a net answers over the plane of two inputs: colours, the line where it is undecided, and the rows that it was taught.
import { bus } from "../api.js";
import { css, html, Part } from "../part.js";
import { middle } from "./bands.js";
import { cut } from "./chart.js";
import { marks, series } from "./marks.js";

class BoundaryView extends Part {
  static sheet = css`
    boundary-view { display: block; position: relative; aspect-ratio: 1; }
    boundary-view canvas { display: block; width: 100%; height: 100%; border-radius: var(--radius); }`;

  /**
   * `grid`: shares from 0 to 1, row by row from below; with `classes`, their names, it has the numbers of classes. `line`: whether a
   * half is where it is undecided. `points`: rows of data, as [{ x, y, is }] with places from 0 to 1; `is`: the number of its class, true
   * or false of an answer that is a share, or undefined. `rows`: the few that bear their answer, true or false.
   */
  static properties = { grid: {}, classes: {}, side: {}, rows: {}, points: {}, label: {}, line: {} };

  constructor() {
    super();
    this.grid = null;
    this.classes = [];
    this.rows = [];
    this.points = [];
    this.line = true;
    this.redraw = () => this.#draw();
    this.sight = matchMedia("(prefers-color-scheme: dark)");
  }

  connectedCallback() {
    super.connectedCallback();
    this.size = new ResizeObserver(this.redraw);
    this.size.observe(this);
    bus.addEventListener("theme", this.redraw);
    this.sight.addEventListener("change", this.redraw);
  }

  disconnectedCallback() {
    super.disconnectedCallback();
    this.size.disconnect();
    bus.removeEventListener("theme", this.redraw);
    this.sight.removeEventListener("change", this.redraw);
  }

  updated() {
    this.#draw();
  }

  #draw() {
    const canvas = this.querySelector("canvas");
    const width = this.clientWidth;
    if (!canvas || !width) return;
    const scale = devicePixelRatio || 1;
    canvas.width = canvas.height = Math.round(width * scale);
    const context = canvas.getContext("2d");
    const colours = ["--low", "--card", "--high", "--ink"].map((name) => rgb(canvas, name));
    const [low, card, high, ink] = colours;
    if (this.grid && this.classes.length) this.#regions(context, canvas, scale, css4(ink), css4(card));
    else if (this.grid) {
      this.#fill(context, canvas.width, (value) => {
        const [from, to, share] = value < 0.5 ? [low, card, value * 2] : [card, high, value * 2 - 1];
        return from.map((part, c) => part + (to[c] - part) * share);
      });
      if (this.line) this.#contour(context, canvas.width, css4(ink), 2 * scale);
    }
    this.#points(context, canvas, scale, { low: css4(low), high: css4(high), ink: css4(ink), card: css4(card) });
    for (const row of this.rows) {
      context.beginPath();
      const [x, y] = [row.x * canvas.width, (1 - row.y) * canvas.width];
      context.arc(x, y, 11 * scale, 0, 7);
      context.fillStyle = css4(row.is ? high : low);
      context.fill();
      context.lineWidth = 2.5 * scale;
      context.strokeStyle = css4(card);
      context.stroke();
      context.fillStyle = "#fff";
      context.font = `700 ${12 * scale}px system-ui, sans-serif`;
      context.textAlign = "center";
      context.textBaseline = "middle";
      context.fillText(row.is ? "1" : "0", x, y + scale / 2);
    }
  }

  /** Each class in its colour, and its name where it has most room: between two classes there is no third. */
  #regions(context, canvas, scale, ink, ground) {
    const { side, grid, classes } = this;
    const colours = classes.map((_, i) => rgb(canvas, `--series-${series(i)}`));
    this.#fill(context, canvas.width, (value) => colours[value], false);
    context.font = `650 ${13 * scale}px system-ui, sans-serif`;
    context.textAlign = "center";
    context.textBaseline = "middle";
    context.lineJoin = "round";
    context.lineWidth = 4 * scale;
    const step = canvas.width / (side - 1);
    classes.forEach((name, i) => {
      const place = middle(grid, side, side, i);
      if (!place) return;
      const room = context.measureText(cut(name, 18)).width / 2 + 4 * scale;
      const at = [Math.min(canvas.width - room, Math.max(room, place.column * step)), Math.min(canvas.width - 10 * scale, Math.max(10 * scale, canvas.width - place.row * step))];
      context.strokeStyle = ground;
      context.strokeText(cut(name, 18), ...at);
      context.fillStyle = ink;
      context.fillText(cut(name, 18), ...at);
    });
  }

  /** Each point in the colour of its answer; the browser smooths between points of numbers. */
  #fill(context, width, colour, isSmooth = true) {
    const { side, grid } = this;
    const picture = new ImageData(side, side);
    grid.forEach((value, i) => {
      const at = ((side - 1 - Math.floor(i / side)) * side + i % side) * 4;
      picture.data.set(colour(value), at);
      picture.data[at + 3] = isSmooth ? 215 : 110;
    });
    const small = new OffscreenCanvas(side, side);
    small.getContext("2d").putImageData(picture, 0, 0);
    context.imageSmoothingEnabled = isSmooth;
    context.imageSmoothingQuality = "high";
    // The outer points stand on the edge of the picture.
    const inset = width / (side - 1) / 2;
    context.drawImage(small, -inset, -inset, width + 2 * inset, width + 2 * inset);
  }

  /** A class has a shape beside its colour; of two, the one whose probability is drawn is a square. */
  #points(context, canvas, scale, { low, high, ink, card }) {
    const kinds = this.classes.length ? this.classes.map((_, i) => [i, i, css4(rgb(canvas, `--series-${series(i)}`))]) : [[false, 0, low], [true, 1, high]];
    for (const [is, shape, colour] of [...kinds, [undefined, 0, ink]]) {
      const own = this.points.filter((each) => each.is === is);
      const drawn = new Path2D(marks(shape, own.map(({ x, y }) => [x * canvas.width, (1 - y) * canvas.width]), 3.6 * scale));
      context.fillStyle = colour;
      context.fill(drawn);
      context.lineWidth = 1.2 * scale;
      context.strokeStyle = card;
      context.stroke(drawn);
    }
  }

  /** Where the answer is one half, square by square. */
  #contour(context, width, colour, thickness) {
    const { side, grid } = this;
    const step = width / (side - 1);
    context.beginPath();
    for (let y = 0; y < side - 1; y++) {
      for (let x = 0; x < side - 1; x++) {
        const corners = [[x, y], [x + 1, y], [x + 1, y + 1], [x, y + 1]];
        const cuts = [];
        corners.forEach(([ax, ay], i) => {
          const [bx, by] = corners[(i + 1) % 4];
          const a = grid[ay * side + ax] - 0.5;
          const b = grid[by * side + bx] - 0.5;
          if (a < 0 !== b < 0) {
            const share = a / (a - b);
            cuts.push([(ax + (bx - ax) * share) * step, width - (ay + (by - ay) * share) * step]);
          }
        });
        for (let i = 0; i + 1 < cuts.length; i += 2) {
          context.moveTo(...cuts[i]);
          context.lineTo(...cuts[i + 1]);
        }
      }
    }
    context.lineWidth = thickness;
    context.lineCap = "round";
    context.strokeStyle = colour;
    context.stroke();
  }

  render() {
    return html`<canvas role="img" aria-label=${this.label || "What the net answers"}></canvas>`;
  }
}

/** A colour of the style sheet as the browser computes it, in numbers. */
function rgb(element, name) {
  element.style.color = `var(${name})`;
  const found = getComputedStyle(element).color.match(/[\d.]+/g).map(Number);
  element.style.color = "";
  return found.slice(0, 3);
}

function css4([r, g, b]) {
  return `rgb(${r} ${g} ${b})`;
}

customElements.define("boundary-view", BoundaryView);
