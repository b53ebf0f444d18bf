package io.trainyard.api;

import io.trainyard.error.ErrorCode;
import io.trainyard.error.ServiceException;
import io.trainyard.model.Precondition;
import io.trainyard.os.Sha256;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** A short text that changes with a resource, for {@code ETag} and {@code If-Match}. */
public record EntityTag(String header) {
  /** A tag that depends on all of the parts. */
  public static EntityTag of(Object... parts) {
    MessageDigest digest = Sha256.begin();
    for (Object part : parts) {
      digest.update(String.valueOf(part).getBytes(StandardCharsets.UTF_8));
      digest.update((byte) 0);
    }
    return new EntityTag('"' + HexFormat.of().formatHex(digest.digest(), 0, 8) + '"');
  }

  /** The precondition of an {@code If-Match} header, which may be absent. */
  public static <T> Precondition<T> matching(@Nullable String ifMatch, Function<T, EntityTag> tag) {
    return ifMatch == null || ifMatch.isBlank()
        ? Precondition.none()
        : current -> require(current.map(tag), ifMatch);
  }

  /**
   * Refuses a change when the caller has seen another state.
   *
   * @param current the present state; empty when the resource does not exist
   */
  private static void require(Optional<EntityTag> current, String ifMatch) {
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
                : ", the resource does not exist"));
  }
}
