package io.trainyard.spec.training;

import io.trainyard.json.JsonObject;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** Reads a loss: a name, or an object with its parameters. */
final class LossReader {
  private LossReader() {}

  static @Nullable LossSpec read(JsonObject members, String member, String pointer) {
    JsonNode json = members.get(member);
    if (json == null) {
      members.violations().add(pointer, "'" + JsonObject.shorten(member) + "' is required");
      return null;
    }
    if (!json.isObject()) {
      long before = members.violations().count();
      Name name = members.choice(member, Name.MSE);
      return members.violations().count() > before ? null : named(name, false);
    }
    JsonObject loss = JsonObject.of(json, pointer, members.violations());
    long before = members.violations().count();
    if (!loss.has("type")) {
      loss.requiredText("type");
    }
    Name name = loss.choice("type", Name.MSE);
    if (members.violations().count() > before) {
      return null;
    }
    boolean crossEntropy =
        name == Name.BINARY_CROSSENTROPY || name == Name.CATEGORICAL_CROSSENTROPY;
    boolean fromLogits = crossEntropy && loss.bool("from_logits", false);
    loss.finish();
    return named(name, fromLogits);
  }

  private static LossSpec named(Name name, boolean fromLogits) {
    return switch (name) {
      case MSE -> new LossSpec.Mse();
      case MAE -> new LossSpec.Mae();
      case BINARY_CROSSENTROPY -> new LossSpec.BinaryCrossentropy(fromLogits);
      case CATEGORICAL_CROSSENTROPY -> new LossSpec.CategoricalCrossentropy(fromLogits);
    };
  }

  private enum Name {
    MSE,
    MAE,
    BINARY_CROSSENTROPY,
    CATEGORICAL_CROSSENTROPY
  }
}
