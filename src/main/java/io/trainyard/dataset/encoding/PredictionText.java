package io.trainyard.dataset.encoding;

import io.trainyard.dataset.ColumnType;
import io.trainyard.json.JsonBytes;
import io.trainyard.tensor.ElementType;
import io.trainyard.tensor.HostTensor;
import io.trainyard.tensor.Shape;
import io.trainyard.tensor.Transpose;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** Writes predictions as JSON. The names and labels of a version are escaped once. */
public final class PredictionText {
  private static final String PROBABILITIES = "probabilities";

  private static final byte[] PROBABILITIES_NAME = name(PROBABILITIES);
  private static final byte[] STD_NAME = name(Encoding.STD);
  private static final byte[] INTERVAL_NAME = name(Encoding.INTERVAL);
  private static final byte[] SET_NAME = name(Encoding.SET);

  private final Encoding encoding;
  private final List<Answer> answers = new ArrayList<>();
  private final boolean severalClasses;

  PredictionText(Encoding encoding) {
    this.encoding = encoding;
    encoding.targets().forEach((name, target) -> answers.add(answer(name, target)));
    this.severalClasses = answers.stream().filter(Labels.class::isInstance).count() > 1;
  }

  /**
   * Whether a member comes twice in a row: a target has the name of the probabilities of classes.
   */
  public boolean repeatsMember() {
    return encoding.targets().containsKey(PROBABILITIES)
        && answers.stream().anyMatch(PredictionText::hasProbabilities);
  }

  private static boolean hasProbabilities(Answer answer) {
    return answer instanceof Labels labels && labels.target().scores().hasProbabilities();
  }

  /** A target with its name and labels as JSON. */
  private sealed interface Answer {
    byte[] name();
  }

  @SuppressWarnings("ArrayRecordComponent")
  private record Labels(
      byte[] name, TargetEncoding.ClassTarget target, List<byte[]> labels, List<byte[]> names)
      implements Answer {}

  @SuppressWarnings("ArrayRecordComponent")
  private record OneNumber(byte[] name, String output, ColumnEncoding.Numeric column)
      implements Answer {}

  @SuppressWarnings("ArrayRecordComponent")
  private record Columns(byte[] name, String output, InputEncoding input, List<Cell> cells)
      implements Answer {}

  /** An output as it is; of a raw target, one number is no list. */
  @SuppressWarnings("ArrayRecordComponent")
  private record Values(byte[] name, String output, boolean raw) implements Answer {}

  /** A column; its categories are empty for numbers. */
  @SuppressWarnings("ArrayRecordComponent")
  private record Cell(byte[] name, ColumnEncoding column, List<byte[]> categories) {}

  private Answer answer(String name, TargetEncoding target) {
    byte[] own = name(name);
    return switch (target) {
      case TargetEncoding.ClassTarget labels ->
          new Labels(
              own,
              labels,
              labels.classes().stream().map(label -> typed(labels.type(), label)).toList(),
              labels.classes().stream().map(PredictionText::name).toList());
      case TargetEncoding.NumberTarget numbers -> numbers(own, target.output(), numbers.encoding());
      case TargetEncoding.InputTarget input ->
          columns(own, target.output(), encoding.input(input.input()));
      case TargetEncoding.RawTarget _ -> new Values(own, target.output(), true);
      case TargetEncoding.LayerTarget _ -> new Values(own, target.output(), false);
    };
  }

  private static Answer numbers(byte[] name, String output, InputEncoding numbers) {
    return numbers.columns().size() > 1
        ? columns(name, output, numbers)
        : new OneNumber(name, output, (ColumnEncoding.Numeric) numbers.columns().getFirst());
  }

  /** How the deviations of a target are told. */
  private Answer deviations(String name, TargetEncoding target) {
    InputEncoding told = encoding.deviationsOf(name);
    return target instanceof TargetEncoding.InputTarget
        ? columns(name(name), target.output(), told)
        : numbers(name(name), target.output(), told);
  }

  private static Columns columns(byte[] name, String output, InputEncoding input) {
    return new Columns(
        name, output, input, input.columns().stream().map(PredictionText::cell).toList());
  }

  private static Cell cell(ColumnEncoding column) {
    return new Cell(
        name(column.column()),
        column,
        switch (column) {
          case ColumnEncoding.Category category ->
              IntStream.range(0, category.indices())
                  .mapToObj(category::category)
                  .map(
                      label ->
                          label == null ? JsonBytes.plain("null") : typed(category.type(), label))
                  .toList();
          case ColumnEncoding.Numeric _ -> List.of();
        });
  }

