package io.trainyard.store.ingest;

import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import javax.imageio.ImageIO;
import javax.imageio.ImageReader;
import javax.imageio.stream.ImageInputStream;
import javax.imageio.stream.MemoryCacheImageInputStream;

/** Decodes the pixels of an image whose header was read and whose memory is held. */
final class ImageDecoder {
  private ImageDecoder() {}

  /** Decodes an image; it may change the bytes. */
  static BufferedImage decode(ImageHeader header, byte[] file) throws BadImageException {
    int length =
        switch (header.format()) {
          case PNG -> PngChunks.keepPixels(file);
          case JPEG -> {
            JpegMarkers.check(file);
            yield file.length;
          }
        };
    BufferedImage image = decode(header.format(), new ByteArrayInputStream(file, 0, length));
    if (image.getHeight() != header.height() || image.getWidth() != header.width()) {
      throw new BadImageException("its size changes within the file");
    }
    return image;
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
