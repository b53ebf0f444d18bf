package io.trainyard.spec.training;

import io.trainyard.json.JsonObject;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * What a training makes small: the losses of the outputs, and their weights in the sum.
 *
 * @param byOutput by output or target name; a single {@code loss} is stored under ""
 * @param weights by output or target name; 1 where absent
 */
public record OutputLosses(Map<String, LossSpec> byOutput, Map<String, Double> weights) {
  /** As many outputs as a network has layers at most. */
  static final int MAX_OUTPUTS = 2_000;

  public OutputLosses {
    byOutput = Collections.unmodifiableMap(new LinkedHashMap<>(byOutput));
    weights = Collections.unmodifiableMap(new LinkedHashMap<>(weights));
  }

  /** The loss of a target and the output it trains; null when there is none. */
  public @Nullable LossSpec find(String target, String output) {
    return byOutput.get(key(target, output));
  }

  /** The loss of a target and the output it trains. */
  public LossSpec of(String target, String output) {
    LossSpec loss = find(target, output);
    if (loss == null) {
      throw new IllegalArgumentException("output '" + output + "' has no loss");
    }
    return loss;
  }

  /** The key of such a loss in {@link #byOutput}: the output, the target, or "". */
  public String key(String target, String output) {
    return byOutput.containsKey(output) ? output : byOutput.containsKey(target) ? target : "";
  }

  /** The weight of a target's loss in the sum. */
  public double weight(String target, String output) {
    Double own = weights.getOrDefault(output, weights.get(target));
    return own == null ? 1 : own;
  }

  static OutputLosses read(JsonObject training) {
    return new OutputLosses(smoothed(losses(training), training), weights(training));
  }

  private static Map<String, LossSpec> losses(JsonObject training) {
    Map<String, LossSpec> losses = new LinkedHashMap<>();
    JsonObject byOutput = training.map("losses");
    if (training.has("loss") && byOutput != null) {
      training.violate("losses", "Either 'loss' or 'losses' was expected, got both");
    }
    if (byOutput != null && hasFew(byOutput, "losses", training)) {
      for (String output : byOutput.names()) {
        LossSpec loss = LossSpec.read(byOutput, output, byOutput.pointerTo(output));
        if (loss != null) {
          losses.put(output, loss);
        }
      }
    }
    JsonNode given = training.get("losses");
    boolean isEmpty = given == null || (given.isObject() && byOutput == null);
    if (training.has("loss") || isEmpty) {
      LossSpec loss = LossSpec.read(training, "loss", training.pointer("loss"));
      if (loss != null) {
        losses.put("", loss);
      }
    }
    return losses;
  }

  /** Gives the label smoothing to every loss that has labels. */
  private static Map<String, LossSpec> smoothed(Map<String, LossSpec> losses, JsonObject training) {
    double share = training.number("label_smoothing", 0);
    if (!(share >= 0 && share < 1)) {
      training.violate("label_smoothing", "A number in [0, 1) was expected, got " + share);
    }
    if (!(share > 0 && share < 1)) {
      return losses;
    }
    Map<String, LossSpec> smoothed = new LinkedHashMap<>(losses);
    smoothed.replaceAll(
        (output, loss) -> Objects.requireNonNullElse(loss.withLabelSmoothing(share), loss));
    if (!losses.isEmpty() && smoothed.equals(losses)) {
      training.violate(
          "label_smoothing",
          "%s has no labels to smooth: label_smoothing is for binary_crossentropy, categorical_crossentropy, focal, kl_divergence and nll"
              .formatted(losses.values().iterator().next().type()));
    }
    return smoothed;
  }

  private static Map<String, Double> weights(JsonObject training) {
    Map<String, Double> weights = new LinkedHashMap<>();
    JsonObject byOutput = training.map("loss_weights");
    if (byOutput != null && hasFew(byOutput, "loss_weights", training)) {
      for (String output : byOutput.names()) {
        double weight = byOutput.requiredNumber(output);
        if (weight < 0) {
          byOutput
              .violations()
              .add(
                  byOutput.pointerTo(output), "A number of at least 0 was expected, got " + weight);
        }
        weights.put(output, weight);
      }
    }
    return weights;
  }

  private static boolean hasFew(JsonObject byOutput, String member, JsonObject training) {
    int given = byOutput.names().size();
    if (given > MAX_OUTPUTS) {
      training.violate(
          member, "At most %d outputs were expected, got %d".formatted(MAX_OUTPUTS, given));
    }
    return given <= MAX_OUTPUTS;
  }
}
