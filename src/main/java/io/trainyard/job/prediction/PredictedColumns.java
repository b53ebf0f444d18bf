package io.trainyard.job.prediction;

import io.trainyard.dataset.ColumnType;
import io.trainyard.dataset.ColumnValues;
import io.trainyard.dataset.DerivedDatasets.NewColumn;
import io.trainyard.dataset.encoding.AnsweredInterval;
import io.trainyard.dataset.encoding.ColumnEncoding;
import io.trainyard.dataset.encoding.Encoding;
import io.trainyard.dataset.encoding.InputEncoding;
import io.trainyard.dataset.encoding.Interval;
import io.trainyard.dataset.encoding.TargetEncoding;
import io.trainyard.model.MemberSpread;
import io.trainyard.model.VersionDefinition;
import io.trainyard.spec.ForwardPlan;
import io.trainyard.tensor.HostTensor;
import io.trainyard.tensor.Shape;
import io.trainyard.tensor.Transpose;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.IntPredicate;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;

/**
 * The columns that predictions become: a label and a probability for each class, numbers in their
 * own units, their standard deviations where the output has variances or the version is an
 * ensemble, and the outputs of layers. A number that is not finite becomes a missing value.
 */
public final class PredictedColumns {
  private static final int MAX_NAME = 256;

  private final Encoding encoding;
  private final String prefix;
  private final List<NewColumn> columns = new ArrayList<>();
  private final List<Reader> readers = new ArrayList<>();

  /** Reads the values of one or more columns. */
  private interface Reader {
    void read(Map<String, HostTensor> outputs, int rows, List<ColumnValues> values);
  }

  PredictedColumns(
      VersionDefinition definition, Encoding encoding, List<String> outputs, String prefix) {
    this.encoding = encoding;
    this.prefix = prefix;
    Collection<String> deviations = definition.deviations().values();
    encoding
        .targets()
        .forEach(
            (name, target) -> {
              addTarget(name, target, definition);
              if (deviations.contains(name)) {
                addDeviations(name, Encoding.STD, target, std(name));
              }
            });
    addIntervals();
    for (MemberSpread spread : definition.spreads()) {
      // An output with variances has deviations of its own.
      boolean taken = deviations.contains(spread.target());
      addSpread(spread, taken ? Encoding.UNCERTAINTY : Encoding.STD);
    }
    List<String> own =
        encoding.targets().isEmpty() ? definition.spec().network().outputs() : List.of();
    Set<String> layers = new LinkedHashSet<>(own);
    layers.addAll(outputs);
    for (String layer : layers) {
      Shape shape = definition.shapes().of(ForwardPlan.layerOf(layer));
      addOutput(layer, layer, shape);
    }
  }

  /** As {@link io.trainyard.predict.AnswerRoute#answer}. */
  public static void answer(
      VersionDefinition definition, Map<String, HostTensor> outputs, int rows) {
    Encoding encoding = definition.encoding();
    if (encoding != null) {
      PredictedColumns all = new PredictedColumns(definition, encoding, List.of(), "");
      List<ColumnValues> values = all.values(outputs, rows, _ -> false);
      for (int i = 0; i < values.size(); i++) {
        all.check(all.columns.get(i), values.get(i), rows);
      }
    }
  }

  private void check(NewColumn column, ColumnValues values, int rows) {
    long expected = column.shape() == null ? 1 : column.shape().elements();
    if (values instanceof ColumnValues.Numbers numbers
        && numbers.elements().length != rows * expected) {
      throw new IllegalArgumentException(
          "the column '%s' should have %d numbers in a row, but the network gives %d"
              .formatted(column.name(), expected, numbers.elements().length / rows));
    }
  }

  List<NewColumn> columns() {
    return Collections.unmodifiableList(columns);
  }