  /** A name with its colon. */
  private static byte[] name(String name) {
    byte[] quoted = JsonBytes.quoted(name);
    byte[] named = Arrays.copyOf(quoted, quoted.length + 1);
    named[quoted.length] = ':';
    return named;
  }

  /** A label with its column's type. */
  private static byte[] typed(ColumnType type, String label) {
    return switch (type) {
      case INTEGER -> JsonBytes.plain(Long.toString(Long.parseLong(label)));
      case NUMBER -> {
        double number = Double.parseDouble(label);
        String text = Double.toString(number);
        yield Double.isFinite(number) ? JsonBytes.plain(text) : JsonBytes.quoted(text);
      }
      case BOOLEAN -> JsonBytes.plain(Boolean.toString(Boolean.parseBoolean(label)));
      case STRING, TIMESTAMP, TENSOR -> JsonBytes.quoted(label);
    };
  }

  /**
   * The predictions of a request.
   *
   * @param outputs by the network's output names, [rows, ...]
   */
  public Rows of(Map<String, HostTensor> outputs) {
    return new Rows(outputs);
  }

  /** The predictions of a request, by row. */
  public final class Rows {
    private final List<HostTensor> predicted = new ArrayList<>(answers.size());

    /** Those of the targets whose outputs have variances. */
    private final Map<Answer, HostTensor> deviations = new LinkedHashMap<>();

    /** With their names as JSON. */
    private final List<Map.Entry<byte[], AnsweredInterval>> intervals = new ArrayList<>();

    private Rows(Map<String, HostTensor> outputs) {
      // A target may take the member of deviations.
      boolean deviates = !encoding.targets().containsKey(Encoding.STD);
      encoding
          .targets()
          .forEach(
              (name, target) -> {
                HostTensor output = target.outputOf(outputs);
                predicted.add(encoding.means(name, output));
                HostTensor own = deviates ? encoding.deviations(name, output) : null;
                if (own != null) {
                  deviations.put(deviations(name, target), own);
                }
              });
      encoding
          .answeredIntervals(outputs)
          .forEach((name, interval) -> intervals.add(Map.entry(name(name), interval)));
    }

    /** A row's object as a tree, to which a caller may add; of a repeated member the last. */
    public ObjectNode tree(int row) {
      return (ObjectNode) JsonMapper.shared().readTree(JsonBytes.of(out -> write(row, out)));
    }

    /** A row's object. */
    public void write(int row, JsonBytes out) {
      out.raw('{');
      boolean probabilities = false;
      for (int i = 0; i < answers.size(); i++) {
        if (i > 0) {
          out.raw(',');
        }
        Answer answer = answers.get(i);
        HostTensor output = predicted.get(i);
        long at = row * output.shape().row().elements();
        out.raw(answer.name());
        switch (answer) {
          case Labels labels -> {
            long width = output.shape().row().elements();
            out.raw(labels.labels().get(labels.target().decided(output, at, width)));
            if (!probabilities && hasProbabilities(labels)) {
              probabilities = true;
              out.raw(',');
              out.raw(PROBABILITIES_NAME);
              probabilities(row, i, out);
            }
          }
          case OneNumber _, Columns _, Values _ -> numbers(answer, output, at, out);
        }
      }
      if (!deviations.isEmpty()) {
        out.raw(',');
        out.raw(STD_NAME);
        char before = '{';
        for (var each : deviations.entrySet()) {
          out.raw(before);
          before = ',';
          out.raw(each.getKey().name());
          long at = row * each.getValue().shape().row().elements();
          numbers(each.getKey(), each.getValue(), at, out);
        }
        out.raw('}');
      }
      intervals(row, out);
      sets(row, out);
      out.raw('}');
    }

    private void intervals(int row, JsonBytes out) {
      if (intervals.isEmpty()) {
        return;
      }
      out.raw(',');
      out.raw(INTERVAL_NAME);
      char before = '{';
      for (var each : intervals) {
        out.raw(before);
        before = ',';
        out.raw(each.getKey());
        each.getValue().write(row, out);
      }
      out.raw('}');
    }

    private void sets(int row, JsonBytes out) {
      char before = '{';
      for (int i = 0; i < answers.size(); i++) {
        if (answers.get(i) instanceof Labels labels && labels.target().sets() != null) {
          if (before == '{') {
            out.raw(',');
            out.raw(SET_NAME);
          }
          out.raw(before);
          before = ',';
          out.raw(labels.name());
          set(labels, labels.target().sets(), predicted.get(i), row, out);
        }
      }
      if (before == ',') {
        out.raw('}');
      }
    }

