package io.trainyard.dataset.encoding;

import io.trainyard.dataset.Column;
import io.trainyard.dataset.ColumnProfile;
import io.trainyard.dataset.ColumnType;
import io.trainyard.error.Violation;
import io.trainyard.error.Violations;
import io.trainyard.spec.Imputation;
import io.trainyard.spec.Lookups;
import io.trainyard.spec.NetworkShapes;
import io.trainyard.spec.NetworkSpec;
import io.trainyard.spec.Scaling;
import io.trainyard.spec.ShapeInference;
import io.trainyard.spec.layer.EmbeddingSpec;
import io.trainyard.spec.layer.Layer;
import io.trainyard.tensor.HostTensor;
import io.trainyard.tensor.Shape;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Checks that the indices in inputs are within the vocabularies of their embeddings. */
public final class IndexRange {
  private final @Nullable Encoding encoding;
  private final boolean onlyInput;

  /** By input: what looks up its elements. */
  private final Map<String, Lookup> lookups = new LinkedHashMap<>();

  /**
   * The embeddings that look up elements of an input.
   *
   * @param layers each with the elements that it looks up; null: all of them
   * @param smallest by element, the one with the smallest vocabulary; null: the first for all
   */
  @SuppressWarnings("ArrayRecordComponent")
  private record Lookup(Map<Layer, int @Nullable []> layers, @Nullable Layer[] smallest) {
    static Lookup ofAll(Layer layer) {
      Map<Layer, int @Nullable []> all = new LinkedHashMap<>();
      all.put(layer, null);
      return new Lookup(all, new Layer[] {layer});
    }

    @Nullable Layer of(int element) {
      return smallest[smallest.length == 1 ? 0 : element];
    }
  }

  /**
   * @param encoding null for a network that takes tensors
   */
  public IndexRange(NetworkSpec network, @Nullable Encoding encoding) {
    this(
        network,
        ShapeInference.infer(
            network,
            encoding == null ? network.inputs() : encoding.inputShapes(),
            "",
            new Violations()),
        encoding);
  }

  /**
   * @param shapes of the network, as far as they are known
   * @param encoding null for a network that takes tensors
   */
  public IndexRange(NetworkSpec network, NetworkShapes shapes, @Nullable Encoding encoding) {
    this.encoding = encoding;
    this.onlyInput = network.inputNames().size() == 1;
    Lookups found = Lookups.of(network, shapes);
    for (String input : network.inputNames()) {
      Shape shape = shapes.inputs().get(input);
      if (shape == null) {
        continue;
      }
      Layer smallest =
          network.embeddingsOf(input).stream()
              .filter(IndexRange::isKnown)
              .min(Comparator.comparingInt(IndexRange::vocabulary))
              .orElse(null);
      Lookup own = lookup(network, found, input, shape);
      if (own != null) {
        lookups.put(input, own);
      } else if (smallest != null) {
        lookups.put(input, Lookup.ofAll(smallest));
      }
    }
  }

  /** Null when no element of an input is looked up by one embedding and not by another. */
  private static @Nullable Lookup lookup(
      NetworkSpec network, Lookups found, String input, Shape shape) {
    Map<Layer, int @Nullable []> layers = new LinkedHashMap<>();
    boolean partly = false;
    for (Layer layer : network.layers()) {
      Lookups.Elements elements = found.byLayer().get(layer.name());
      if (elements == null || !elements.exact() || !isKnown(layer)) {
        continue;
      }
      int[] own = elements.byInput().get(input);
      if (own != null) {
        layers.put(layer, own);
        partly |= own.length < shape.elements();
      }
    }
    if (!partly) {
      return null;
    }
    @Nullable Layer[] smallest = new @Nullable Layer[(int) shape.elements()];
    layers.forEach(
        (layer, elements) -> {
          for (int element : Objects.requireNonNull(elements)) {
            Layer other = smallest[element];
            if (other == null || vocabulary(layer) < vocabulary(other)) {
              smallest[element] = layer;
            }
          }
        });
    return new Lookup(layers, smallest);
  }

