package io.trainyard.api;

import io.trainyard.error.ErrorCode;
import io.trainyard.error.ServiceException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The state of a mutable resource in one short text, for {@code ETag} and {@code If-Match}. */
public record EntityTag(String header) {
  /** A tag that changes with any of the given parts. */
  public static EntityTag of(Object... parts) {
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

  /**
   * Refuses a change when the caller saw another state than there is.
   *
   * @param current the state there is; empty when there is none
   */
  public static void require(Optional<EntityTag> current, @Nullable String ifMatch) {
    if (ifMatch == null || ifMatch.isBlank()) {
      return;
    }
    String header = current.map(EntityTag::header).orElse("");
    for (String candidate : ifMatch.split(",", -1)) {
      boolean any = candidate.strip().equals("*") && current.isPresent();
      if (any || candidate.strip().equals(header)) {
        return;
      }
    }
    throw new ServiceException(
        ErrorCode.PRECONDITION_FAILED,
        "If-Match expected "
            + ifMatch.strip()
            + (current.isPresent()
                ? ", the resource is now " + header
                : ", there is nothing here"));
  }
}
