package io.trainyard.os;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** Checksums by SHA-256, which every Java has. */
public final class Sha256 {
  private Sha256() {}

  /** The digest of all bytes of a stream, in hex. */
  public static String of(InputStream in) throws IOException {
    MessageDigest digest = begin();
    new DigestInputStream(in, digest).transferTo(OutputStream.nullOutputStream());
    return hex(digest);
  }

  /** The digest of a text in UTF-8. */
  public static byte[] digest(String text) {
    return begin().digest(text.getBytes(StandardCharsets.UTF_8));
  }

  /** The digest of all bytes so far, in hex. */
  public static String hex(MessageDigest digest) {
    return HexFormat.of().formatHex(digest.digest());
  }

  /** A digest of nothing yet. */
  public static MessageDigest begin() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}
