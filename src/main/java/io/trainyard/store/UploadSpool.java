package io.trainyard.store;

import io.trainyard.error.ErrorCode;
import io.trainyard.error.ServiceException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Locale;

/** Streams a body to disk, however large, and hashes it on the way. */
final class UploadSpool {
  private static final int BUFFER = 1 << 17;

  private UploadSpool() {}

  /** A body on disk. */
  record Spooled(Path file, String sha256, long bytes) {}

  /** Reads to the end; {@code budget} is what all parts of an upload may have together. */
  static Spooled spool(InputStream body, Path file, long budget) throws IOException {
    MessageDigest digest = sha256();
    long bytes = 0;
    byte[] buffer = new byte[BUFFER];
    try (OutputStream out = Files.newOutputStream(file)) {
      for (int read = body.read(buffer); read >= 0; read = body.read(buffer)) {
        bytes += read;
        if (bytes > budget) {
          throw new ServiceException(
              ErrorCode.BODY_TOO_LARGE,
              "The upload has more than " + budget + " bytes (trainyard.datasets.max-upload)");
        }
        digest.update(buffer, 0, read);
        out.write(buffer, 0, read);
      }
    } catch (IOException e) {
      throw full(e);
    }
    return new Spooled(file, HexFormat.of().formatHex(digest.digest()), bytes);
  }

  /** A full disk is no fault of the upload: it may be sent again later. */
  static IOException full(IOException e) {
    String message = String.valueOf(e.getMessage()).toLowerCase(Locale.ROOT);
    if (message.contains("no space left") || message.contains("quota exceeded")) {
      throw new ServiceException(
          ErrorCode.UNAVAILABLE, "There is no room on disk for the upload", e);
    }
    return e;
  }

  static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}
