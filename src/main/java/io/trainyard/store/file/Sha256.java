package io.trainyard.store.file;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/** The checksums of stored files. */
public final class Sha256 {
  private Sha256() {}

  /** A digest of nothing yet. */
  public static MessageDigest begin() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}
