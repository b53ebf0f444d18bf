package io.trainyard.tensor.image;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;

/**
 * Decodes PNG images with 8 bits per sample and without interlace: nearly all of them. The decoder
 * of the Java library takes a hundred times as long for a small image. Source: PNG specification,
 * third edition, 9.2 (filters) and 10 (compression).
 */
final class PngPixels {
  private static final int BLOCK = 1 << 16;
  private static final int PALETTE = 3;

  private final byte[] file;
  private final int length;
  private final int bands;
  private final int lineBytes;
  private byte[] palette = new byte[0];
  private int at = PngChunks.SIGNATURE_BYTES;

  private PngPixels(ImageHeader.Png header, int width, byte[] file, int length) {
    this.file = file;
    this.length = length;
    this.bands = header.bands();
    this.lineBytes = width * bands;
  }

  static boolean reads(ImageHeader.Png header) {
    return header.depth() == 8 && header.interlace() == 0;
  }

  /**
   * The pixels [height, width, channels].
   *
   * @param length the bytes of the file that {@link PngChunks} kept
   * @param channels 1 or 3; a gray value becomes three equal ones
   */
  static byte[] read(ImageHeader header, byte[] file, int length, int channels)
      throws BadImageException {
    ImageHeader.Png png = header.requirePng();
    PngPixels reader = new PngPixels(png, header.width(), file, length);
    byte[] samples = new byte[Math.multiplyExact(header.height(), reader.lineBytes)];
    try (Inflater inflater = new Inflater()) {
      reader.readLines(inflater, header.height(), samples);
    } catch (DataFormatException | ArrayIndexOutOfBoundsException e) {
      throw new BadImageException("its pixels cannot be decoded");
    }
    return png.colors() == PALETTE
        ? reader.colored(samples, channels)
        : reader.converted(samples, channels);
  }

  private void readLines(Inflater inflater, int height, byte[] samples)
      throws DataFormatException, BadImageException {
    int whole = lineBytes + 1;
    int together = Math.clamp(BLOCK / whole, 1, height);
    byte[] block = new byte[together * whole];
    byte[] above = new byte[lineBytes];
    for (int line = 0; line < height; line += together) {
      int lines = Math.min(together, height - line);
      inflate(inflater, block, lines * whole);
      for (int i = 0; i < lines; i++) {
        int to = (line + i) * lineBytes;
        System.arraycopy(block, i * whole + 1, samples, to, lineBytes);
        boolean first = line + i == 0;
        unfilter(
            block[i * whole], samples, to, first ? above : samples, first ? 0 : to - lineBytes);
      }
    }
  }

  private void inflate(Inflater inflater, byte[] block, int wanted)
      throws DataFormatException, BadImageException {
    int filled = 0;
    while (filled < wanted) {
      int read = inflater.inflate(block, filled, wanted - filled);
      filled += read;
      if (read == 0) {
        if (inflater.finished() || inflater.needsDictionary() || !nextData(inflater)) {
          throw new BadImageException("its pixels cannot be decoded");
        }
      }
    }
  }

  /** Passes the next chunk with pixels on; false at the end. Reads the palette on the way. */
  private boolean nextData(Inflater inflater) {
    ByteBuffer chunks = ByteBuffer.wrap(file, 0, length);
    while (at + PngChunks.FRAME_BYTES <= length) {
      int bytes = chunks.getInt(at);
      int type = chunks.getInt(at + 4);
      int content = at + 8;
      at += PngChunks.FRAME_BYTES + bytes;
      if (type == PngChunks.PLTE) {
        palette = Arrays.copyOfRange(file, content, content + bytes);
      } else if (type == PngChunks.IDAT && bytes > 0) {
        inflater.setInput(file, content, bytes);
        return true;
      }
    }
    return false;
  }

  /** Adds to each byte of a line what its filter took away. */
  private void unfilter(int filter, byte[] line, int from, byte[] above, int up)
      throws BadImageException {
    switch (filter) {
      case 0 -> {
        // Nothing was taken away.
      }
      case 1 -> {
        for (int i = bands; i < lineBytes; i++) {
          line[from + i] += line[from + i - bands];
        }
      }
      case 2 -> {
        for (int i = 0; i < lineBytes; i++) {
          line[from + i] += above[up + i];
        }
      }
      case 3 -> {
        for (int i = 0; i < lineBytes; i++) {
          int left = i < bands ? 0 : line[from + i - bands] & 0xff;
          line[from + i] += (byte) ((left + (above[up + i] & 0xff)) / 2);
        }
      }
      case 4 -> {
        for (int i = 0; i < lineBytes; i++) {
          int left = i < bands ? 0 : line[from + i - bands] & 0xff;
          int upperLeft = i < bands ? 0 : above[up + i - bands] & 0xff;
          line[from + i] += (byte) paeth(left, above[up + i] & 0xff, upperLeft);
        }
      }
      default -> throw new BadImageException("its filter type " + filter + " is unknown");
    }
  }

  /** Of the three neighbours the one that is closest to left + above − upper left. */
  private static int paeth(int left, int above, int upperLeft) {
    int toLeft = Math.abs(above - upperLeft);
    int toAbove = Math.abs(left - upperLeft);
    int toUpperLeft = Math.abs(left + above - 2 * upperLeft);
    if (toLeft <= toAbove && toLeft <= toUpperLeft) {
      return left;
    }
    return toAbove <= toUpperLeft ? above : upperLeft;
  }

  private byte[] colored(byte[] indices, int channels) {
    byte[] pixels = new byte[Math.multiplyExact(indices.length, channels)];
    for (int i = 0; i < indices.length; i++) {
      int color = 3 * (indices[i] & 0xff);
      for (int c = 0; c < channels; c++) {
        // An index beyond the palette is black, as the Java library has it.
        pixels[i * channels + c] = color + c < palette.length ? palette[color + c] : 0;
      }
    }
    return pixels;
  }

  /** Without the opacity, with the channels that the rows have. */
  private byte[] converted(byte[] samples, int channels) {
    if (bands == channels) {
      return samples;
    }
    int count = samples.length / bands;
    byte[] pixels = new byte[Math.multiplyExact(count, channels)];
    boolean gray = bands <= 2;
    for (int i = 0; i < count; i++) {
      for (int c = 0; c < channels; c++) {
        pixels[i * channels + c] = samples[i * bands + (gray ? 0 : c)];
      }
    }
    return pixels;
  }
}
