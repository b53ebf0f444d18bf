// What a net answers over the plane of two inputs: colours, the line where it is undecided, and the rows that it was taught.
import { bus } from "../api.js";
import { css, html, Part } from "../part.js";

class BoundaryView extends Part {
  static sheet = css`
    boundary-view { display: block; position: relative; aspect-ratio: 1; }
    boundary-view canvas { display: block; width: 100%; height: 100%; border-radius: var(--radius); }`;

  /** `grid`: shares from 0 to 1, row by row from below. `line`: whether a half is where it is undecided. */
  static properties = { grid: {}, side: {}, margin: {}, rows: {}, label: {}, line: {} };

  constructor() {
    super();
    this.grid = null;
    this.rows = [];
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
    const [low, middle, high, ink] = colours;
    if (this.grid) {
      this.#fill(context, canvas.width, low, middle, high);
      if (this.line) this.#contour(context, canvas.width, css4(ink), 2 * scale);
    }
    for (const row of this.rows) {
      const at = (value) => (value + this.margin) / (1 + 2 * this.margin) * canvas.width;
      context.beginPath();
      context.arc(at(row.x), canvas.width - at(row.y), 11 * scale, 0, 7);
      context.fillStyle = css4(row.is ? high : low);
      context.fill();
      context.lineWidth = 2.5 * scale;
      context.strokeStyle = css4(middle);
      context.stroke();
      context.fillStyle = "#fff";
      context.font = `700 ${12 * scale}px system-ui, sans-serif`;
      context.textAlign = "center";
      context.textBaseline = "middle";
      context.fillText(row.is ? "1" : "0", at(row.x), canvas.width - at(row.y) + scale / 2);
    }
  }

  /** Each point in the colour of its answer; the browser smooths between points. */
  #fill(context, width, low, middle, high) {
    const { side, grid } = this;
    const picture = new ImageData(side, side);
    grid.forEach((value, i) => {
      const [from, to, share] = value < 0.5 ? [low, middle, value * 2] : [middle, high, value * 2 - 1];
      const at = ((side - 1 - Math.floor(i / side)) * side + i % side) * 4;
      for (let c = 0; c < 3; c++) picture.data[at + c] = from[c] + (to[c] - from[c]) * share;
      picture.data[at + 3] = 215;
    });
    const small = new OffscreenCanvas(side, side);
    small.getContext("2d").putImageData(picture, 0, 0);
    context.imageSmoothingEnabled = true;
    context.imageSmoothingQuality = "high";
    // The outer points stand on the edge of the picture.
    const inset = width / (side - 1) / 2;
    context.drawImage(small, -inset, -inset, width + 2 * inset, width + 2 * inset);
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
