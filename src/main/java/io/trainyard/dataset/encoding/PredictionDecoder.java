package io.trainyard.dataset.encoding;

import io.trainyard.dataset.ColumnType;
import io.trainyard.tensor.ElementType;
import io.trainyard.tensor.HostTensor;
import io.trainyard.tensor.Shape;
import io.trainyard.tensor.Transpose;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** Decodes a network's outputs into predictions: labels, unscaled numbers, columns. */
final class PredictionDecoder {
  private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

  private final Encoding encoding;
  private final boolean severalClasses;

  PredictionDecoder(Encoding encoding) {
    this.encoding = encoding;
    this.severalClasses =
        encoding.targets().values().stream()
                .filter(TargetEncoding.ClassTarget.class::isInstance)
                .count()
            > 1;
  }

  ArrayNode decode(Map<String, HostTensor> outputs, int rows) {
    List<ObjectNode> answers = new ArrayList<>(rows);
    for (int row = 0; row < rows; row++) {
      answers.add(JSON.objectNode());
    }
    encoding
        .targets()
        .forEach(
            (name, target) -> {
              HostTensor output = outputs.get(target.output());
              if (output == null) {
                throw new IllegalArgumentException(
                    "the output '" + target.output() + "' was not computed");
              }
              HostTensor predicted = predicted(target, output);
              for (int row = 0; row < rows; row++) {
                answer(name, target, predicted, row, answers.get(row));
              }
            });
    return JSON.arrayNode(rows).addAll(answers);
  }

  private HostTensor predicted(TargetEncoding target, HostTensor output) {
    return switch (target) {
      case TargetEncoding.NumberTarget numbers -> numbers.encoding().means(output);
      case TargetEncoding.InputTarget input -> encoding.input(input.input()).means(output);
      case TargetEncoding.ClassTarget _, TargetEncoding.LayerTarget _ -> output;
    };
  }

  private void answer(
      String name, TargetEncoding target, HostTensor output, int row, ObjectNode answer) {
    long width = output.shape().row().elements();
    long at = row * width;
    switch (target) {
      case TargetEncoding.ClassTarget labels -> label(name, labels, output, at, width, answer);
      case TargetEncoding.NumberTarget numbers ->
          answer.set(name, numbers(numbers.encoding(), output, at));
      case TargetEncoding.InputTarget input ->
          answer.set(name, byColumn(encoding.input(input.input()), output, at));
      case TargetEncoding.LayerTarget layer ->
          answer.set(name, nested(output.shape().row(), 0, output, new long[] {at}));
    }
  }

  private void label(
      String name,
      TargetEncoding.ClassTarget target,
      HostTensor output,
      long at,
      long width,
      ObjectNode answer) {
    List<String> classes = target.classes();
    float[] shares = new float[classes.size()];
    int best = 0;
    if (width == 1 && classes.size() == 2) {
      // One sigmoid unit is the probability of the second class.
      double unit = output.doubleAt(at);
      shares[1] = Encoding.share(unit, target.logits());
      shares[0] = 1 - shares[1];
      best = Encoding.isYes(unit, target.logits()) ? 1 : 0;
    } else {
      if (width != classes.size()) {
        throw new IllegalArgumentException(
            "output '"
                + target.output()
                + "' has "
                + width
                + " elements for "
                + classes.size()
                + " classes");
      }
      for (int i = 0; i < shares.length; i++) {
        shares[i] = (float) output.doubleAt(at + i);
        if (shares[i] > shares[best]) {
          best = i;
        }
      }
      if (target.logits()) {
        softmax(shares, shares[best]);
      }
    }
    answer.set(name, typed(target.type(), classes.get(best)));
    ObjectNode all = severalClasses ? answer.withObjectProperty("probabilities") : answer;
    ObjectNode probabilities = all.putObject(severalClasses ? name : "probabilities");
    for (int i = 0; i < shares.length; i++) {
      probabilities.set(classes.get(i), number(shares[i]));
    }
  }

  /** softmax(x) in place; subtracting the largest logit avoids overflow. */
  private static void softmax(float[] logits, float largest) {
    double sum = 0;
    for (float logit : logits) {
      sum += Math.exp(logit - largest);
    }
    for (int i = 0; i < logits.length; i++) {
      logits[i] = (float) (Math.exp(logits[i] - largest) / sum);
    }
  }

