package io.trainyard.dataset.encoding;

import io.trainyard.dataset.Column;
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
import io.trainyard.spec.layer.LayerTypes;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Finds the vocabularies of embeddings that follow the encoding: as many indices as the columns
 * have that they look up. Embeddings that share a table have the largest that one of them needs.
 */
public final class Vocabularies {
  private final NetworkSpec network;
  private final Encoding encoding;
  private final Columns columns;
  private final String pointer;
  private final Violations violations;

  private Vocabularies(
      NetworkSpec network,
      Encoding encoding,
      List<Column> columns,
      String pointer,
      Violations violations) {
    this.network = network;
    this.encoding = encoding;
    this.columns = Columns.of(columns);
    this.pointer = pointer;
    this.violations = violations;
  }

  /**
   * The vocabulary of each embedding that leaves it open, as far as it can be told.
   *
   * @param columns whose largest values are known; none where there is no dataset
   * @param pointer the network's place in the body
   */
  public static Map<String, Integer> of(
      NetworkSpec network,
      Encoding encoding,
      List<Column> columns,
      String pointer,
      Violations violations) {
    List<Layer> open = network.openEmbeddings();
    return open.isEmpty()
        ? Map.of()
        : new Vocabularies(network, encoding, columns, pointer, violations).of(open);
  }

  private Map<String, Integer> of(List<Layer> open) {
    NetworkShapes shapes =
        ShapeInference.infer(network, encoding.inputShapes(), "", new Violations());
    Lookups lookups = Lookups.of(network, shapes);
    Map<String, Integer> byTable = new HashMap<>();
    for (Layer layer : network.layers()) {
      if (layer.spec() instanceof EmbeddingSpec embedding && !embedding.isAuto()) {
        byTable.put(layer.weightsOwner(), embedding.vocabulary());
      }
    }
    Set<String> given = Set.copyOf(byTable.keySet());
    for (Layer layer : open) {
      if (!given.contains(layer.weightsOwner()) && shapes.layers().containsKey(layer.name())) {
        byTable.merge(layer.weightsOwner(), needed(layer, lookups), Math::max);
      }
    }
    Map<String, Integer> vocabularies = new LinkedHashMap<>();
    for (Layer layer : open) {
      Integer found = byTable.get(layer.weightsOwner());
      if (found != null && found > 0) {
        vocabularies.put(layer.name(), found);
      }
    }
    return vocabularies;
  }

  /** The indices of the columns that a layer looks up; 0, with a violation, when unknown. */
  private int needed(Layer layer, Lookups lookups) {
    Lookups.Elements elements = lookups.byLayer().get(layer.name());
    if (elements == null) {
      return unknown(layer, "'%s' reads no columns as they are encoded".formatted(layer.name()));
    }
    Set<ColumnEncoding> read = new LinkedHashSet<>();
    elements
        .byInput()
        .forEach(
            (name, places) -> {
              InputEncoding input = encoding.input(name);
              for (int place : places) {
                read.add(input.columnOf(place));
              }
            });
    long most = 0;
    for (ColumnEncoding column : read) {
      long own = indices(column, layer);
      if (own == 0) {
        return 0;
      }
      most = Math.max(most, own);
    }
    return most > LayerTypes.MAX_UNITS
        ? unknown(layer, "it would be %d, and at most %d".formatted(most, LayerTypes.MAX_UNITS))
        : (int) most;
  }

  private long indices(ColumnEncoding column, Layer layer) {
    return switch (column) {
      case ColumnEncoding.Category category ->
          category.form() != ColumnEncoding.Form.INDEX
              ? unknown(
                  layer,
                  "column '%s' is %s: 'encode: index' gives each category its number"
                      .formatted(category.column(), category.form().word()))
              : category.indices();
      case ColumnEncoding.Numeric number when !(number.scaling() instanceof Scaling.None) ->
          unknown(layer, "column '%s' is scaled".formatted(number.column()));
      case ColumnEncoding.Numeric number -> {
        double largest = largest(number);
        yield Double.isNaN(largest)
            ? unknown(
                layer,
                "column '%s' stays the numbers it holds, whose largest only a dataset tells"
                    .formatted(number.column()))
            : (long) Math.clamp(largest + 1, 1, Integer.MAX_VALUE);
      }
    };
  }

  /** The largest value, an imputed one included; NaN when it is not known. */
  private double largest(ColumnEncoding.Numeric number) {
    double largest =
        columns
            .find(number.column())
            .map(column -> column.profile().max())
            .filter(Number.class::isInstance)
            .map(max -> ((Number) max).doubleValue())
            .orElse(Double.NaN);
    return number.imputation() instanceof Imputation.Constant(double fill)
        ? Math.max(largest, fill)
        : largest;
  }

  private int unknown(Layer layer, String why) {
    violations.add(
        Violation.pointer(pointer + "/layers", layer.index()) + "/vocabulary",
        "'auto' follows the encoding of what an embedding looks up, but %s; write the number"
            .formatted(why));
    return 0;
  }
}
