package io.trainyard.spec.training;

import io.trainyard.json.JsonObject;
import io.trainyard.json.Word;
import io.trainyard.spec.layer.NestedSpec;
import java.util.Collections;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What happens to gradients before the optimizer uses them, to whom its parameters apply, and
 * whether the weights are averaged.
 *
 * @param clipNorm the largest norm over all gradients; null: no limit
 * @param clipValue the largest absolute value of an element; null: no limit
 * @param accumulation batches of one step: its gradient is the mean of theirs, weighted by their
 *     rows. An epoch's last step has the batches that are left. As batches of accumulation times as
 *     many rows, except for batch statistics.
 * @param averageDecay the decay d of the mean of the weights a ← d·a + (1 − d)·w after every step,
 *     which starts as the weights after the first. Evaluations use it and it is published; training
 *     goes on with w. Batch statistics are not averaged. As torch.optim.swa_utils.AveragedModel
 *     with get_ema_multi_avg_fn, and Keras's use_ema. Null: none.
 * @param learningRates factors by weight ({@code fc1.bias}), by pattern of weights ({@code
 *     *.bias}), and by layer path: {@code rnn} for a whole nested model too. A weight goes before a
 *     pattern, and that before a layer; of several patterns or paths the longest counts, of equally
 *     long patterns the first.
 * @param withoutDecay the weights that weight decay leaves alone
 */
public record UpdateRules(
    @Nullable Double clipNorm,
    @Nullable Double clipValue,
    int accumulation,
    @Nullable Double averageDecay,
    Map<String, Double> learningRates,
    Set<WithoutDecay> withoutDecay) {
  /** As many batches as an epoch can have. */
  private static final int MAX_ACCUMULATION = 1 << 20;

  private static final int MAX_PATHS = 2_000;
  private static final double MAX_FACTOR = 1e6;

  public UpdateRules {
    learningRates = Collections.unmodifiableMap(new LinkedHashMap<>(learningRates));
    withoutDecay = Set.copyOf(withoutDecay);
  }

  /** Weights that weight decay may leave alone. */
  public enum WithoutDecay implements Word {
    /** All biases, also those of norm layers. */
    BIAS,
    /** Scales and shifts of norm layers, also within a transformer_encoder. */
    NORM
  }

  /** Whether a key stands for several weights. */
  public static boolean isPattern(String key) {
    return key.contains("*");
  }

  /**
   * Whether a pattern, in which * stands for any characters, matches the whole name of a weight.
   */
  public static boolean matches(String pattern, String weight) {
    String[] parts = pattern.split("\\*", -1);
    String last = parts[parts.length - 1];
    if (!weight.startsWith(parts[0]) || !weight.endsWith(last)) {
      return false;
    }
    int at = parts[0].length();
    for (int i = 1; i < parts.length - 1; i++) {
      int found = weight.indexOf(parts[i], at);
      if (found < 0) {
        return false;
      }
      at = found + parts[i].length();
    }
    return at <= weight.length() - last.length();
  }

  /**
   * The factor of a weight's learning rate.
   *
   * @param layer that has the weight
   */
  public double factor(String weight, String layer) {
    Double own = learningRates.get(weight);
    if (own != null) {
      return own;
    }
    String matching = "";
    for (String key : learningRates.keySet()) {
      boolean longer = isPattern(key) && key.length() > matching.length();
      matching = longer && matches(key, weight) ? key : matching;
    }
    return matching.isEmpty() ? factor(layer) : learningRates.getOrDefault(matching, 1.0);
  }

  private double factor(String layer) {
    String longest = "";
    for (String path : learningRates.keySet()) {
      boolean within = NestedSpec.isWithin(layer, path);
      longest = within && path.length() > longest.length() ? path : longest;
    }
    return learningRates.getOrDefault(longest, 1.0);
  }

  static UpdateRules read(JsonObject training) {
    JsonObject clipping = training.object("gradient_clipping");
    Double norm = null;
    Double value = null;
    if (clipping != null) {
      if (clipping.has("norm") == clipping.has("value")) {
        training.violate("gradient_clipping", "One of 'norm' and 'value' was expected");
      }
      norm = clipping.has("norm") ? (Double) positive(clipping, "norm") : null;
      value = clipping.has("value") ? (Double) positive(clipping, "value") : null;
      clipping.finish();
    }
    int accumulation = training.integer("gradient_accumulation", 1, 1, MAX_ACCUMULATION);
    return new UpdateRules(
        norm, value, accumulation, average(training), rates(training), withoutDecay(training));
  }

  private static @Nullable Double average(JsonObject training) {
    JsonObject average = training.object("ema");
    if (average == null) {
      return null;
    }
    double decay = average.requiredNumber("decay");
    average.finish();
    if (Double.isNaN(decay)) {
      return null;
    }
    if (!(decay > 0 && decay < 1)) {
      average.violate(
          "decay", "A number between 0 and 1 was expected, such as 0.999, got " + decay);
      return null;
    }
    return decay;
  }

  private static Map<String, Double> rates(JsonObject training) {
    Map<String, Double> rates = new LinkedHashMap<>();
    JsonObject byPath = training.map("learning_rates");
    if (byPath != null && byPath.names().size() > MAX_PATHS) {
      training.violate(
          "learning_rates",
          "At most %d layers were expected, got %d".formatted(MAX_PATHS, byPath.names().size()));
    } else if (byPath != null) {
      for (String path : byPath.names()) {
        double factor = byPath.requiredNumber(path);
        if (factor < 0 || factor > MAX_FACTOR) {
          byPath
              .violations()
              .add(
                  byPath.pointerTo(path),
                  "A factor of the learning rate from 0 to 1e6 was expected, got " + factor);
        }
        rates.put(path, factor);
      }
    }
    return rates;
  }

  private static Set<WithoutDecay> withoutDecay(JsonObject training) {
    Set<WithoutDecay> excluded = EnumSet.noneOf(WithoutDecay.class);
    List<String> words = training.texts("weight_decay_exclude");
    for (int i = 0; words != null && i < words.size(); i++) {
      String word = words.get(i);
      WithoutDecay found = Word.of(WithoutDecay.class, word).orElse(null);
      if (found == null) {
        training.violate(
            "weight_decay_exclude",
            i,
            "\"bias\" or \"norm\" was expected, got '" + JsonObject.shorten(word) + "'");
      } else {
        excluded.add(found);
      }
    }
    return excluded;
  }

  private static double positive(JsonObject owner, String member) {
    return positive(owner, member, Double.MAX_VALUE);
  }

  /** A number above 0; 0 when the member is missing. */
  static double positive(JsonObject owner, String member, double max) {
    if (!owner.has(member)) {
      return 0;
    }
    double number = owner.requiredNumber(member);
    if (number <= 0 || number > max) {
      String limit = max == Double.MAX_VALUE ? "" : " and at most " + max;
      owner.violate(member, "A number above 0" + limit + " was expected, got " + number);
    }
    return number;
  }
}
