package io.trainyard.store.ingest;

import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.zip.CRC32;
import java.util.zip.Deflater;
import javax.imageio.ImageIO;

/** Builds image files, also those that no program would write. */
final class Images {
  private Images() {}

  static byte[] encode(String format, int type, int width, int height) {
    BufferedImage image = new BufferedImage(width, height, type);
    for (int i = 0; i < width * height; i++) {
      image.setRGB(i % width, i / width, 0x102030 * (1 + i % 7));
    }
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try {
      ImageIO.write(image, format, out);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return out.toByteArray();
  }

  /** A PNG file of chunks. */
  static final class Png {
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();

    Png(int width, int height, int depth, int colors) {
      out.writeBytes(new byte[] {(byte) 0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n'});
      ByteBuffer header = ByteBuffer.allocate(13).putInt(width).putInt(height);
      chunk("IHDR", header.put((byte) depth).put((byte) colors).array());
    }

    Png chunk(String type, byte[] content) {
      byte[] name = type.getBytes(StandardCharsets.US_ASCII);
      CRC32 checksum = new CRC32();
      checksum.update(name);
      checksum.update(content);
      out.writeBytes(ByteBuffer.allocate(4).putInt(content.length).array());
      out.writeBytes(name);
      out.writeBytes(content);
      out.writeBytes(ByteBuffer.allocate(4).putInt((int) checksum.getValue()).array());
      return this;
    }

    byte[] bytes() {
      return out.toByteArray();
    }
  }

  /** As PNG compresses. */
  static byte[] zlib(byte[] content) {
    try (Deflater deflater = new Deflater(9)) {
      deflater.setInput(content);
      deflater.finish();
      ByteArrayOutputStream out = new ByteArrayOutputStream();
      byte[] buffer = new byte[1 << 14];
      while (!deflater.finished()) {
        out.write(buffer, 0, deflater.deflate(buffer));
      }
      return out.toByteArray();
    }
  }
}