    /** Those of the only class target, or of all from the first one on. */
    private void probabilities(int row, int first, JsonBytes out) {
      if (!severalClasses) {
        shares((Labels) answers.get(first), predicted.get(first), row, out);
        return;
      }
      out.raw('{');
      for (int i = first; i < answers.size(); i++) {
        if (answers.get(i) instanceof Labels labels && hasProbabilities(labels)) {
          if (i > first) {
            out.raw(',');
          }
          out.raw(labels.name());
          shares(labels, predicted.get(i), row, out);
        }
      }
      out.raw('}');
    }
  }

  private static void shares(Labels labels, HostTensor output, int row, JsonBytes out) {
    long width = output.shape().row().elements();
    float[] shares = labels.target().shares(output, row * width, width);
    out.raw('{');
    for (int i = 0; i < shares.length; i++) {
      if (i > 0) {
        out.raw(',');
      }
      out.raw(labels.names().get(i));
      out.number(shares[i]);
    }
    out.raw('}');
  }

  private static void set(
      Labels labels, Interval.Sets sets, HostTensor output, int row, JsonBytes out) {
    long width = output.shape().row().elements();
    boolean[] members =
        sets.of(
            labels.target().shares(output, row * width, width),
            labels.target().decided(output, row * width, width));
    if (members == null) {
      out.raw(JsonBytes.plain("null"));
      return;
    }
    out.raw('[');
    boolean first = true;
    for (int i = 0; i < members.length; i++) {
      if (members[i]) {
        if (!first) {
          out.raw(',');
        }
        first = false;
        out.raw(labels.labels().get(i));
      }
    }
    out.raw(']');
  }

  private static void numbers(Answer answer, HostTensor output, long at, JsonBytes out) {
    switch (answer) {
      case OneNumber number -> value(number.column(), List.of(), output, at, out);
      case Columns columns -> byColumn(columns, output, at, out);
      case Values values -> {
        Shape own = output.shape().row();
        boolean scalar = values.raw() && own.equals(Shape.of(1));
        nested(scalar ? Shape.SCALAR : own, null, output, at, out);
      }
      case Labels _ -> throw new IllegalArgumentException("a label is not a number");
    }
  }

  /** An object by column, with unscaled numbers and category names; lists for a window. */
  private static void byColumn(Columns columns, HostTensor output, long at, JsonBytes out) {
    InputEncoding input = columns.input();
    HostTensor values = output;
    long next = at;
    if (input.channelMove() != null) {
      values = asInColumn(input.channelMove(), output, at);
      next = 0;
    }
    out.raw('{');
    for (int i = 0; i < columns.cells().size(); i++) {
      Cell cell = columns.cells().get(i);
      if (i > 0) {
        out.raw(',');
      }
      out.raw(cell.name());
      if (input.window() == null) {
        value(cell.column(), cell.categories(), values, next, out);
      } else {
        out.raw('[');
        for (int row = 0; row < input.rows(); row++) {
          if (row > 0) {
            out.raw(',');
          }
          value(
              cell.column(), cell.categories(), values, next + (long) row * input.rowWidth(), out);
        }
        out.raw(']');
      }
      next += cell.column().width();
    }
    out.raw('}');
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

  private static void value(
      ColumnEncoding column, List<byte[]> categories, HostTensor output, long at, JsonBytes out) {
    switch (column) {
      case ColumnEncoding.Numeric number -> {
        Shape shape = number.shape() == null ? Shape.SCALAR : number.shape();
        nested(shape, number.known(), output, at, out);
      }
      case ColumnEncoding.Category category ->
          out.raw(categories.get(category.likeliest(output, at)));
    }
  }

  private static void nested(
      Shape shape,
      ColumnEncoding.@Nullable Learned known,
      HostTensor output,
      long at,
      JsonBytes out) {
    var _ = nested(shape, 0, known, output, at, out);
  }

  private static long nested(
      Shape shape,
      int axis,
      ColumnEncoding.@Nullable Learned known,
      HostTensor output,
      long at,
      JsonBytes out) {
    if (axis == shape.rank()) {
      double y = output.doubleAt(at);
      if (known == null || known.predictsOutputs()) {
        out.number((float) y);
      } else {
        out.number(known.predicted(y));
      }
      return at + 1;
    }
    out.raw('[');
    long next = at;
    for (int i = 0; i < shape.axis(axis); i++) {
      if (i > 0) {
        out.raw(',');
      }
      next = nested(shape, axis + 1, known, output, next, out);
    }
    out.raw(']');
    return next;
  }
}
