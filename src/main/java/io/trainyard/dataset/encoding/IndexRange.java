package io.trainyard.dataset.encoding;

import io.trainyard.dataset.Column;
import io.trainyard.dataset.ColumnProfile;
import io.trainyard.error.Violation;
import io.trainyard.error.Violations;
import io.trainyard.spec.Imputation;
import io.trainyard.spec.NetworkSpec;
import io.trainyard.spec.Scaling;
import io.trainyard.spec.layer.EmbeddingSpec;
import io.trainyard.spec.layer.Layer;
import io.trainyard.tensor.HostTensor;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Checks that the indices in inputs are within the vocabularies of their embeddings. */
public final class IndexRange {
  private final Encoding encoding;

  /** The embedding with the smallest vocabulary that reads an input directly, by input. */
  private final Map<String, Layer> embeddings = new LinkedHashMap<>();

  public IndexRange(NetworkSpec network, Encoding encoding) {
    this.encoding = encoding;
    for (Layer layer : network.layers()) {
      for (String input : layer.inputs()) {
        if (layer.spec() instanceof EmbeddingSpec && encoding.inputs().containsKey(input)) {
          embeddings.merge(input, layer, (a, b) -> vocabulary(a) <= vocabulary(b) ? a : b);
        }
      }
    }
  }

  private static int vocabulary(Layer layer) {
    return layer.spec() instanceof EmbeddingSpec embedding ? embedding.vocabulary() : 0;
  }

  /**
   * Checks the profiles of columns.
   *
   * @param pointer the network's place in the body
   */
  public void check(List<Column> columns, String pointer, Violations violations) {
    embeddings.forEach(
        (name, layer) -> {
          for (ColumnEncoding column : encoding.input(name).columns()) {
            String beyond = beyond(column, columns, vocabulary(layer));
            if (beyond != null) {
              violations.add(
                  Violation.pointer(pointer + "/layers", layer.index()) + "/vocabulary",
                  "'%s' takes whole numbers from 0 to %d, but column '%s' %s"
                      .formatted(layer.name(), vocabulary(layer) - 1, column.column(), beyond));
            }
          }
        });
  }

  private static @Nullable String beyond(
      ColumnEncoding column, List<Column> columns, int vocabulary) {
    return switch (column) {
      case ColumnEncoding.Category category ->
          category.oneHot() || category.categories().size() <= vocabulary
              ? null
              : "has %d categories: 0 to %d"
                  .formatted(category.categories().size(), category.categories().size() - 1);
      case ColumnEncoding.Numeric number ->
          columns.stream()
              .filter(known -> known.name().equals(number.column()))
              .findFirst()
              .map(known -> beyond(number, known.profile(), vocabulary))
              .orElse(null);
    };
  }

  private static @Nullable String beyond(
      ColumnEncoding.Numeric number, ColumnProfile profile, int vocabulary) {
    if (!number.scaling().equals(new Scaling.None())
        || !(profile.min() instanceof Number min)
        || !(profile.max() instanceof Number max)) {
      return null;
    }
    if (min.doubleValue() < 0 || max.doubleValue() >= vocabulary) {
      return "holds numbers from %s to %s".formatted(min, max);
    }
    return profile.nulls() > 0
            && number.imputation() instanceof Imputation.Constant(double fill)
            && (fill < 0 || fill >= vocabulary)
        ? "is filled with " + fill
        : null;
  }

  /**
   * Checks the encoded instances of a request.
   *
   * @param pointer the list of instances' place in the body
   */
  public void check(Map<String, HostTensor> inputs, String pointer) {
    if (embeddings.isEmpty()) {
      return;
    }
    Violations violations = new Violations();
    embeddings.forEach(
        (name, layer) -> {
          HostTensor tensor = inputs.get(name);
          if (tensor != null) {
            check(encoding.input(name), tensor, layer, pointer, violations);
          }
        });
    violations.throwIfAny();
  }

  private static void check(
      InputEncoding input, HostTensor tensor, Layer layer, String pointer, Violations violations) {
    int vocabulary = vocabulary(layer);
    int width = input.width();
    long elements = tensor.shape().elements();
    for (long at = 0; at < elements; at++) {
      double index = tensor.doubleAt(at);
      if (!(index >= 0 && index < vocabulary && index == Math.rint(index))) {
        String instance = Violation.pointer(pointer, (int) (at / width));
        violations.add(
            Violation.pointer(instance, columnAt(input, (int) (at % width))),
            "'%s' takes whole numbers from 0 to %d, got %s"
                .formatted(layer.name(), vocabulary - 1, shown(index)));
      }
    }
  }

  private static String shown(double index) {
    return index == Math.rint(index) ? Long.toString((long) index) : Double.toString(index);
  }

  private static String columnAt(InputEncoding input, int element) {
    int at = element % input.rowWidth();
    for (ColumnEncoding column : input.columns()) {
      at -= column.width();
      if (at < 0) {
        return column.column();
      }
    }
    throw new IllegalArgumentException("a row has no element " + element);
  }
}
