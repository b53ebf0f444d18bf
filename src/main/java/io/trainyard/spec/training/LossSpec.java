package io.trainyard.spec.training;

import io.trainyard.json.JsonObject;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** What training minimizes: the mean over an output's elements, then over the rows. */
public sealed interface LossSpec {
  /** The name in JSON. */
  String type();

  /** Whether the output holds logits, which are not yet probabilities. */
  default boolean fromLogits() {
    return false;
  }

  /** Whether the loss measures the distance between numbers. */
  default boolean isRegression() {
    return switch (this) {
      case Mse _, Mae _ -> true;
      case BinaryCrossentropy _, CategoricalCrossentropy _ -> false;
    };
  }

  /** mean((prediction − target)²). Source: torch.nn.MSELoss. */
  record Mse() implements LossSpec {
    @Override
    public String type() {
      return "mse";
    }
  }

  /** mean(|prediction − target|). Source: torch.nn.L1Loss. */
  record Mae() implements LossSpec {
    @Override
    public String type() {
      return "mae";
    }
  }

  /**
   * −t·log p − (1 − t)·log(1 − p). Under a sigmoid output it is computed from the logits. Sources:
   * torch.nn.BCELoss, torch.nn.BCEWithLogitsLoss.
   *
   * @param fromLogits the output is the logit itself
   */
  record BinaryCrossentropy(boolean fromLogits) implements LossSpec {
    @Override
    public String type() {
      return "binary_crossentropy";
    }
  }

  /**
   * −log p of the true class. Under a softmax output it is computed from the logits. Source:
   * torch.nn.CrossEntropyLoss.
   *
   * @param fromLogits the output is the logits themselves
   */
  record CategoricalCrossentropy(boolean fromLogits) implements LossSpec {
    @Override
    public String type() {
      return "categorical_crossentropy";
    }
  }

  /** The losses by their names in JSON, in lower case. */
  enum Name {
    MSE,
    MAE,
    BINARY_CROSSENTROPY,
    CATEGORICAL_CROSSENTROPY
  }

  /** Reads the parameters of a loss; {@code loss} has none when only a name was given. */
  private static LossSpec read(Name name, JsonObject loss) {
    return switch (name) {
      case MSE -> new Mse();
      case MAE -> new Mae();
      case BINARY_CROSSENTROPY -> new BinaryCrossentropy(loss.bool("from_logits", false));
      case CATEGORICAL_CROSSENTROPY -> new CategoricalCrossentropy(loss.bool("from_logits", false));
    };
  }

  /**
   * Reads a loss: a name, or an object with its parameters. Null when the violations say why not.
   *
   * @param pointer the place of the member, whose name a caller may have chosen
   */
  static @Nullable LossSpec read(JsonObject owner, String member, String pointer) {
    JsonNode json = owner.get(member);
    if (json == null) {
      owner.violations().add(pointer, "'" + JsonObject.shorten(member) + "' is required");
      return null;
    }
    long before = owner.violations().count();
    JsonObject loss =
        json.isObject()
            ? JsonObject.of(json, pointer, owner.violations())
            : JsonObject.none(owner.violations());
    if (json.isObject() && !loss.has("type")) {
      loss.requiredText("type");
    }
    Name name = json.isObject() ? loss.choice("type", Name.MSE) : owner.choice(member, Name.MSE);
    if (owner.violations().count() > before) {
      return null;
    }
    LossSpec spec = read(name, loss);
    loss.finish();
    return spec;
  }
}
