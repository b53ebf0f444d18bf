package io.trainyard.tensor.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.trainyard.tensor.Shape;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Random;
import java.util.zip.CRC32;
import java.util.zip.DeflaterOutputStream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Pixels that the test filters and compresses itself come back, with and without a palette. */
class PngPixelsTest {
  private static final int GRAY = 0;
  private static final int PALETTE = 3;

  private final Random random = new Random(5);

  @ParameterizedTest
  @CsvSource({"0,1,1", "0,3,1", "2,3,3", "4,1,2", "4,3,2", "6,3,4"})
  void everyFilterIsUndone(int colors, int channels, int bands) throws Exception {
    for (int[] size : new int[][] {{1, 1}, {3, 2}, {28, 28}, {5, 700}, {700, 5}, {90, 400}}) {
      int height = size[0];
      int width = size[1];
      byte[] samples = new byte[height * width * bands];
      random.nextBytes(samples);
      byte[] png = png(height, width, colors, filtered(samples, height, bands), 1 << 12);
      byte[] pixels = decode(png, Shape.of(height, width, channels));
      for (int i = 0; i < height * width; i++) {
        for (int c = 0; c < channels; c++) {
          byte expected = samples[i * bands + (bands <= 2 ? 0 : c)];
          assertThat(pixels[i * channels + c])
              .as("pixel %d of %s", i, png.length)
              .isEqualTo(expected);
        }
      }
    }
  }

  @Test
  void decodesAsTheJavaLibraryDoes() throws Exception {
    int[] types = {
      BufferedImage.TYPE_INT_RGB, BufferedImage.TYPE_INT_ARGB, BufferedImage.TYPE_BYTE_INDEXED
    };
    for (int type : types) {
      BufferedImage image = new BufferedImage(31, 17, type);
      for (int i = 0; i < 31 * 17; i++) {
        image.setRGB(i % 31, i / 31, 0xff000000 | random.nextInt(1 << 24));
      }
      ByteArrayOutputStream file = new ByteArrayOutputStream();
      ImageIO.write(image, "png", file);
      byte[] pixels = decode(file.toByteArray(), Shape.of(17, 31, 3));
      BufferedImage stored = ImageIO.read(new ByteArrayInputStream(file.toByteArray()));
      assertThat(pixels).isEqualTo(ImagePixels.of(stored, Shape.of(17, 31, 3)));
    }
  }

  @Test
  void grayOfSixteenBitsAndGrayAmongColorsKeepTheirValues() throws Exception {
    BufferedImage deep = new BufferedImage(2, 1, BufferedImage.TYPE_USHORT_GRAY);
    deep.getRaster().setSample(0, 0, 0, 0x80ff);
    deep.getRaster().setSample(1, 0, 0, 0x1234);
    ByteArrayOutputStream file = new ByteArrayOutputStream();
    ImageIO.write(deep, "png", file);
    assertThat(decode(file.toByteArray(), Shape.of(1, 2, 1)))
        .containsExactly((byte) 0x80, (byte) 0x12);
    assertThat(decode(file.toByteArray(), Shape.of(1, 2, 3)))
        .isEqualTo(new byte[] {-128, -128, -128, 0x12, 0x12, 0x12});
    byte[] gray = png(1, 2, GRAY, new byte[] {0, 100, 7}, 99);
    assertThat(decode(gray, Shape.of(1, 2, 3))).isEqualTo(new byte[] {100, 100, 100, 7, 7, 7});
  }

  @Test
  void anIndexBeyondThePaletteIsBlack() throws Exception {
    byte[] png = png(1, 3, PALETTE, new byte[] {0, 0, 1, 9}, 99);
    assertThat(decode(png, Shape.of(1, 3, 3))).isEqualTo(new byte[] {1, 2, 3, 4, 5, 6, 0, 0, 0});
  }

  @ParameterizedTest
  @ValueSource(strings = {"0 1 2", "5 1 2 3", "0 1 2 3 9 1 2 3"})
  void brokenLinesAreRefused(String lines) throws Exception {
    String[] each = lines.split(" ", -1);
    byte[] filtered = new byte[each.length];
    for (int i = 0; i < each.length; i++) {
      filtered[i] = Byte.parseByte(each[i]);
    }
    byte[] png = png(2, 3, GRAY, filtered, 99);
    assertThatThrownBy(() -> decode(png, Shape.of(2, 3, 1))).isInstanceOf(BadImageException.class);
  }

  private static byte[] decode(byte[] png, Shape shape) throws BadImageException, IOException {
    byte[] file = png.clone();
    ImageHeader header = ImageHeader.read(new ByteArrayInputStream(file));
    return ImageDecoder.decode(header, file, shape);
  }

  /** Lines with their filter types, each line with the next one. */
  private static byte[] filtered(byte[] samples, int height, int bands) {
    int line = samples.length / height;
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    for (int y = 0; y < height; y++) {
      int filter = y % 5;
      out.write(filter);
      for (int i = 0; i < line; i++) {
        int at = y * line + i;
        int left = i < bands ? 0 : samples[at - bands] & 0xff;
        int above = y == 0 ? 0 : samples[at - line] & 0xff;
        int corner = i < bands || y == 0 ? 0 : samples[at - line - bands] & 0xff;
        int predicted =
            switch (filter) {
              case 0 -> 0;
              case 1 -> left;
              case 2 -> above;
              case 3 -> (left + above) / 2;
              default -> nearest(left + above - corner, left, above, corner);
            };
        out.write(samples[at] - predicted);
      }
    }
    return out.toByteArray();
  }

  private static int nearest(int estimate, int... neighbours) {
    int best = neighbours[0];
    for (int neighbour : neighbours) {
      if (Math.abs(estimate - neighbour) < Math.abs(estimate - best)) {
        best = neighbour;
      }
    }
    return best;
  }

  /** A PNG file; the compressed lines are cut into chunks of so many bytes. */
  private static byte[] png(int height, int width, int colors, byte[] lines, int chunk)
      throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.writeBytes(new byte[] {(byte) 0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n'});
    ByteBuffer header = ByteBuffer.allocate(13).putInt(width).putInt(height);
    add(out, "IHDR", header.put((byte) 8).put((byte) colors).array());
    if (colors == PALETTE) {
      add(out, "PLTE", new byte[] {1, 2, 3, 4, 5, 6});
    }
    ByteArrayOutputStream compressed = new ByteArrayOutputStream();
    try (DeflaterOutputStream zlib = new DeflaterOutputStream(compressed)) {
      zlib.write(lines);
    }
    byte[] all = compressed.toByteArray();
    for (int at = 0; at < all.length; at += chunk) {
      add(out, "IDAT", Arrays.copyOfRange(all, at, Math.min(all.length, at + chunk)));
    }
    add(out, "IEND", new byte[0]);
    return out.toByteArray();
  }

  private static void add(ByteArrayOutputStream out, String type, byte[] content) {
    byte[] name = type.getBytes(StandardCharsets.US_ASCII);
    CRC32 checksum = new CRC32();
    checksum.update(name);
    checksum.update(content);
    out.writeBytes(ByteBuffer.allocate(4).putInt(content.length).array());
    out.writeBytes(name);
    out.writeBytes(content);
    out.writeBytes(ByteBuffer.allocate(4).putInt((int) checksum.getValue()).array());
  }
}
