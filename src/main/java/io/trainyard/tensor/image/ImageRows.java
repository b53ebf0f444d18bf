package io.trainyard.tensor.image;

import io.trainyard.tensor.Shape;
import java.io.ByteArrayInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;

/** Reads single images into rows of a shape that is known, as a prediction needs them. */
public final class ImageRows {
  private final ImageMemory memory;

  public ImageRows(ImageMemory memory) {
    this.memory = memory;
  }

  /** Whether rows of a shape are images: one or three channels, first or last, or none at all. */
  public static boolean areImages(Shape row) {
    return row.rank() == 2 || (row.rank() == 3 && (isChannels(row.last()) || channelsFirst(row)));
  }

  private static boolean isChannels(int length) {
    return length == 1 || length == 3;
  }

  private static boolean channelsFirst(Shape row) {
    return row.rank() == 3 && !isChannels(row.last()) && isChannels(row.axis(0));
  }

  /**
   * The pixels of a PNG or JPEG image, from 0 to 255 without sign, in the order of the row's
   * elements. The image is resized to the row's height and width, as in an upload with the option
   * {@code image}.
   *
   * @param file may be changed
   * @param row the shape of the row, which is that of an image
   * @throws BadImageException when it is no such image, or has colors where the row has none
   */
  public byte[] read(byte[] file, Shape row) throws BadImageException {
    boolean first = channelsFirst(row);
    int height = row.axis(first ? 1 : 0);
    int width = row.axis(first ? 2 : 1);
    int channels = row.rank() == 2 ? 1 : row.axis(first ? 0 : 2);
    ImageHeader header = header(file);
    // A color image may still be gray in every pixel.
    int decoded = Math.max(channels, header.channels());
    Shape image = Shape.of(height, width, decoded);
    try (ImageMemory.Held _ = memory.hold(header.memory(file.length, image))) {
      byte[] pixels = ImageDecoder.decode(header, file, image);
      byte[] own = decoded > channels ? gray(pixels) : pixels;
      return first ? channelsFirst(own, channels) : own;
    }
  }

  private static ImageHeader header(byte[] file) throws BadImageException {
    try (ByteArrayInputStream in = new ByteArrayInputStream(file)) {
      return ImageHeader.read(in);
    } catch (EOFException e) {
      throw new BadImageException("it is not a PNG or JPEG image, or it ends too early");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static byte[] gray(byte[] colors) throws BadImageException {
    byte[] gray = new byte[colors.length / 3];
    for (int i = 0; i < gray.length; i++) {
      gray[i] = colors[3 * i];
      if (colors[3 * i + 1] != gray[i] || colors[3 * i + 2] != gray[i]) {
        throw new BadImageException("it has colors, and the input takes gray images");
      }
    }
    return gray;
  }

  private static byte[] channelsFirst(byte[] pixels, int channels) {
    if (channels == 1) {
      return pixels;
    }
    int count = pixels.length / channels;
    byte[] moved = new byte[pixels.length];
    for (int i = 0; i < count; i++) {
      for (int c = 0; c < channels; c++) {
        moved[c * count + i] = pixels[i * channels + c];
      }
    }
    return moved;
  }
}
