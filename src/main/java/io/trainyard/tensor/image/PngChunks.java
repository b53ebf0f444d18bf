package io.trainyard.tensor.image;

import java.nio.ByteBuffer;

/** The chunks of a PNG file. */
final class PngChunks {
  static final int IHDR = 0x49484452;
  static final int PLTE = 0x504c5445;
  static final int IDAT = 0x49444154;
  static final int IEND = 0x49454e44;

  private static final int TRNS = 0x74524e53;
  static final int SIGNATURE_BYTES = 8;

  /** Length, type and checksum. */
  static final int FRAME_BYTES = 12;

  private PngChunks() {}

  /**
   * Moves the chunks that hold pixels together; gives their length. Texts and color profiles are
   * dropped, because the decoder would inflate them to any size.
   */
  static int keepPixels(byte[] file) throws BadImageException {
    ByteBuffer chunks = ByteBuffer.wrap(file);
    int kept = SIGNATURE_BYTES;
    for (int at = SIGNATURE_BYTES; at + FRAME_BYTES <= file.length; ) {
      long length = chunks.getInt(at) & 0xffffffffL;
      int type = chunks.getInt(at + 4);
      int left = file.length - at - FRAME_BYTES;
      if (length > left) {
        throw new BadImageException(
            "a chunk has " + length + " bytes, but the file has only " + left + " more");
      }
      int whole = FRAME_BYTES + (int) length;
      if (holdsPixels(type)) {
        System.arraycopy(file, at, file, kept, whole);
        kept += whole;
      }
      if (type == IEND) {
        return kept;
      }
      at += whole;
    }
    throw new BadImageException("it ends before its last chunk IEND");
  }

  private static boolean holdsPixels(int type) {
    return type == IHDR || type == PLTE || type == TRNS || type == IDAT || type == IEND;
  }
}
