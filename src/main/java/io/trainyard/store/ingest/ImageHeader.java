package io.trainyard.store.ingest;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.Iterator;
import java.util.Locale;
import javax.imageio.ImageIO;
import javax.imageio.ImageReader;
import javax.imageio.stream.ImageInputStream;
import org.jspecify.annotations.Nullable;

/**
 * Name, size and channels of an image, read without decoding its pixels.
 *
 * @param label the innermost folder; null for an image at the top
 * @param channels 1 for gray, 3 for color
 */
record ImageHeader(String name, @Nullable String label, int height, int width, int channels) {
  private static final long MAX_PIXELS = 64L << 20;

  static ImageHeader read(String name, byte[] bytes) throws IOException, BadImageException {
    try (ImageInputStream in = ImageIO.createImageInputStream(new ByteArrayInputStream(bytes))) {
      ImageReader reader = reader(in);
      try {
        reader.setInput(in);
        int height = reader.getHeight(0);
        int width = reader.getWidth(0);
        if ((long) height * width > MAX_PIXELS) {
          throw new BadImageException("it has " + height + " × " + width + " pixels");
        }
        int bands = reader.getRawImageType(0) == null ? 3 : reader.getRawImageType(0).getNumBands();
        boolean gray = bands <= 2 && reader.getRawImageType(0) != null;
        return new ImageHeader(name, label(name), height, width, gray ? 1 : 3);
      } catch (RuntimeException e) {
        throw new BadImageException("it cannot be decoded: " + e.getMessage());
      } finally {
        reader.dispose();
      }
    } catch (IOException e) {
      throw new BadImageException("it cannot be decoded: " + e.getMessage());
    }
  }

  private static ImageReader reader(ImageInputStream in) throws IOException, BadImageException {
    for (Iterator<ImageReader> readers = ImageIO.getImageReaders(in); readers.hasNext(); ) {
      ImageReader reader = readers.next();
      String format = reader.getFormatName().toLowerCase(Locale.ROOT);
      if (format.equals("png") || format.equals("jpeg") || format.equals("jpg")) {
        return reader;
      }
    }
    throw new BadImageException("it is not a PNG or JPEG image");
  }

  /** The innermost folder of a path. */
  private static @Nullable String label(String name) {
    int end = name.lastIndexOf('/');
    return end <= 0 ? null : name.substring(name.lastIndexOf('/', end - 1) + 1, end);
  }
}
