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
 * @param decision how one of two classes is decided; null of more classes, and of numbers
 */
public record ClassReport(
    List<String> classes,
    ConfusionMatrix confusion,
    Map<String, RocCurve> curves,
    Decision.@Nullable Named decision) {
  public ClassReport {
    classes = List.copyOf(classes);
    curves = Collections.unmodifiableMap(new LinkedHashMap<>(curves));
  }
}