  /**
   * The values of some rows, in the order of the columns.
   *
   * @param skipped the rows without values
   */
  List<ColumnValues> values(Map<String, HostTensor> outputs, int rows, IntPredicate skipped) {
    List<ColumnValues> values = new ArrayList<>(columns.size());
    readers.forEach(reader -> reader.read(outputs, rows, values));
    for (int row = 0; row < rows; row++) {
      if (skipped.test(row)) {
        for (ColumnValues column : values) {
          switch (column) {
            case ColumnValues.Integers integers -> integers.missing()[row] = true;
            case ColumnValues.Numbers numbers -> numbers.missing()[row] = true;
            case ColumnValues.Texts texts -> texts.elements()[row] = null;
          }
        }
      }
    }
    return values;
  }

  private void add(String name, ColumnType type, @Nullable Shape shape) {
    columns.add(new NewColumn(prefix + name, type, shape));
  }

  private void addTarget(String name, TargetEncoding target, VersionDefinition definition) {
    switch (target) {
      case TargetEncoding.ClassTarget labels -> addClass(name, labels);
      case TargetEncoding.NumberTarget(String _, InputEncoding numbers, _) ->
          addNumbers(name, "", numbers, numbers.columns().size() > 1, unscaled(name));
      case TargetEncoding.InputTarget(String _, String input) ->
          addNumbers(
              name, "", Objects.requireNonNull(encoding.inputs().get(input)), true, unscaled(name));
      case TargetEncoding.RawTarget _, TargetEncoding.LayerTarget _ ->
          addOutput(name, target.output(), definition.shapes().of(target.output()));
    }
  }

  private void addClass(String name, TargetEncoding.ClassTarget target) {
    ColumnType type = labelType(target.type());
    add(name, type, null);
    List<String> classes = target.classes();
    boolean named = classes.stream().allMatch(this::fitsName);
    if (target.scores().hasProbabilities()) {
      for (int i = 0; i < classes.size(); i++) {
        add(name + "_probability_" + (named ? classes.get(i) : i), ColumnType.NUMBER, null);
      }
    }
    readers.add(
        (outputs, rows, values) -> {
          var decoded = (TargetEncoding.Decoded.Labels) encoding.decodeTarget(name, outputs, rows);
          values.add(labels(decoded.labels(), type));
          HostTensor probabilities = decoded.probabilities();
          for (int i = 0; probabilities != null && i < classes.size(); i++) {
            values.add(numbers(probabilities, rows, classes.size(), i));
          }
        });
  }

  /** The ends of each interval, and each set as a list in JSON. */
  private void addIntervals() {
    encoding
        .intervals()
        .forEach(
            (target, interval) -> {
              switch (interval) {
                case Interval.Sets _ -> addSet(target);
                case Interval.Around _ -> addEnds(target, target);
                case Interval.Between between -> addEnds(between.name(), target);
              }
            });
  }

  private void addSet(String target) {
    List<String> classes =
        ((TargetEncoding.ClassTarget) Objects.requireNonNull(encoding.targets().get(target)))
            .classes();
    add(target + "_" + Encoding.SET, ColumnType.STRING, null);
    readers.add(
        (outputs, rows, values) -> {
          HostTensor members =
              ((TargetEncoding.Decoded.Labels) encoding.decodeTarget(target, outputs, rows))
                  .members();
          @Nullable String[] sets = new @Nullable String[rows];
          for (int row = 0; members != null && row < rows; row++) {
            ArrayNode set = JsonNodeFactory.instance.arrayNode();
            for (int i = 0; i < classes.size(); i++) {
              if (members.doubleAt((long) row * classes.size() + i) != 0) {
                set.add(classes.get(i));
              }
            }
            sets[row] = set.toString();
          }
          values.add(new ColumnValues.Texts(sets));
        });
  }