  private static boolean isKnown(Layer layer) {
    return layer.spec() instanceof EmbeddingSpec embedding && !embedding.isAuto();
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
    lookups.forEach(
        (name, lookup) -> {
          InputEncoding input = encoding.inputs().get(name);
          if (input != null) {
            lookup
                .layers()
                .forEach(
                    (layer, elements) ->
                        readBy(elements, input)
                            .forEach(
                                column ->
                                    check(column, layer, columns, values, pointer, violations)));
          }
        });
  }

  private static Collection<ColumnEncoding> readBy(int @Nullable [] elements, InputEncoding input) {
    if (elements == null) {
      return input.columns();
    }
    Set<ColumnEncoding> read = new LinkedHashSet<>();
    for (int element : elements) {
      read.add(input.columnOf(element));
    }
    return read;
  }

  private static void check(
      ColumnEncoding column,
      Layer layer,
      List<Column> columns,
      KnownColumns.CategorySource values,
      String pointer,
      Violations violations) {
    String beyond = beyond(column, columns, values, vocabulary(layer));
    if (beyond != null) {
      violations.add(
          Violation.pointer(pointer + "/layers", layer.index()) + "/vocabulary",
          "'%s' takes whole numbers from 0 to %d, but column '%s' %s"
              .formatted(layer.name(), vocabulary(layer) - 1, column.column(), beyond));
    }
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
    int count = category.indices();
    return count <= vocabulary
        ? null
        : category.unknownPosition() < 0
            ? "has %d categories: 0 to %d".formatted(count, count - 1)
            : "has %d categories and one index for unknown ones: 0 to %d"
                .formatted(count - 1, count - 1);
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
            ? values.distinct(column, 1, Math.min(vocabulary, Categories.LIMIT) + 1)
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
    if (lookups.isEmpty()) {
      return;
    }
    Violations violations = new Violations();
    lookups.forEach(
        (name, lookup) -> {
          HostTensor tensor = inputs.get(name);
          if (tensor != null) {
            check(name, tensor, lookup, pointer, violations);
          }
        });
    violations.throwIfAny();
  }

  private void check(
      String input, HostTensor tensor, Lookup lookup, String pointer, Violations violations) {
    check(
        tensor,
        lookup,
        (row, element, detail) ->
            violations.add(placeOf(input, element, Violation.pointer(pointer, row)), detail));
  }

  /** Receives an element of a row that no embedding can look up. */
  private interface Beyond {
    void add(int row, int element, String detail);
  }

  private static void check(HostTensor tensor, Lookup lookup, Beyond beyond) {
    int width = Math.toIntExact(tensor.shape().row().elements());
    long elements = tensor.shape().elements();
    for (long at = 0; at < elements; at++) {
      Layer layer = lookup.of((int) (at % width));
      double index = tensor.doubleAt(at);
      if (layer != null
          && !(index >= 0 && index < vocabulary(layer) && index == Math.rint(index))) {
        beyond.add(
            (int) (at / width),
            (int) (at % width),
            "'%s' takes whole numbers from 0 to %d, got %s"
                .formatted(layer.name(), vocabulary(layer) - 1, shown(index)));
      }
    }
  }

  /** The rows of a dataset's encoded inputs that no embedding can look up. */
  public void check(Map<String, HostTensor> inputs, InputEncoding.Faults faults) {
    lookups.forEach(
        (name, lookup) -> {
          HostTensor tensor = inputs.get(name);
          if (tensor != null && encoding != null) {
            InputEncoding input = encoding.input(name);
            check(
                tensor,
                lookup,
                (row, element, detail) ->
                    faults.add(row, input.columnOf(element).column(), detail));
          }
        });
  }

  private String placeOf(String input, int element, String instance) {
    if (encoding != null) {
      return Violation.pointer(instance, encoding.input(input).columnOf(element).column());
    }
    // The tensor of an only input may be the instance itself.
    return onlyInput ? instance : Violation.pointer(instance, input);
  }

  private static String shown(double index) {
    return index == Math.rint(index) ? Long.toString((long) index) : Double.toString(index);
  }
}
