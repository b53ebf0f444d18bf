package io.trainyard.tensor.image;

import java.io.DataInputStream;
import java.io.IOException;

/** The markers of a JPEG file. Source: ITU-T T.81, B.1.1.3. */
final class JpegMarkers {
  static final int SCAN = 0xda;
  static final int END = 0xd9;

  /** A progressive image has about ten. The decoder visits all pixels in each. */
  private static final int MAX_SCANS = 100;

  private JpegMarkers() {}

  /** The next marker, which must follow at once; fill bytes may precede it. */
  static int next(DataInputStream in) throws IOException, BadImageException {
    if (in.readUnsignedByte() != 0xff) {
      throw new BadImageException("it has bytes between its segments");
    }
    int marker = in.readUnsignedByte();
    while (marker == 0xff) {
      marker = in.readUnsignedByte();
    }
    return marker;
  }

  /** Whether a marker starts a frame header: SOF0 to SOF15, without DHT, JPG and DAC. */
  static boolean isFrame(int marker) {
    return marker >= 0xc0 && marker <= 0xcf && marker != 0xc4 && marker != 0xc8 && marker != 0xcc;
  }

  /** Refuses an image without an end, and one with more scans than an image needs. */
  static void check(byte[] file) throws BadImageException {
    int scans = 0;
    int at = 2;
    while (at + 1 < file.length) {
      int marker = file[at + 1] & 0xff;
      if (file[at] != (byte) 0xff || marker == 0 || marker == 0xff || isRestart(marker)) {
        at++; // data of a scan, or a fill byte
        continue;
      }
      if (marker == END) {
        return;
      }
      scans += marker == SCAN ? 1 : 0;
      if (scans > MAX_SCANS) {
        throw new BadImageException("it has more than " + MAX_SCANS + " scans");
      }
      if (at + 3 >= file.length) {
        break;
      }
      at += 2 + ((file[at + 2] & 0xff) << 8 | (file[at + 3] & 0xff));
    }
    throw new BadImageException("it ends before its end marker");
  }

  private static boolean isRestart(int marker) {
    return marker >= 0xd0 && marker <= 0xd7;
  }
}
