package io.trainyard.spec;

import io.trainyard.error.Violations;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** Binds JSON to specs; gathers every fault with its pointer. */
public final class SpecReader {
  private SpecReader() {}

  /** The model object, or null when the violations say why not. */
  @SuppressWarnings("DoNotCallSuggester")
  public static @Nullable ModelSpec model(
      @Nullable JsonNode json, String pointer, Violations violations) {
    throw new UnsupportedOperationException();
  }

  /** A stored model object, known to be good. */
  @SuppressWarnings("DoNotCallSuggester")
  public static ModelSpec model(JsonNode json) {
    throw new UnsupportedOperationException();
  }

  /** The training object, or null when the violations say why not. */
  @SuppressWarnings("DoNotCallSuggester")
  public static @Nullable TrainingSpec training(
      @Nullable JsonNode json, String pointer, Violations violations) {
    throw new UnsupportedOperationException();
  }
}
