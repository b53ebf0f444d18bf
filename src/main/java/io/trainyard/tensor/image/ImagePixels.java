package io.trainyard.tensor.image;

import io.trainyard.tensor.Shape;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.image.BufferedImage;
import java.awt.image.DataBufferByte;
import java.awt.image.IndexColorModel;
import java.awt.image.Raster;

/** The pixels of an image that the Java library decoded. */
final class ImagePixels {
  private ImagePixels() {}

  /** Pixels from 0 to 255 in the shape [height, width, channels]; resizes the image to it. */
  static byte[] of(BufferedImage image, Shape shape) {
    BufferedImage sized = resized(image, shape.axis(0), shape.axis(1));
    return isGray(sized) ? gray(sized.getRaster(), shape) : colors(sized, shape);
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

  /** Gray samples are read as they are: getRGB would convert them to another color space. */
  private static boolean isGray(BufferedImage image) {
    int bits = image.getSampleModel().getSampleSize(0);
    return image.getRaster().getNumBands() <= 2
        && (bits == 8 || bits == 16)
        && !(image.getColorModel() instanceof IndexColorModel);
  }

  private static byte[] gray(Raster raster, Shape shape) {
    int channels = shape.axis(2);
    int shift = raster.getSampleModel().getSampleSize(0) - 8;
    byte[] pixels = new byte[Math.toIntExact(shape.elements())];
    int[] line = new int[raster.getWidth()];
    int at = 0;
    for (int y = 0; y < raster.getHeight(); y++) {
      raster.getSamples(0, y, line.length, 1, 0, line);
      for (int sample : line) {
        for (int c = 0; c < channels; c++) {
          pixels[at++] = (byte) (sample >> shift);
        }
      }
    }
    return pixels;
  }

  private static byte[] colors(BufferedImage image, Shape shape) {
    int channels = shape.axis(2);
    byte[] pixels = new byte[Math.toIntExact(shape.elements())];
    if (channels == 3
        && image.getType() == BufferedImage.TYPE_3BYTE_BGR
        && image.getRaster().getDataBuffer() instanceof DataBufferByte buffer
        && buffer.getData().length == pixels.length) {
      byte[] blueFirst = buffer.getData();
      for (int i = 0; i < pixels.length; i += 3) {
        pixels[i] = blueFirst[i + 2];
        pixels[i + 1] = blueFirst[i + 1];
        pixels[i + 2] = blueFirst[i];
      }
      return pixels;
    }
    int[] line = new int[image.getWidth()];
    int at = 0;
    for (int y = 0; y < image.getHeight(); y++) {
      image.getRGB(0, y, line.length, 1, line, 0, line.length);
      for (int rgb : line) {
        if (channels == 1) {
          pixels[at++] = (byte) rgb;
        } else {
          pixels[at++] = (byte) (rgb >> 16);
          pixels[at++] = (byte) (rgb >> 8);
          pixels[at++] = (byte) rgb;
        }
      }
    }
    return pixels;
  }
}
