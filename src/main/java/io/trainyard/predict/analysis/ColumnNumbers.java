package io.trainyard.predict.analysis;

import io.trainyard.dataset.encoding.ColumnEncoding;
import io.trainyard.dataset.encoding.InputEncoding;
import io.trainyard.json.StrictJson;
import io.trainyard.tensor.Shape;
import io.trainyard.tensor.Transpose;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * Numbers of a row's elements as JSON by column, in the form of the column's values: a number, a
 * list of a window's steps, nested lists of a tensor.
 */
final class ColumnNumbers {
  private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

  private ColumnNumbers() {}

  /**
   * Numbers by column.
   *
   * @param summed whether the elements of a category become one number; else one by category
   */
  static ObjectNode of(InputEncoding input, double[] numbers, boolean summed) {
    double[] own = asInColumn(input.channelMove(), numbers);
    ObjectNode columns = JSON.objectNode();
    int at = 0;
    for (ColumnEncoding column : input.columns()) {
      if (input.window() == null) {
        columns.set(column.column(), of(column, own, at, summed));
      } else {
        ArrayNode steps = columns.putArray(column.column());
        for (int step = 0; step < input.rows(); step++) {
          steps.add(of(column, own, at + step * input.rowWidth(), summed));
        }
      }
      at += column.width();
    }
    return columns;
  }

  private static double[] asInColumn(@Nullable Transpose move, double[] numbers) {
    if (move == null) {
      return numbers;
    }
    double[] moved = new double[numbers.length];
    for (int i = 0; i < moved.length; i++) {
      moved[i] = numbers[move.place(i)];
    }
    return moved;
  }

  private static JsonNode of(ColumnEncoding column, double[] numbers, int at, boolean summed) {
    return switch (column) {
      case ColumnEncoding.Numeric number when number.shape() == null && number.width() > 1 ->
          named(number.elementNames(), numbers, at, summed);
      case ColumnEncoding.Numeric number ->
          number.shape() == null
              ? StrictJson.number(numbers[at])
              : nested(number.shape(), 0, numbers, new int[] {at});
      case ColumnEncoding.Category category -> named(category.elementNames(), numbers, at, summed);
    };
  }

  private static JsonNode named(List<String> names, double[] numbers, int at, boolean summed) {
    double[] own = Arrays.copyOfRange(numbers, at, at + names.size());
    return summed ? StrictJson.number(Arrays.stream(own).sum()) : byName(names, own);
  }

  static ObjectNode byName(List<String> names, double[] numbers) {
    ObjectNode object = JSON.objectNode();
    for (int i = 0; i < numbers.length; i++) {
      object.set(names.get(i), StrictJson.number(numbers[i]));
    }
    return object;
  }

  /** Nested lists of a shape; a number without axes. */
  static JsonNode nested(Shape shape, double[] numbers) {
    return nested(shape, 0, numbers, new int[1]);
  }

  private static JsonNode nested(Shape shape, int axis, double[] numbers, int[] next) {
    if (axis == shape.rank()) {
      return StrictJson.number(numbers[next[0]++]);
    }
    ArrayNode list = JSON.arrayNode(shape.axis(axis));
    for (int i = 0; i < shape.axis(axis); i++) {
      list.add(nested(shape, axis + 1, numbers, next));
    }
    return list;
  }
}