  /** A label with its column's type. */
  private static JsonNode typed(ColumnType type, String label) {
    return switch (type) {
      case INTEGER -> JSON.numberNode(Long.parseLong(label));
      case NUMBER -> JSON.numberNode(Double.parseDouble(label));
      case BOOLEAN -> JSON.booleanNode(Boolean.parseBoolean(label));
      case STRING, TIMESTAMP, TENSOR -> JSON.stringNode(label);
    };
  }

  private static JsonNode numbers(InputEncoding target, HostTensor output, long at) {
    if (target.columns().size() > 1) {
      return byColumn(target, output, at);
    }
    ColumnEncoding.Numeric number = (ColumnEncoding.Numeric) target.columns().getFirst();
    return unscaled(number, output, at);
  }

  /** An object by column, with unscaled numbers and category names; lists for a window. */
  private static ObjectNode byColumn(InputEncoding input, HostTensor output, long at) {
    if (input.channelMove() != null) {
      return byColumn(input.columns().getFirst(), asInColumn(input.channelMove(), output, at));
    }
    ObjectNode columns = JSON.objectNode();
    long next = at;
    for (ColumnEncoding column : input.columns()) {
      if (input.window() == null) {
        columns.set(column.column(), value(column, output, next));
      } else {
        ArrayNode rows = columns.putArray(column.column());
        for (int row = 0; row < input.rows(); row++) {
          rows.add(value(column, output, next + (long) row * input.rowWidth()));
        }
      }
      next += column.width();
    }
    return columns;
  }

  private static ObjectNode byColumn(ColumnEncoding column, HostTensor row) {
    return JSON.objectNode().set(column.column(), value(column, row, 0));
  }

  /** One row with its channels where the column has them. */
  private static HostTensor asInColumn(Transpose move, HostTensor output, long at) {
    int width = move.rows() * move.columns();
    HostTensor row = HostTensor.allocate(ElementType.FLOAT32, Shape.of(width));
    for (int i = 0; i < width; i++) {
      row.setFloat(i, (float) output.doubleAt(at + move.place(i)));
    }
    return row;
  }

  private static JsonNode value(ColumnEncoding column, HostTensor output, long at) {
    return switch (column) {
      case ColumnEncoding.Numeric number -> unscaled(number, output, at);
      case ColumnEncoding.Category category ->
          typed(category.type(), likeliest(category, output, at));
    };
  }

  private static String likeliest(ColumnEncoding.Category category, HostTensor output, long at) {
    int best = 0;
    for (int i = 1; i < category.width(); i++) {
      if (output.doubleAt(at + i) > output.doubleAt(at + best)) {
        best = i;
      }
    }
    return category.categories().get(best);
  }

  private static JsonNode unscaled(ColumnEncoding.Numeric number, HostTensor output, long at) {
    Affine affine = number.known().affine();
    Shape shape = number.shape();
    if (shape == null) {
      return unscaled(affine, output, at);
    }
    return nested(shape, 0, affine, output, new long[] {at});
  }

  private static JsonNode unscaled(Affine affine, HostTensor output, long at) {
    double y = output.doubleAt(at);
    return affine.equals(Affine.IDENTITY) ? number((float) y) : number(affine.unscale(y));
  }

  private static JsonNode nested(Shape shape, int axis, HostTensor output, long[] next) {
    return nested(shape, axis, Affine.IDENTITY, output, next);
  }

  private static JsonNode nested(
      Shape shape, int axis, Affine affine, HostTensor output, long[] next) {
    if (axis == shape.rank()) {
      return unscaled(affine, output, next[0]++);
    }
    ArrayNode list = JSON.arrayNode(shape.axis(axis));
    for (int i = 0; i < shape.axis(axis); i++) {
      list.add(nested(shape, axis + 1, affine, output, next));
    }
    return list;
  }

  /** NaN and infinities are strings, because JSON has no such numbers. */
  private static JsonNode number(float x) {
    return Float.isFinite(x) ? JSON.numberNode(x) : JSON.stringNode(Float.toString(x));
  }

  private static JsonNode number(double x) {
    return Double.isFinite(x) ? JSON.numberNode(x) : JSON.stringNode(Double.toString(x));
  }
}
