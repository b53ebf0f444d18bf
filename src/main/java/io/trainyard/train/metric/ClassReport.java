package io.trainyard.train.metric;

import io.trainyard.dataset.encoding.Decision;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * How well the classes of a target are told apart.
 *
 * @param classes in the order of the matrix
 * @param curves each class against the others; of two classes, the positive one. Empty when there
 *     are too many classes
 * @param reliability how often the likeliest class is right, by its probability; empty without
 *     probabilities
 * @param decision how one of two classes is decided; null of more classes, and of numbers
 */
public record ClassReport(
    List<String> classes,
    ConfusionMatrix confusion,
    Map<String, RocCurve> curves,
    List<Bin> reliability,
    Decision.@Nullable Named decision) {
  public ClassReport {
    classes = List.copyOf(classes);
    reliability = List.copyOf(reliability);
    curves = Collections.unmodifiableMap(new LinkedHashMap<>(curves));
  }

  /**
   * The rows whose likeliest class has about the same probability.
   *
   * @param confidence the mean of these probabilities
   * @param accuracy the share of the rows that are of that class
   */
  public record Bin(long rows, double confidence, double accuracy) {}
}
