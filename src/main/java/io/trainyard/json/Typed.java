package io.trainyard.json;

import java.util.Locale;
import java.util.regex.Pattern;

/**
 * One of several kinds of thing, whose object in JSON says in its member {@code type} which it is.
 */
public interface Typed {
  /** Between two words in the name of a class. */
  Pattern BETWEEN_WORDS = Pattern.compile("(?<=[a-z0-9])(?=[A-Z])");

  /**
   * The name in JSON. Unless the record says another, it is the record's own, without {@code Spec}:
   * {@code gaussian_nll} of {@code GaussianNll}, {@code embedding} of {@code EmbeddingSpec}.
   */
  default String type() {
    String name = getClass().getSimpleName().replaceFirst("Spec$", "");
    return BETWEEN_WORDS.matcher(name).replaceAll("_").toLowerCase(Locale.ROOT);
  }
}