  private void addEnds(String name, String target) {
    InputEncoding numbers =
        ((TargetEncoding.NumberTarget) Objects.requireNonNull(encoding.targets().get(target)))
            .encoding();
    int width = numbers.columns().size();
    for (int i = 0; i < width; i++) {
      String own = free(width == 1 ? name : name + "_" + numbers.columns().get(i).column());
      int at = i;
      for (boolean isLow : new boolean[] {true, false}) {
        add(own + (isLow ? "_low" : "_high"), ColumnType.NUMBER, null);
        readers.add(
            (outputs, rows, values) -> {
              AnsweredInterval all =
                  Objects.requireNonNull(encoding.answeredIntervals(outputs).get(name));
              values.add(ends(isLow ? all.low() : all.high(), rows, width, at));
            });
      }
    }
  }

  /** Two quantiles of a price may be the targets price_low and price_high. */
  private String free(String own) {
    boolean taken =
        columns.stream()
            .map(NewColumn::name)
            .anyMatch(List.of(prefix + own + "_low", prefix + own + "_high")::contains);
    return taken ? own + "_" + Encoding.INTERVAL : own;
  }

  private static ColumnValues ends(double @Nullable [] ends, int rows, int width, int at) {
    double[] numbers = new double[rows];
    boolean[] missing = new boolean[rows];
    for (int row = 0; row < rows; row++) {
      numbers[row] = ends == null ? Double.NaN : ends[row * width + at];
      missing[row] = !Double.isFinite(numbers[row]);
    }
    return new ColumnValues.Numbers(numbers, missing, 1);
  }

  /** A label that no column name can have is named by its place. */
  private boolean fitsName(String label) {
    return label.length() <= MAX_NAME / 2 && label.chars().noneMatch(Character::isISOControl);
  }

  private static ColumnType labelType(ColumnType type) {
    return switch (type) {
      case INTEGER, NUMBER, BOOLEAN -> type;
      case STRING, TIMESTAMP, TENSOR -> ColumnType.STRING;
    };
  }

  private static ColumnValues labels(List<? extends @Nullable String> labels, ColumnType type) {
    boolean[] missing = new boolean[labels.size()];
    double[] numbers = new double[labels.size()];
    long[] whole = new long[labels.size()];
    for (int row = 0; row < missing.length; row++) {
      String label = labels.get(row);
      missing[row] = label == null;
      if (label != null && type == ColumnType.INTEGER) {
        whole[row] = Long.parseLong(label);
      } else if (label != null && type == ColumnType.NUMBER) {
        numbers[row] = Double.parseDouble(label);
      }
    }
    return switch (type) {
      case INTEGER -> new ColumnValues.Integers(whole, missing, 1);
      case NUMBER -> new ColumnValues.Numbers(numbers, missing, 1);
      default -> new ColumnValues.Texts(labels.toArray(new @Nullable String[0]));
    };
  }

  /** Makes the numbers of a target of the network's outputs, [rows, ...]. */
  private interface Source {
    HostTensor of(Map<String, HostTensor> outputs, int rows);
  }

  private Source unscaled(String target) {
    return (outputs, rows) -> numbers(target, outputs, rows).tensor();
  }

  private Source std(String target) {
    return (outputs, rows) -> Objects.requireNonNull(numbers(target, outputs, rows).std());
  }

  private TargetEncoding.Decoded.Numbers numbers(
      String target, Map<String, HostTensor> outputs, int rows) {
    return (TargetEncoding.Decoded.Numbers) encoding.decodeTarget(target, outputs, rows);
  }

  /** How much the members of an ensemble differ: of a class a tensor, as its probabilities are. */
  private void addSpread(MemberSpread spread, String suffix) {
    String name = spread.target();
    TargetEncoding target = Objects.requireNonNull(encoding.targets().get(name));
    Source source = (outputs, rows) -> spread.tensor(encoding, outputs, rows);
    switch (target) {
      case TargetEncoding.NumberTarget _, TargetEncoding.InputTarget _ ->
          addDeviations(name, suffix, target, source);
      case TargetEncoding.ClassTarget _, TargetEncoding.RawTarget _, TargetEncoding.LayerTarget _ ->
          addTensor(name + "_" + suffix, spread.row(), source);
    }
  }

