package io.trainyard.dataset.encoding;

import io.trainyard.dataset.ColumnType;
import io.trainyard.spec.training.Scores;
import io.trainyard.tensor.ElementType;
import io.trainyard.tensor.HostTensor;
import io.trainyard.tensor.Shape;
import io.trainyard.tensor.Transpose;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
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
              HostTensor output = output(target, outputs);
              HostTensor predicted = predicted(target, output);
              for (int row = 0; row < rows; row++) {
                answer(name, target, predicted, row, answers.get(row));
              }
            });
    encoding.targets().keySet().forEach(target -> addDeviations(target, outputs, answers));
    encoding
        .answeredIntervals(outputs)
        .forEach(
            (name, interval) -> {
              for (int row = 0; row < rows; row++) {
                answers
                    .get(row)
                    .withObjectProperty(Encoding.INTERVAL)
                    .set(name, interval.json(row));
              }
            });
    encoding
        .targets()
        .forEach(
            (name, target) -> {
              if (target instanceof TargetEncoding.ClassTarget labels && labels.sets() != null) {
                addSets(name, labels, labels.sets(), output(labels, outputs), answers);
              }
            });
    return JSON.arrayNode(rows).addAll(answers);
  }

  private static void addSets(
      String name,
      TargetEncoding.ClassTarget target,
      Interval.Sets known,
      HostTensor output,
      List<ObjectNode> answers) {
    long width = output.shape().row().elements();
    for (int row = 0; row < answers.size(); row++) {
      boolean[] members = known.of(shares(target, output, row * width, width));
      ObjectNode sets = answers.get(row).withObjectProperty(Encoding.SET);
      if (members == null) {
        sets.putNull(name);
        continue;
      }
      ArrayNode set = sets.putArray(name);
      for (int i = 0; i < members.length; i++) {
        if (members[i]) {
          set.add(typed(target.type(), target.classes().get(i)));
        }
      }
    }
  }

  private void addDeviations(
      String target, Map<String, HostTensor> outputs, List<ObjectNode> answers) {
    HostTensor std = deviations(target, outputs);
    if (std == null) {
      return;
    }
    InputEncoding told = encoding.deviationsOf(target);
    boolean byColumn = encoding.targets().get(target) instanceof TargetEncoding.InputTarget;
    long width = std.shape().row().elements();
    for (int row = 0; row < answers.size(); row++) {
      long at = row * width;
      answers
          .get(row)
          .withObjectProperty(Encoding.STD)
          .set(target, byColumn ? byColumn(told, std, at) : numbers(told, std, at));
    }
  }

  /** A target's deviations; null without variances, or where a target takes their member. */
  @Nullable HostTensor deviations(String target, Map<String, HostTensor> outputs) {
    TargetEncoding own = Objects.requireNonNull(encoding.targets().get(target));
    return encoding.targets().containsKey(Encoding.STD)
        ? null
        : encoding.deviations(target, output(own, outputs));
  }

  HostTensor predicted(TargetEncoding target, HostTensor output) {
    return switch (target) {
      case TargetEncoding.NumberTarget numbers -> numbers.encoding().means(output);
      case TargetEncoding.InputTarget input -> encoding.input(input.input()).means(output);
      case TargetEncoding.ClassTarget _, TargetEncoding.RawTarget _, TargetEncoding.LayerTarget _ ->
          output;
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
      case TargetEncoding.RawTarget _ ->
          answer.set(name, nested(raw(output.shape().row()), 0, output, new long[] {at}));
      case TargetEncoding.LayerTarget layer ->
          answer.set(name, nested(output.shape().row(), 0, output, new long[] {at}));
    }
  }

  /** One number is no list. */
  static Shape raw(Shape row) {
    return row.equals(Shape.of(1)) ? Shape.SCALAR : row;
  }

  private void label(
      String name,
      TargetEncoding.ClassTarget target,
      HostTensor output,
      long at,
      long width,
      ObjectNode answer) {
    List<String> classes = target.classes();
    answer.set(name, typed(target.type(), classes.get(decided(target, output, at, width))));
    if (!target.scores().hasProbabilities()) {
      return;
    }
    float[] shares = shares(target, output, at, width);
    ObjectNode all = severalClasses ? answer.withObjectProperty("probabilities") : answer;
    ObjectNode probabilities = all.putObject(severalClasses ? name : "probabilities");
    for (int i = 0; i < shares.length; i++) {
      probabilities.set(classes.get(i), number(shares[i]));
    }
  }

  /** The probability of each class, of an output that has them. */
  static float[] shares(TargetEncoding.ClassTarget target, HostTensor output, long at, long width) {
    float[] shares = new float[target.classes().size()];
    if (width == 1 && shares.length == 2) {
      // A single unit is the probability of the second class.
      shares[1] = target.scores().answer(output.doubleAt(at));
      shares[0] = 1 - shares[1];
      if (target.calibration() != null) {
        target.calibration().correct(new double[] {output.doubleAt(at)}, target.scores(), shares);
        shares[0] = 1 - shares[1];
      }
      return shares;
    }
    if (width != shares.length) {
      throw new IllegalArgumentException(
          "output '"
              + target.output()
              + "' has "
              + width
              + " elements for "
              + shares.length
              + " classes");
    }
    for (int i = 0; i < shares.length; i++) {
      shares[i] = (float) output.doubleAt(at + i);
    }
    target.scores().answer(shares, shares.length);
    if (target.calibration() != null) {
      double[] outputs = new double[shares.length];
      for (int i = 0; i < outputs.length; i++) {
        outputs[i] = output.doubleAt(at + i);
      }
      target.calibration().correct(outputs, target.scores(), shares);
    }
    return shares;
  }

  /** The class that is answered: of two, by the target's rule; else the one of largest output. */
  static int decided(TargetEncoding.ClassTarget target, HostTensor output, long at, long width) {
    Decision decision = target.decision();
    if (target.calibration() != null) {
      float[] shares = shares(target, output, at, width);
      return width == 1 || decision.threshold() != null
          ? decision.of(shares[decision.positive()], Scores.PROBABILITY)
          : largest(shares);
    }
    if (width == 1 && target.isBinary()) {
      return decision.of(decision.score(output.doubleAt(at), target.scores()), target.scores());
    }
    if (decision.threshold() != null) {
      float score = shares(target, output, at, width)[decision.positive()];
      return decision.of(score, target.scores());
    }
    int best = 0;
    for (int i = 1; i < width; i++) {
      best = output.doubleAt(at + i) > output.doubleAt(at + best) ? i : best;
    }
    return best;
  }

  /** The probabilities in place of what the output says, in its shape. */
  static HostTensor calibrated(TargetEncoding.ClassTarget target, HostTensor output) {
    HostTensor answered = HostTensor.allocate(ElementType.FLOAT32, output.shape());
    int width = Math.toIntExact(output.shape().row().elements());
    for (long at = 0; at < output.shape().elements(); at += width) {
      float[] shares = shares(target, output, at, width);
      for (int i = 0; i < width; i++) {
        answered.setFloat(at + i, width == 1 ? shares[1] : shares[i]);
      }
    }
    return answered;
  }

  private static int largest(float[] shares) {
    int best = 0;
    for (int i = 1; i < shares.length; i++) {
      best = shares[i] > shares[best] ? i : best;
    }
    return best;
  }

  /** What the outputs say of one target, for all rows. */
  TargetEncoding.Decoded target(String name, Map<String, HostTensor> outputs, int rows) {
    TargetEncoding target = Objects.requireNonNull(encoding.targets().get(name));
    HostTensor output = output(target, outputs);
    if (!(target instanceof TargetEncoding.ClassTarget labels)) {
      return new TargetEncoding.Decoded.Numbers(
          encoding.inTargetUnits(target.output(), predicted(target, output)),
          encoding.deviations(name, output));
    }
    int classes = labels.classes().size();
    long width = output.shape().row().elements();
    List<String> likeliest = new ArrayList<>(rows);
    for (int row = 0; row < rows; row++) {
      likeliest.add(labels.classes().get(decided(labels, output, row * width, width)));
    }
    if (!labels.scores().hasProbabilities()) {
      return new TargetEncoding.Decoded.Labels(likeliest, null, null);
    }
    Interval.Sets sets = labels.sets();
    HostTensor members =
        sets == null || sets.score() == null
            ? null
            : HostTensor.allocate(ElementType.BOOL, Shape.of(rows, classes));
    HostTensor probabilities = HostTensor.allocate(ElementType.FLOAT32, Shape.of(rows, classes));
    for (int row = 0; row < rows; row++) {
      float[] shares = shares(labels, output, row * width, width);
      for (int i = 0; i < classes; i++) {
        probabilities.setFloat((long) row * classes + i, shares[i]);
      }
      boolean[] set = members == null ? null : Objects.requireNonNull(sets).of(shares);
      for (int i = 0; set != null && members != null && i < classes; i++) {
        members.setByte((long) row * classes + i, (byte) (set[i] ? 1 : 0));
      }
    }
    return new TargetEncoding.Decoded.Labels(likeliest, probabilities, members);
  }

  static HostTensor output(TargetEncoding target, Map<String, HostTensor> outputs) {
    HostTensor output = outputs.get(target.output());
    if (output == null) {
      throw new IllegalArgumentException("the output '" + target.output() + "' was not computed");
    }
    return output;
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
  static HostTensor asInColumn(Transpose move, HostTensor output, long at) {
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
      case ColumnEncoding.Category category -> label(category, category.likeliest(output, at));
    };
  }

  /** The category of an index; null for the one that unknown categories share. */
  static JsonNode label(ColumnEncoding.Category category, int index) {
    String label = category.category(index);
    return label == null ? JSON.nullNode() : typed(category.type(), label);
  }

  private static JsonNode unscaled(ColumnEncoding.Numeric number, HostTensor output, long at) {
    Shape shape = number.shape();
    if (shape == null) {
      return unscaled(number.known(), output, at);
    }
    return nested(shape, 0, number.known(), output, new long[] {at});
  }

  private static JsonNode unscaled(
      ColumnEncoding.@Nullable Learned known, HostTensor output, long at) {
    double y = output.doubleAt(at);
    return known == null || known.predictsOutputs()
        ? number((float) y)
        : number(known.predicted(y));
  }

  /** An output as the number that is answered. */
  static double answered(ColumnEncoding.Learned known, double y) {
    return known.predictsOutputs() ? (float) y : known.predicted(y);
  }

  private static JsonNode nested(Shape shape, int axis, HostTensor output, long[] next) {
    return nested(shape, axis, null, output, next);
  }

  private static JsonNode nested(
      Shape shape,
      int axis,
      ColumnEncoding.@Nullable Learned known,
      HostTensor output,
      long[] next) {
    if (axis == shape.rank()) {
      return unscaled(known, output, next[0]++);
    }
    ArrayNode list = JSON.arrayNode(shape.axis(axis));
    for (int i = 0; i < shape.axis(axis); i++) {
      list.add(nested(shape, axis + 1, known, output, next));
    }
    return list;
  }

  /** NaN and infinities are strings, because JSON has no such numbers. */
  private static JsonNode number(float x) {
    return Float.isFinite(x) ? JSON.numberNode(x) : JSON.stringNode(Float.toString(x));
  }

  static JsonNode number(double x) {
    return Double.isFinite(x) ? JSON.numberNode(x) : JSON.stringNode(Double.toString(x));
  }
}
