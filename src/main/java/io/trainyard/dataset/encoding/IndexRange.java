package io.trainyard.dataset.encoding;

import io.trainyard.dataset.Column;
import io.trainyard.dataset.ColumnProfile;
import io.trainyard.dataset.ColumnType;
import io.trainyard.error.Violation;
import io.trainyard.error.Violations;
import io.trainyard.spec.Imputation;
import io.trainyard.spec.NetworkSpec;
import io.trainyard.spec.Scaling;
import io.trainyard.spec.layer.EmbeddingSpec;
import io.trainyard.spec.layer.Layer;
import io.trainyard.tensor.HostTensor;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Checks that the indices in inputs are within the vocabularies of their embeddings. */
public final class IndexRange {
  private final @Nullable Encoding encoding;
  private final boolean onlyInput;

  /** The embedding with the smallest vocabulary that looks up an input's elements, by input. */
  private final Map<String, Layer> embeddings = new LinkedHashMap<>();

  /**
   * @param encoding null for a network that takes tensors
   */
  public IndexRange(NetworkSpec network, @Nullable Encoding encoding) {
    this.encoding = encoding;
    this.onlyInput = network.inputNames().size() == 1;
    for (String input : network.inputNames()) {
      network.embeddingsOf(input).stream()
          .min(Comparator.comparingInt(IndexRange::vocabulary))
          .ifPresent(smallest -> embeddings.put(input, smallest));
    }
  }

  private static int vocabulary(Layer layer) {
    return layer.spec() instanceof EmbeddingSpec embedding ? embedding.vocabulary() : 0;
  }

  /**
   * Checks the columns of a dataset, and what is done to their values.
   *
   * @param columns none where there is no dataset
   * @param values gives the different values of a column
   * @param pointer the network's place in the body
   */
  public void check(
      List<Column> columns,
      KnownColumns.CategorySource values,
      String pointer,
      Violations violations) {
    if (encoding == null) {
      return;
    }
    embeddings.forEach(
        (name, layer) -> {
          InputEncoding input = encoding.inputs().get(name);
          for (ColumnEncoding column :
              input == null ? List.<ColumnEncoding>of() : input.columns()) {
            String beyond = beyond(column, columns, values, vocabulary(layer));
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
      ColumnEncoding column,
      List<Column> columns,
      KnownColumns.CategorySource values,
      int vocabulary) {
    return switch (column) {
      case ColumnEncoding.Category category -> beyond(category, vocabulary);
      case ColumnEncoding.Numeric number -> {
        String encoded = beyond(number, vocabulary);
        yield encoded != null
            ? encoded
            : columns.stream()
                .filter(known -> known.name().equals(number.column()))
                .findFirst()
                .map(known -> beyond(known, number.imputation(), values, vocabulary))
                .orElse(null);
      }
    };
  }

  private static @Nullable String beyond(ColumnEncoding.Category category, int vocabulary) {
    if (category.oneHot()) {
      return "is one_hot: 'encode: index' gives each category its number";
    }
    int count = category.categories().size();
    return count <= vocabulary ? null : "has %d categories: 0 to %d".formatted(count, count - 1);
  }

  private static @Nullable String beyond(ColumnEncoding.Numeric number, int vocabulary) {
    if (!number.scaling().equals(new Scaling.None())) {
      return "is scaled: leave 'scale' out";
    }
    return number.imputation() instanceof Imputation.Constant(double fill)
            && !(fill >= 0 && fill < vocabulary && fill == Math.rint(fill))
        ? "is filled with " + shown(fill)
        : null;
  }

  private static @Nullable String beyond(
      Column column, Imputation imputation, KnownColumns.CategorySource values, int vocabulary) {
    ColumnProfile profile = column.profile();
    if (!(profile.min() instanceof Number min) || !(profile.max() instanceof Number max)) {
      return null;
    }
    if (min.doubleValue() < 0 || max.doubleValue() >= vocabulary) {
      return "holds numbers from %s to %s".formatted(min, max);
    }
    String fraction = fraction(column, values, vocabulary);
    if (fraction != null) {
      return "holds fractions such as " + fraction;
    }
    boolean averaged =
        imputation instanceof Imputation.Mean || imputation instanceof Imputation.Median;
    return averaged && profile.nulls() > 0
        ? "is filled with an average, which may be a fraction: 'impute: most_frequent' is one of"
            + " its values"
        : null;
  }

  /** A value that is not whole; of a tensor column, only among its smallest and largest. */
  private static @Nullable String fraction(
      Column column, KnownColumns.CategorySource values, int vocabulary) {
    if (column.wholeNumbers()) {
      return null;
    }
    List<String> found =
        column.type() == ColumnType.NUMBER
            // Whole numbers in range have no more values than the vocabulary.
            ? values.distinct(column, Math.min(vocabulary, Categories.LIMIT) + 1)
            : List.of(
                String.valueOf(column.profile().min()), String.valueOf(column.profile().max()));
    return found.stream().filter(text -> !Categories.isWhole(text)).findFirst().orElse(null);
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
            check(name, tensor, layer, pointer, violations);
          }
        });
    violations.throwIfAny();
  }

  private void check(
      String input, HostTensor tensor, Layer layer, String pointer, Violations violations) {
    int vocabulary = vocabulary(layer);
    long width = tensor.shape().row().elements();
    long elements = tensor.shape().elements();
    for (long at = 0; at < elements; at++) {
      double index = tensor.doubleAt(at);
      if (!(index >= 0 && index < vocabulary && index == Math.rint(index))) {
        String instance = Violation.pointer(pointer, (int) (at / width));
        violations.add(
            placeOf(input, (int) (at % width), instance),
            "'%s' takes whole numbers from 0 to %d, got %s"
                .formatted(layer.name(), vocabulary - 1, shown(index)));
      }
    }
  }

  private String placeOf(String input, int element, String instance) {
    if (encoding != null) {
      return Violation.pointer(instance, columnAt(encoding.input(input), element));
    }
    // The tensor of an only input may be the instance itself.
    return onlyInput ? instance : Violation.pointer(instance, input);
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
