package io.trainyard.dataset.encoding;

import java.util.Optional;

/** Finds the encodings of published versions, for the {@code like} of an input. */
@FunctionalInterface
public interface LearnedEncodings {
  /**
   * The encoding of a version.
   *
   * @param reference a number, an alias or {@code latest}
   */
  Optional<Learned> find(String model, String reference);

  /** A version's number and encoding. */
  record Learned(int version, Encoding encoding) {}
}
