package io.trainyard.tensor.image;

import io.trainyard.tensor.Shape;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import javax.imageio.ImageIO;
import javax.imageio.ImageReader;
import javax.imageio.stream.ImageInputStream;
import javax.imageio.stream.MemoryCacheImageInputStream;

/** Decodes the pixels of an image whose header was read and whose memory is held. */
public final class ImageDecoder {
  private ImageDecoder() {}

  /**
   * The pixels of an image, from 0 to 255 without sign, in the shape [height, width, channels].
   * Resizes the image to it. May change the bytes of the file.
   */
  public static byte[] decode(ImageHeader header, byte[] file, Shape shape)
      throws BadImageException {
    int length =
        switch (header.format()) {
          case PNG -> PngChunks.keepPixels(file);
          case JPEG -> {
            JpegMarkers.check(file);
            yield file.length;
          }
        };
    boolean resized = header.height() != shape.axis(0) || header.width() != shape.axis(1);
    if (header.png() != null && PngPixels.reads(header.png()) && !resized) {
      return PngPixels.read(header, file, length, shape.axis(2));
    }
    BufferedImage image = decode(header.format(), new ByteArrayInputStream(file, 0, length));
    if (image.getHeight() != header.height() || image.getWidth() != header.width()) {
      throw new BadImageException("its size changes within the file");
    }
    return ImagePixels.of(image, shape);
  }

  private static BufferedImage decode(ImageHeader.Format format, ByteArrayInputStream bytes)
      throws BadImageException {
    ImageReader reader = ImageIO.getImageReadersByFormatName(format.decoder()).next();
    // In memory: the other kind of stream makes a temporary file.
    try (ImageInputStream in = new MemoryCacheImageInputStream(bytes)) {
      reader.setInput(in, true, true);
      return reader.read(0);
    } catch (IOException | RuntimeException e) {
      // The message can be the decoder's internals.
      throw new BadImageException("its pixels cannot be decoded");
    } finally {
      reader.dispose();
    }
  }
}
