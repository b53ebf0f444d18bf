package io.trainyard.train.diagnosis;

import io.trainyard.spec.training.Diagnostic;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;

/**
 * What an epoch's diagnostics say is wrong, in words without numbers: the same fault in a later
 * epoch has the same words, so that it is told once.
 */
public final class Symptom {
  /** A gradient smaller than this share of the largest hardly moves its layer. */
  private static final double VANISHING = 1e-4;

  private static final double EXPLODING = 1e3;

  /** A step that changes a layer by more than this leaves the region that its gradient knows. */
  private static final double LARGE_UPDATE = 0.1;

  private static final double DEAD = 0.5;
  private static final double SATURATED = 0.9;

  private Symptom() {}

  /**
   * The symptoms of an epoch.
   *
   * @param layers the numbers of each layer, in the order of the network
   */
  public static List<String> of(Map<String, Map<String, Double>> layers) {
    List<String> found = new ArrayList<>();
    OptionalDouble largest =
        layers.values().stream()
            .mapToDouble(each -> number(each, Diagnostic.GRADIENT_NORMS))
            .filter(Double::isFinite)
            .max();
    layers.forEach(
        (layer, numbers) -> {
          double gradient = number(numbers, Diagnostic.GRADIENT_NORMS);
          if (gradient < largest.orElse(0) * VANISHING) {
            found.add(
                "Layer '%s': the gradient vanishes, below 1/10000 of the largest layer's, so it hardly learns. Try relu or another initializer, a batch_norm or layer_norm, or fewer layers"
                    .formatted(layer));
          }
          if (gradient > EXPLODING) {
            found.add(
                "Layer '%s': the gradient explodes, its norm is above 1000. Scale inputs and targets, lower learning_rate, or set \"gradient_clipping\": {\"norm\": 1}"
                    .formatted(layer));
          }
          if (number(numbers, Diagnostic.UPDATE_RATIOS) > LARGE_UPDATE) {
            found.add(
                "Layer '%s': a step changes the weights by more than a tenth of their norm; about a thousandth is usual. Lower learning_rate, or use find_learning_rate"
                    .formatted(layer));
          }
          if (number(numbers, Diagnostic.DEAD_UNITS) >= DEAD) {
            found.add(
                "Layer '%s': half of the units or more are dead: their relu is 0 for every row, and they learn no more. Lower learning_rate, use leaky_relu, or initializer he_uniform"
                    .formatted(layer));
          }
          if (number(numbers, Diagnostic.SATURATION) >= SATURATED) {
            found.add(
                "Layer '%s': nine tenths of the outputs or more are saturated, where the activation is flat and passes no gradient. Scale its inputs, lower learning_rate, or use relu"
                    .formatted(layer));
          }
        });
    return found;
  }

  private static double number(Map<String, Double> numbers, Diagnostic diagnostic) {
    return numbers.getOrDefault(diagnostic.value(), Double.NaN);
  }
}
