package io.trainyard.dataset.encoding;

import io.trainyard.dataset.Column;
import io.trainyard.dataset.ColumnType;
import io.trainyard.dataset.Columns;
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
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
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

  /** Finds what is no index in a column of tensors. */
  public interface TensorSource {
    /**
     * One of the elements that are no whole number from 0 to below a vocabulary.
     *
     * @param places the elements of each row that are looked at
     * @return null when there is none
     */
    @Nullable Double outside(Column column, BitSet places, int vocabulary);
  }

  /** A column and the elements of its value that are looked up. */
  private record Read(ColumnEncoding column, BitSet places) {}

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
      TensorSource tensors,
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
                    (layer, elements) -> {
                      for (Read read : readBy(elements, input)) {
                        String beyond = beyond(read, columns, values, tensors, vocabulary(layer));
                        if (beyond != null) {
                          violations.add(
                              Violation.pointer(pointer + "/layers", layer.index()) + "/vocabulary",
                              "'%s' takes whole numbers from 0 to %d, but column '%s' %s"
                                  .formatted(
                                      layer.name(),
                                      vocabulary(layer) - 1,
                                      read.column().column(),
                                      beyond));
                        }
                      }
                    });
          }
        });
  }

  private static List<Read> readBy(int @Nullable [] elements, InputEncoding input) {
    BitSet read = new BitSet(input.rowWidth());
    if (elements == null) {
      read.set(0, input.rowWidth());
    } else {
      for (int element : elements) {
        read.set(element % input.rowWidth());
      }
    }
    List<Read> columns = new ArrayList<>();
    int from = 0;
    for (ColumnEncoding column : input.columns()) {
      BitSet places = read.get(from, from + column.width());
      if (!places.isEmpty()) {
        columns.add(new Read(column, places));
      }
      from += column.width();
    }
    return columns;
  }

  private static @Nullable String beyond(
      Read read,
      List<Column> columns,
      KnownColumns.CategorySource values,
      TensorSource tensors,
      int vocabulary) {
    return switch (read.column()) {
      case ColumnEncoding.Category category -> beyond(category, vocabulary);
      case ColumnEncoding.Numeric number -> {
        String encoded = beyond(number, vocabulary);
        Column known = Columns.of(columns).find(number.column()).orElse(null);
        if (encoded != null || known == null) {
          yield encoded;
        }
        String held =
            known.type() == ColumnType.TENSOR
                ? beyond(known, read.places(), tensors, vocabulary)
                : beyond(known, values, vocabulary);
        yield held != null ? held : filled(known, number.imputation());
      }
    };
  }

  private static @Nullable String beyond(ColumnEncoding.Category category, int vocabulary) {
    if (category.form() != ColumnEncoding.Form.INDEX) {
      return "is %s: 'encode: index' gives each category its number"
          .formatted(category.form().word());
    }
    int count = category.indices();
    return count <= vocabulary
        ? null
        : category.unknownPosition() < 0
            ? "has %d categories: 0 to %d".formatted(count, count - 1)
            : "has %d categories and %s: 0 to %d"
                .formatted(
                    category.categories().size(),
                    category.missing()
                        ? "one index each for unknown and missing ones"
                        : "one index for unknown ones",
                    count - 1);
  }

  private static @Nullable String beyond(ColumnEncoding.Numeric number, int vocabulary) {
    if (!number.scaling().equals(new Scaling.None())) {
      return "is scaled: leave 'scale' out";
    }
    return number.imputation() instanceof Imputation.Constant(double fill)
            && !isIndex(fill, vocabulary)
        ? "is filled with " + shown(fill)
        : null;
  }

  private static @Nullable String beyond(
      Column column, KnownColumns.CategorySource values, int vocabulary) {
    if (!isWithin(column, vocabulary)) {
      return "holds numbers from %s to %s"
          .formatted(column.profile().min(), column.profile().max());
    }
    return column.wholeNumbers() || column.profile().min() == null
        ? null
        // Whole numbers in range have no more values than the vocabulary.
        : values.distinct(column, 1, Math.min(vocabulary, KnownColumns.MAX_CATEGORIES) + 1).stream()
            .filter(text -> !isWhole(text))
            .findFirst()
            .map(fraction -> "holds fractions such as " + fraction)
            .orElse(null);
  }

  /** Its rows are read only if an element of any place may be outside. */
  private static @Nullable String beyond(
      Column column, BitSet places, TensorSource tensors, int vocabulary) {
    if (column.wholeNumbers() && isWithin(column, vocabulary)) {
      return null;
    }
    Double outside = tensors.outside(column, places, vocabulary);
    if (outside == null) {
      return null;
    }
    boolean whole = outside == Math.rint(outside);
    return "holds %s such as %s".formatted(whole ? "numbers" : "fractions", shown(outside));
  }

  private static boolean isWithin(Column column, int vocabulary) {
    return !(column.profile().min() instanceof Number min)
        || !(column.profile().max() instanceof Number max)
        || (min.doubleValue() >= 0 && max.doubleValue() < vocabulary);
  }

  private static @Nullable String filled(Column column, Imputation imputation) {
    boolean averaged =
        imputation instanceof Imputation.Mean || imputation instanceof Imputation.Median;
    return averaged && column.profile().nulls() > 0
        ? "is filled with an average, which may be a fraction: 'impute: most_frequent' is one of"
            + " its values"
        : null;
  }

  /** Whether an embedding has a row for a number. */
  public static boolean isIndex(double number, int vocabulary) {
    return number >= 0 && number < vocabulary && number == Math.rint(number);
  }

  /** Whether a number's text is a whole number. */
  static boolean isWhole(String number) {
    double parsed = Double.parseDouble(number);
    return parsed == Math.rint(parsed);
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
            check(
                tensor,
                lookup,
                (row, element, detail) ->
                    violations.addCell(
                        name,
                        placeOf(name, element, ""),
                        detail.substring(0, detail.lastIndexOf(", got ")),
                        placeOf(name, element, Violation.pointer(pointer, row)),
                        detail));
          }
        });
    violations.throwIfAny();
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
      if (layer != null && !isIndex(index, vocabulary(layer))) {
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
