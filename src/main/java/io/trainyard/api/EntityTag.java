package io.trainyard.api;

import io.trainyard.error.ErrorCode;
import io.trainyard.error.ServiceException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/** The state of a mutable resource in one short text, for {@code ETag} and {@code If-Match}. */
record EntityTag(String header) {
  /** A tag that changes with any of the given parts. */
  static EntityTag of(Object... parts) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      for (Object part : parts) {
        digest.update(String.valueOf(part).getBytes(StandardCharsets.UTF_8));
        digest.update((byte) 0);
      }
      return new EntityTag('"' + HexFormat.of().formatHex(digest.digest(), 0, 8) + '"');
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Refuses the change when the caller saw another state than this. */
  void require(@Nullable String ifMatch) {
    if (ifMatch == null || ifMatch.isBlank() || ifMatch.strip().equals("*")) {
      return;
    }
    for (String candidate : ifMatch.split(",", -1)) {
      if (candidate.strip().equals(header)) {
        return;
      }
    }
    throw new ServiceException(
        ErrorCode.PRECONDITION_FAILED,
        "The resource is now " + header + ", If-Match expected " + ifMatch.strip());
  }
}
