// Nested numbers as the image that they are.
import { css, html, Part } from "../part.js";

export const WHITE = 255;

/** The sizes of a shape of three axes that holds an image, with one channel or three, last or first; null: it holds none. */
export function imageOf(shape) {
  const isChannels = (length) => length === 1 || length === 3;
  if (shape?.length !== 3) return null;
  const [a, b, c] = shape;
  if (isChannels(c)) return { height: a, width: b, channels: c, isFirst: false };
  return isChannels(a) ? { height: b, width: c, channels: a, isFirst: true } : null;
}

/** What is white among images, of which `largest` is the largest number: pixels go to 255, or to 1. */
export function mostOf(largest) {
  return largest > 0 && largest <= 1 ? 1 : WHITE;
}

class PixelPicture extends Part {
  static sheet = css`
    pixel-picture canvas { display: block; image-rendering: pixelated; border: 1px solid var(--line); }`;

  /** `value`: nested numbers of the `shape`, from 0 to `most`. */
  static properties = { label: {}, shape: {}, value: {}, most: {} };

  updated() {
    const { height, width, channels, isFirst } = imageOf(this.shape);
    const canvas = this.querySelector("canvas");
    [canvas.width, canvas.height] = [width, height];
    const context = canvas.getContext("2d");
    const drawn = context.createImageData(width, height);
    for (let row = 0; row < height; row++) {
      for (let column = 0; column < width; column++) {
        const at = 4 * (row * width + column);
        for (let i = 0; i < 3; i++) {
          const channel = Math.min(i, channels - 1);
          const value = isFirst ? this.value?.[channel]?.[row]?.[column] : this.value?.[row]?.[column]?.[channel];
          drawn.data[at + i] = WHITE * (Number(value) || 0) / this.most;
        }
        drawn.data[at + 3] = WHITE;
      }
    }
    context.putImageData(drawn, 0, 0);
  }

  render() {
    return html`<canvas role="img" aria-label=${this.label}></canvas>`;
  }
}

customElements.define("pixel-picture", PixelPicture);
