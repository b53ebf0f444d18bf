package io.trainyard.predict.analysis;

import io.trainyard.dataset.encoding.ColumnEncoding;
import io.trainyard.dataset.encoding.Encoding;
import io.trainyard.dataset.encoding.InputEncoding;
import io.trainyard.dataset.encoding.TargetEncoding;
import io.trainyard.error.ServiceException;
import io.trainyard.json.JsonObject;
import io.trainyard.predict.Computation;
import io.trainyard.predict.analysis.AnalysisRequest.Explanation;
import io.trainyard.spec.ForwardPlan;
import io.trainyard.spec.NetworkShapes;
import io.trainyard.spec.NetworkSpec;
import io.trainyard.spec.layer.Layer;
import io.trainyard.tensor.HostTensor;
import io.trainyard.tensor.Shape;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The number of each row that is explained: unit · sign · (an element of a value) + offset.
 *
 * @param value a layer's name; {@code name:pre} for a logit
 * @param shape of a row of the value
 * @param elements which element it is, by row
 * @param signs −1 for the first class of a single unit, whose logit is that of the second; by row
 */
@SuppressWarnings("ArrayRecordComponent")
record ExplainedValue(
    String value, Shape shape, int[] elements, int[] signs, double unit, double offset) {

  /** Decides what to explain; throws why there is nothing. */
  static ExplainedValue of(Explanation asked, Computation computation) {
    Encoding encoding = DropoutSamples.withTargets(computation.model());
    return encoding == null ? ofOutput(asked, computation) : ofTarget(asked, computation, encoding);
  }

  private static ExplainedValue ofTarget(
      Explanation asked, Computation computation, Encoding encoding) {
    String name = only(asked.target(), encoding.targets().keySet(), "target");
    TargetEncoding target = Objects.requireNonNull(encoding.targets().get(name));
    return switch (target) {
      case TargetEncoding.ClassTarget labels -> ofClass(asked, computation, name, labels);
      case TargetEncoding.NumberTarget(String output, InputEncoding columns, _) ->
          ofNumber(asked, computation, output, columns);
      case TargetEncoding.InputTarget(String output, String input) ->
          ofNumber(
              asked, computation, output, Objects.requireNonNull(encoding.inputs().get(input)));
      case TargetEncoding.RawTarget raw -> ofRaw(asked, computation, raw.output());
      case TargetEncoding.LayerTarget layer ->
          throw ServiceException.invalid(
              "/explain/target",
              "The target '%s' is the output of layer '%s', whose elements have no names"
                  .formatted(name, layer.layer()));
    };
  }

  /** The name that was asked for, or the only one. */
  private static String only(@Nullable String asked, Collection<String> known, String what) {
    if (asked == null && known.size() == 1) {
      return known.iterator().next();
    }
    if (asked == null) {
      throw ServiceException.invalid(
          "/explain", "'%s' must name one of %s".formatted(what, List.copyOf(known)));
    }
    if (!known.contains(asked)) {
      throw ServiceException.invalid(
          "/explain/" + what,
          "One of %s was expected, got '%s'"
              .formatted(List.copyOf(known), JsonObject.shorten(asked)));
    }
    return asked;
  }

  private static ExplainedValue ofClass(
      Explanation asked, Computation computation, String name, TargetEncoding.ClassTarget target) {
    int rows = computation.rows();
    List<String> classes = target.classes();
    String named = asked.ofClass() == null ? null : only(asked.ofClass(), classes, "class");
    List<String> labels =
        named == null
            ? ((TargetEncoding.Decoded.Labels)
                    Objects.requireNonNull(computation.definition().encoding())
                        .decodeTarget(name, computation.outputs(), rows))
                .labels()
            : List.of();
    String value =
        switch (target.scores()) {
          case LOGIT, MARGIN -> target.output();
          case PROBABILITY, NUMBER -> logit(target.output(), computation);
        };
    Shape shape = shape(value, computation);
    int[] elements = new int[rows];
    int[] signs = new int[rows];
    for (int row = 0; row < rows; row++) {
      int index = classes.indexOf(named == null ? labels.get(row) : named);
      boolean single = shape.elements() == 1;
      elements[row] = single ? 0 : index;
      signs[row] = single && index == 0 ? -1 : 1;
    }
    return new ExplainedValue(value, shape, elements, signs, 1, 0);
  }

  /** The value before a function that makes a decision or a probability. */
  private static String logit(String output, Computation computation) {
    NetworkSpec network = computation.model().definition().spec().network();
    if (network.isMean(output)) {
      return output; // the mean of the members' probabilities has no logits
    }
    Layer layer = network.computing(output);
    return switch (layer.spec().activation().function()) {
      case SOFTMAX, LOG_SOFTMAX, SIGMOID, STEP, HARDLIMS -> layer.name() + ":pre";
      default -> output;
    };
  }

  private static Shape shape(String value, Computation computation) {
    NetworkShapes shapes = computation.model().definition().shapes();
    return shapes.of(ForwardPlan.layerOf(value));
  }

  private static ExplainedValue ofNumber(
      Explanation asked, Computation computation, String output, InputEncoding columns) {
    List<String> numbers = new ArrayList<>();
    List<Integer> places = new ArrayList<>();
    int at = 0;
    for (ColumnEncoding column : columns.columns()) {
      if (column instanceof ColumnEncoding.Numeric
          && column.width() == 1
          && columns.window() == null) {
        numbers.add(column.column());
        places.add(at);
      }
      at += column.width();
    }
    if (numbers.isEmpty()) {
      throw ServiceException.invalid(
          "/explain",
          "Output '%s' has the shape %s; only a class and a single number can be explained"
              .formatted(output, shape(output, computation)));
    }
    int element = places.get(numbers.indexOf(only(asked.ofClass(), numbers, "class")));
    double unit = columns.units()[element];
    double offset = columns.offsets()[element];
    return new ExplainedValue(
        output,
        shape(output, computation),
        all(computation, element),
        all(computation, 1),
        unit,
        offset);
  }

  /** The only number of an output, or the one whose index is asked for. */
  private static ExplainedValue ofRaw(Explanation asked, Computation computation, String output) {
    Shape shape = shape(output, computation);
    int width = Math.toIntExact(shape.elements());
    if (asked.ofClass() == null && width > 1) {
      throw ServiceException.invalid(
          "/explain",
          "'class' must be the index of one of the %d numbers of '%s'".formatted(width, output));
    }
    int element = asked.ofClass() == null ? 0 : index(asked.ofClass(), width);
    return new ExplainedValue(output, shape, all(computation, element), all(computation, 1), 1, 0);
  }

  private static int[] all(Computation computation, int element) {
    int[] elements = new int[computation.rows()];
    Arrays.fill(elements, element);
    return elements;
  }

  /** Without targets: an element of an output, by default the largest. */
  private static ExplainedValue ofOutput(Explanation asked, Computation computation) {
    NetworkSpec network = computation.model().definition().spec().network();
    String output = only(asked.target(), network.outputs(), "target");
    String value = logit(output, computation);
    Shape shape = shape(value, computation);
    int width = Math.toIntExact(shape.elements());
    int[] elements = all(computation, 0);
    if (asked.ofClass() != null) {
      elements = all(computation, index(asked.ofClass(), width));
    } else if (width > 1) {
      HostTensor values = Objects.requireNonNull(computation.outputs().get(output));
      for (int row = 0; row < elements.length; row++) {
        for (int i = 1; i < width; i++) {
          long at = (long) row * width;
          boolean larger = values.doubleAt(at + i) > values.doubleAt(at + elements[row]);
          elements[row] = larger ? i : elements[row];
        }
      }
    }
    return new ExplainedValue(value, shape, elements, all(computation, 1), 1, 0);
  }

  private static int index(String text, int width) {
    try {
      int index = Integer.parseInt(text);
      if (index >= 0 && index < width) {
        return index;
      }
    } catch (NumberFormatException e) {
      // The violation says what was expected.
    }
    throw ServiceException.invalid(
        "/explain/class",
        "The index of an element of the output was expected, 0 to %d, got '%s'"
            .formatted(width - 1, JsonObject.shorten(text)));
  }

  /** The number of a row in own units. */
  double of(int row, double element) {
    return unit * signs[row] * element + offset;
  }
}
