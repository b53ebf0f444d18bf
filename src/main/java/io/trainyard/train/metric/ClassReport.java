package io.trainyard.train.metric;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * How well the classes of a target are told apart.
 *
 * @param classes in the order of the matrix
 * @param curves each class against the others; of two classes, the second. Empty when there are too
 *     many classes
 */
public record ClassReport(
    List<String> classes, ConfusionMatrix confusion, Map<String, RocCurve> curves) {
  public ClassReport {
    classes = List.copyOf(classes);
    curves = Collections.unmodifiableMap(new LinkedHashMap<>(curves));
  }
}
