package io.trainyard.predict.request;

import io.trainyard.dataset.encoding.ColumnEncoding;
import io.trainyard.dataset.encoding.InputEncoding;
import io.trainyard.model.VersionDefinition;
import io.trainyard.tensor.ElementType;
import io.trainyard.tensor.Shape;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The inputs of a model by the names that protocols of tensors use: one for each column that it
 * reads, or one for each input of a model of tensors.
 */
public final class NamedInputs {
  private NamedInputs() {}

  /**
   * A tensor that a model takes or gives.
   *
   * @param type null for texts
   * @param row the shape of one row
   */
  public record Described(String name, @Nullable ElementType type, Shape row) {}

  /** The tensors that a model takes, in order. */
  public static List<Described> of(VersionDefinition model) {
    var encoding = model.encoding();
    if (encoding == null) {
      List<Described> inputs = new ArrayList<>();
      model
          .signature()
          .inputs()
          .forEach((name, input) -> inputs.add(new Described(name, input.type(), input.shape())));
      return inputs;
    }
    Map<String, Described> columns = new LinkedHashMap<>();
    for (InputEncoding input : encoding.inputs().values()) {
      for (ColumnEncoding column : input.columns()) {
        columns.putIfAbsent(column.column(), described(input, column));
      }
    }
    return List.copyOf(columns.values());
  }

  private static Described described(InputEncoding input, ColumnEncoding column) {
    Shape own = column.shape();
    Shape row = own == null ? Shape.SCALAR : own;
    Shape shape = input.window() == null ? row : row.batched(input.rows());
    return new Described(
        column.column(), type(input, column), shape.rank() == 0 ? Shape.of(1) : shape);
  }

  private static @Nullable ElementType type(InputEncoding input, ColumnEncoding column) {
    return switch (column) {
      case ColumnEncoding.Numeric number ->
          switch (number.type()) {
            case INTEGER -> ElementType.INT64;
            case NUMBER -> ElementType.FLOAT64;
            case TIMESTAMP -> null;
            case BOOLEAN, STRING, TENSOR -> input.type();
          };
      case ColumnEncoding.Category category ->
          switch (category.type()) {
            case INTEGER -> ElementType.INT64;
            case NUMBER -> ElementType.FLOAT64;
            case BOOLEAN -> ElementType.BOOL;
            case STRING, TIMESTAMP, TENSOR -> null;
          };
    };
  }
}