  private void addDeviations(String name, String suffix, TargetEncoding target, Source source) {
    InputEncoding numbers = encoding.deviationsOf(name);
    boolean byColumn = target instanceof TargetEncoding.InputTarget || numbers.columns().size() > 1;
    addNumbers(name, "_" + suffix, numbers, byColumn, source);
  }

  /**
   * Columns of numbers.
   *
   * @param suffix of their names
   * @param source of the numbers
   */
  private void addNumbers(
      String name, String suffix, InputEncoding layout, boolean byColumn, Source source) {
    if (layout.window() != null) {
      addUnscaled(name + suffix, layout.shape(), null, source);
      return;
    }
    int at = 0;
    for (ColumnEncoding column : layout.columns()) {
      String own = (byColumn ? name + "_" + column.column() : name) + suffix;
      int first = at;
      switch (column) {
        case ColumnEncoding.Numeric number when number.shape() != null ->
            addUnscaled(own, number.shape(), layout.channelMove(), source);
        case ColumnEncoding.Numeric _ -> {
          add(own, ColumnType.NUMBER, null);
          readers.add(
              (outputs, rows, values) -> {
                HostTensor tensor = source.of(outputs, rows);
                values.add(numbers(tensor, rows, width(tensor), first));
              });
        }
        case ColumnEncoding.Category category -> addCategory(own, category, first, source);
      }
      at += column.width();
    }
  }

  private void addCategory(String own, ColumnEncoding.Category category, int first, Source source) {
    ColumnType type = labelType(category.type());
    add(own, type, null);
    readers.add(
        (outputs, rows, values) -> {
          HostTensor tensor = source.of(outputs, rows);
          List<@Nullable String> labels = new ArrayList<>(rows);
          for (int row = 0; row < rows; row++) {
            long at = (long) row * width(tensor) + first;
            labels.add(category.category(category.likeliest(tensor, at)));
          }
          values.add(labels(labels, type));
        });
  }

  private static int width(HostTensor tensor) {
    return Math.toIntExact(tensor.shape().row().elements());
  }

  private void addUnscaled(String own, Shape shape, @Nullable Transpose move, Source source) {
    add(own, ColumnType.TENSOR, shape);
    readers.add(
        (outputs, rows, values) -> values.add(tensors(source.of(outputs, rows), rows, move)));
  }

  /** One number is no tensor. */
  private void addTensor(String own, Shape shape, Source source) {
    boolean single = shape.elements() == 1;
    add(own, single ? ColumnType.NUMBER : ColumnType.TENSOR, single ? null : shape);
    readers.add(
        (outputs, rows, values) -> values.add(tensors(source.of(outputs, rows), rows, null)));
  }

  private void addOutput(String name, String output, Shape shape) {
    addTensor(name, shape, (outputs, _) -> Objects.requireNonNull(outputs.get(output)));
  }

  private static ColumnValues numbers(HostTensor tensor, int rows, int width, int at) {
    double[] numbers = new double[rows];
    boolean[] missing = new boolean[rows];
    for (int row = 0; row < rows; row++) {
      numbers[row] = tensor.doubleAt((long) row * width + at);
      missing[row] = !Double.isFinite(numbers[row]);
    }
    return new ColumnValues.Numbers(numbers, missing, 1);
  }

  private static ColumnValues tensors(HostTensor tensor, int rows, @Nullable Transpose move) {
    int width = width(tensor);
    double[] elements = new double[Math.multiplyExact(rows, width)];
    boolean[] missing = new boolean[rows];
    for (int row = 0; row < rows; row++) {
      long from = (long) row * width;
      for (int i = 0; i < width; i++) {
        double x = tensor.doubleAt(from + (move == null ? i : move.place(i)));
        elements[row * width + i] = x;
        missing[row] |= !Double.isFinite(x);
      }
    }
    return new ColumnValues.Numbers(elements, missing, width);
  }
}
