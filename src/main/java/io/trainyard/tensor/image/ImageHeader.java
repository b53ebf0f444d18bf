package io.trainyard.tensor.image;

import io.trainyard.tensor.Shape;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import org.jspecify.annotations.Nullable;

/**
 * Size and channels of an image, read from its first bytes by this code alone: a decoder must not
 * run before they are known.
 *
 * @param channels 1 for gray, 3 for color
 * @param decoderBytes the memory that the decoder takes for the pixels
 * @param png what only a PNG image has
 */
public record ImageHeader(
    Format format, int height, int width, int channels, long decoderBytes, @Nullable Png png) {
  private static final long MAX_PIXELS = 64L << 20;
  private static final long PNG = 0x89504e470d0a1a0aL;
  private static final int JPEG = 0xffd8;

  /**
   * How a PNG image stores its pixels.
   *
   * @param depth the bits of a sample
   * @param colors the color type
   * @param bands the samples of a pixel
   * @param interlace 0 for none
   */
  record Png(int depth, int colors, int bands, int interlace) {}

  enum Format {
    PNG("png"),
    JPEG("jpeg");

    private final String decoder;

    Format(String decoder) {
      this.decoder = decoder;
    }

    /** The name of the decoder in the Java library. */
    String decoder() {
      return decoder;
    }
  }

  /** Reads as much of an image as its header takes. */
  public static ImageHeader read(InputStream image) throws IOException, BadImageException {
    DataInputStream in = new DataInputStream(image);
    try {
      int start = in.readUnsignedShort();
      if (start == JPEG) {
        return jpeg(in);
      }
      long rest = (in.readInt() & 0xffffffffL) << 16 | in.readUnsignedShort();
      if (((long) start << 48 | rest) == PNG) {
        return png(in);
      }
    } catch (EOFException e) {
      throw new BadImageException("it is not a PNG or JPEG image, or it ends too early");
    }
    throw new BadImageException("it is not a PNG or JPEG image");
  }

  /** Source: PNG specification, third edition, 11.2. */
  private static ImageHeader png(DataInputStream in) throws IOException, BadImageException {
    if (in.readInt() != 13 || in.readInt() != PngChunks.IHDR) {
      throw new BadImageException("its header chunk IHDR is missing");
    }
    int width = in.readInt();
    int height = in.readInt();
    int depth = in.readUnsignedByte();
    int colors = in.readUnsignedByte();
    in.skipNBytes(2); // compression and filter
    int interlace = in.readUnsignedByte();
    in.skipNBytes(4); // checksum
    checkSize(height, width);
    int bands =
        switch (colors) {
          case 0 -> 1;
          case 2 -> 3;
          case 3 -> 1;
          case 4 -> 2;
          case 6 -> 4;
          default -> throw new BadImageException("its color type " + colors + " is unknown");
        };
    boolean color = colors == 3 ? hasColorPalette(in) : bands >= 3;
    long raster = (long) height * width * bands * (depth > 8 ? 2 : 1);
    return new ImageHeader(
        Format.PNG, height, width, color ? 3 : 1, raster, new Png(depth, colors, bands, interlace));
  }

  private static boolean hasColorPalette(DataInputStream in) throws IOException, BadImageException {
    while (true) {
      long length = in.readInt() & 0xffffffffL;
      int type = in.readInt();
      if (type == PngChunks.IDAT || type == PngChunks.IEND) {
        throw new BadImageException("its palette is missing");
      }
      if (type != PngChunks.PLTE) {
        in.skipNBytes(length + 4);
        continue;
      }
      if (length > 3 * 256) {
        throw new BadImageException("its palette has " + length + " bytes");
      }
      byte[] palette = in.readNBytes((int) length);
      for (int i = 0; i + 2 < palette.length; i += 3) {
        if (palette[i] != palette[i + 1] || palette[i] != palette[i + 2]) {
          return true;
        }
      }
      return false;
    }
  }

  /** Source: ITU-T T.81, B.2. */
  private static ImageHeader jpeg(DataInputStream in) throws IOException, BadImageException {
    while (true) {
      int marker = JpegMarkers.next(in);
      if (marker == JpegMarkers.SCAN || marker == JpegMarkers.END) {
        throw new BadImageException("its frame header is missing");
      }
      int length = in.readUnsignedShort();
      if (length < 2) {
        throw new BadImageException("it has a segment of " + length + " bytes");
      }
      if (!JpegMarkers.isFrame(marker)) {
        in.skipNBytes(length - 2L);
        continue;
      }
      int depth = in.readUnsignedByte();
      int height = in.readUnsignedShort();
      int width = in.readUnsignedShort();
      int bands = in.readUnsignedByte();
      checkSize(height, width);
      if (depth != 8 || (bands != 1 && bands != 3)) {
        throw new BadImageException(
            "it has %d components of %d bits; JPEG images with 1 or 3 of 8 bits are read"
                .formatted(bands, depth));
      }
      // The decoder keeps 16-bit coefficients of all pixels beside the pixels.
      return new ImageHeader(Format.JPEG, height, width, bands, 3L * height * width * bands, null);
    }
  }

  private static void checkSize(int height, int width) throws BadImageException {
    if (height < 1 || width < 1 || (long) height * width > MAX_PIXELS) {
      throw new BadImageException(
          "it has %s × %s pixels; 1 to %d are allowed"
              .formatted(
                  Integer.toUnsignedString(height), Integer.toUnsignedString(width), MAX_PIXELS));
    }
  }

  Png requirePng() {
    if (png == null) {
      throw new IllegalStateException("not a PNG image");
    }
    return png;
  }

  /** The memory for making a row of this shape from the image, whose file has so many bytes. */
  public long memory(long fileBytes, Shape shape) {
    boolean resized = height != shape.axis(0) || width != shape.axis(1);
    long copy = resized ? (long) Integer.BYTES * shape.axis(0) * shape.axis(1) : 0;
    return 2 * fileBytes + decoderBytes + copy + Long.BYTES * shape.elements();
  }
}
