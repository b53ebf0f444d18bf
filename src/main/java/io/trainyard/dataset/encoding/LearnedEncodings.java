package io.trainyard.dataset.encoding;

import java.util.Optional;

/** Encodings that published versions carry, for inputs that are like one of theirs. */
@FunctionalInterface
public interface LearnedEncodings {
  /**
   * Looks a version up.
   *
   * @param reference a number, an alias or {@code latest}
   */
  Optional<Learned> find(String model, String reference);

  /** What a version has learned. */
  record Learned(int version, Encoding encoding) {}
}
