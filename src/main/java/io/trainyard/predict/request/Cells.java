package io.trainyard.predict.request;

import io.trainyard.dataset.ColumnType;
import io.trainyard.dataset.encoding.ColumnEncoding;
import io.trainyard.dataset.encoding.Encoding;
import io.trainyard.dataset.encoding.InputEncoding;
import io.trainyard.error.ServiceException;
import io.trainyard.error.Violation;
import io.trainyard.predict.LoadedModel;
import io.trainyard.tensor.HostTensor;
import io.trainyard.tensor.Shape;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;

/** The elements of named tensors as the cells of instances, so that one reader reads both. */
final class Cells {
  private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

  private final List<NamedTensor> given;

  /** The columns that have one value in a row, and not a window or a tensor. */
  private final Set<String> scalars = new HashSet<>();

  private final Set<String> tensors;

  /** The columns of truth values, which numbers of any type hold as 0 and 1. */
  private final Set<String> truths = new HashSet<>();

  Cells(LoadedModel model, Encoding encoding, List<NamedTensor> given) {
    this.given = given;
    this.tensors = model.tensorColumns().keySet();
    Set<String> others = new HashSet<>();
    for (InputEncoding input : encoding.inputs().values()) {
      for (ColumnEncoding column : input.columns()) {
        boolean scalar = input.window() == null && column.shape() == null;
        (scalar ? scalars : others).add(column.column());
        if (column.type() == ColumnType.BOOLEAN) {
          truths.add(column.column());
        }
      }
    }
    scalars.removeAll(others);
  }

  /** A row of a tensor. */
  JsonNode of(NamedTensor tensor, int row) {
    Shape shape = tensor.shape().row();
    long[] next = {row * shape.elements()};
    if (scalars.contains(tensor.name())) {
      return leaf(tensor, next[0]);
    }
    // A window of one column may have an axis of length 1 behind its rows.
    boolean column = !tensors.contains(tensor.name()) && shape.rank() == 2;
    return nested(tensor, column ? Shape.of(shape.axis(0)) : shape, 0, next);
  }

  private JsonNode nested(NamedTensor tensor, Shape shape, int axis, long[] next) {
    if (axis == shape.rank()) {
      return leaf(tensor, next[0]++);
    }
    ArrayNode list = JSON.arrayNode(shape.axis(axis));
    for (int i = 0; i < shape.axis(axis); i++) {
      list.add(nested(tensor, shape, axis + 1, next));
    }
    return list;
  }

  private JsonNode leaf(NamedTensor tensor, long at) {
    if (tensor.missing().get((int) at)) {
      return JSON.nullNode();
    }
    return switch (tensor) {
      case NamedTensor.Texts texts -> JSON.stringNode(texts.elements().get((int) at));
      case NamedTensor.Numbers numbers -> number(numbers, at);
    };
  }

  private JsonNode number(NamedTensor.Numbers numbers, long at) {
    HostTensor tensor = numbers.tensor();
    double truth = tensor.doubleAt(at);
    if (truths.contains(numbers.name()) && (truth == 0 || truth == 1)) {
      return JSON.booleanNode(truth == 1);
    }
    return switch (tensor.type()) {
      case INT64 -> JSON.numberNode(tensor.longAt(at));
      case BOOL, INT8, INT16, INT32, UINT8 -> JSON.numberNode((long) tensor.doubleAt(at));
      case FLOAT32, FLOAT64 -> {
        double number = tensor.doubleAt(at);
        yield Double.isNaN(number) ? JSON.nullNode() : JSON.numberNode(number);
      }
    };
  }

  /** The faults of instances, at the tensors that their cells came from. */
  ServiceException placed(ServiceException refusal) {
    return new ServiceException(
        refusal.code(),
        refusal.detail(),
        refusal.violations().stream().map(this::placed).distinct().toList());
  }

  private Violation placed(Violation violation) {
    String[] steps = steps(violation.pointer());
    int tensor = tensor(steps);
    if (tensor < 0) {
      return new Violation("/inputs", "A tensor is missing: " + violation.detail());
    }
    String within = steps.length > 3 ? ", at /" + steps[3] : "";
    return violation
        .moved(place -> cell(tensor, steps(place)))
        .at(Violation.pointer("/inputs", tensor))
        .told("Row %s%s: %s".formatted(steps[1], within, violation.detail()));
  }

  /** Nothing, the row, the column, and the place in a cell that has more than one value. */
  private static String[] steps(String pointer) {
    return pointer.split("/", 4);
  }

  /** The tensor of a column; -1 where none is given. */
  private int tensor(String[] steps) {
    return steps.length > 2
        ? IntStream.range(0, given.size())
            .filter(i -> Violation.pointer("", given.get(i).name()).equals("/" + steps[2]))
            .findFirst()
            .orElse(-1)
        : -1;
  }

  /** The place of a row of a tensor, or in it. */
  private static String cell(int tensor, String[] steps) {
    String row = Violation.pointer("/inputs", tensor) + "/" + steps[1];
    return steps.length > 3 ? row + "/" + steps[3] : row;
  }
}
