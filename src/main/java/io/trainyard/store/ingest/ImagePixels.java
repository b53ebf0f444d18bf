package io.trainyard.store.ingest;

import io.trainyard.tensor.Shape;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.image.BufferedImage;
import java.awt.image.IndexColorModel;

/** The pixels of a decoded image as a row of tensor elements. */
final class ImagePixels {
  private ImagePixels() {}

  /** Elements from 0 to 255 in the shape [height, width, channels]; resizes the image to it. */
  static long[] of(BufferedImage image, Shape shape) {
    return read(resized(image, shape.axis(0), shape.axis(1)), shape);
  }

  private static BufferedImage resized(BufferedImage image, int height, int width) {
    if (image.getHeight() == height && image.getWidth() == width) {
      return image;
    }
    BufferedImage target = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
    Graphics2D graphics = target.createGraphics();
    graphics.setRenderingHint(
        RenderingHints.KEY_INTERPOLATION, RenderingHints.VALUE_INTERPOLATION_BILINEAR);
    graphics.drawImage(image, 0, 0, width, height, null);
    graphics.dispose();
    return target;
  }

  private static long[] read(BufferedImage image, Shape shape) {
    int channels = shape.axis(2);
    long[] pixels = new long[(int) shape.elements()];
    boolean grayRaster =
        channels == 1
            && image.getRaster().getNumBands() <= 2
            && image.getSampleModel().getSampleSize(0) == 8
            && !(image.getColorModel() instanceof IndexColorModel);
    int at = 0;
    for (int y = 0; y < image.getHeight(); y++) {
      for (int x = 0; x < image.getWidth(); x++) {
        if (grayRaster) {
          // getRGB would convert gray values to another color space.
          pixels[at++] = image.getRaster().getSample(x, y, 0);
          continue;
        }
        int rgb = image.getRGB(x, y);
        if (channels == 1) {
          pixels[at++] = rgb & 0xff;
        } else {
          pixels[at++] = rgb >> 16 & 0xff;
          pixels[at++] = rgb >> 8 & 0xff;
          pixels[at++] = rgb & 0xff;
        }
      }
    }
    return pixels;
  }
}
