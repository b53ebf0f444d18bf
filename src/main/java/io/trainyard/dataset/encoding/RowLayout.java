package io.trainyard.dataset.encoding;

import io.trainyard.dataset.ColumnType;
import io.trainyard.dataset.encoding.FittedScale.Affine;
import io.trainyard.spec.InputSpec.Unknown;
import io.trainyard.spec.Signature;
import io.trainyard.tensor.ElementType;
import io.trainyard.tensor.Shape;
import io.trainyard.tensor.Transpose;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Where each value of an instance goes in the encoded inputs, so that a reader of JSON needs no
 * tree. Gives the same bits as {@link Encoding#encode}.
 *
 * @param ignored the columns of an instance that no input reads, though the model knows them
 */
public record RowLayout(List<Input> inputs, List<Column> columns, Set<String> ignored) {
  public RowLayout {
    inputs = List.copyOf(inputs);
    columns = List.copyOf(columns);
    ignored = Set.copyOf(ignored);
  }

  /**
   * An encoded input.
   *
   * @param width the elements of one instance
   * @param move how the elements of an instance are moved once all are there; null: not at all
   */
  public record Input(
      String name, ElementType type, Shape shape, int width, @Nullable Transpose move) {}

  /**
   * A member of an instance.
   *
   * @param length how many values its list has, oldest first; 0 for a single value
   * @param shape of one value; null for a scalar
   * @param slots where a value goes; all take numbers, or all take labels
   */
  public record Column(String name, int length, @Nullable Shape shape, List<Slot> slots) {
    public Column {
      slots = List.copyOf(slots);
    }

    /** Whether its values are labels. */
    public boolean hasLabels() {
      return slots.getFirst() instanceof Slot.Label;
    }
  }

  /** A place in the rows of an input. */
  public sealed interface Slot {
    Place place();

    /**
     * A number, or the numbers of a tensor.
     *
     * @param fill what stands for a missing value, unscaled; NaN when one must be given
     * @param indicator whether an element behind them says that the value is missing
     */
    record Numbers(Place place, int count, double fill, FittedScale scale, boolean indicator)
        implements Slot {
      /** The scaled number; not finite when a 32-bit float cannot hold it. */
      public float scaled(double x) {
        return (float) scale.scale(x);
      }

      /** Whether numbers stay as they are. */
      public boolean isIdentity() {
        return scale.equals(Affine.IDENTITY);
      }

      /** Whether a missing value is refused. */
      public boolean isRequired() {
        return Double.isNaN(fill);
      }
    }

    /**
     * A category, as a one-hot vector or as its index.
     *
     * @param fill the place of a missing value; −1 for none
     * @param indicator the element that is 1 for a missing value; −1 for none
     * @param required whether a missing value is refused
     * @param known whether an unknown category is refused
     * @param unknown the place of unknown categories; −1 for none
     */
    record Label(
        Place place,
        ColumnType type,
        List<String> categories,
        ColumnEncoding.Form form,
        int fill,
        int indicator,
        boolean required,
        boolean known,
        int unknown)
        implements Slot {
      public Label {
        categories = List.copyOf(categories);
      }

      /** The element that a position sets, behind the first one. */
      public int elementOf(int position) {
        return form == ColumnEncoding.Form.ONE_HOT ? position : 0;
      }

      /** The number that it becomes. */
      public float numberOf(int position) {
        return ColumnEncoding.Category.numberOf(form, position);
      }
    }
  }

  /**
   * The first element of a value.
   *
   * @param input the index of the input
   * @param at in its row of an input
   * @param rowWidth the elements from one row of a window to the next
   * @param skipped how many of the oldest values of the column's list the input does not read
   */
  public record Place(int input, int at, int rowWidth, int skipped) {}

  /** The layout of a model that takes tensors: its inputs are the columns. */
  public static RowLayout of(Signature signature) {
    List<Input> inputs = new ArrayList<>();
    List<Column> columns = new ArrayList<>();
    signature
        .inputs()
        .forEach(
            (name, tensor) -> {
              int width = Math.toIntExact(tensor.shape().elements());
              Place place = new Place(inputs.size(), 0, width, 0);
              Slot slot = new Slot.Numbers(place, width, Double.NaN, Affine.IDENTITY, false);
              columns.add(new Column(name, 0, tensor.shape(), List.of(slot)));
              inputs.add(new Input(name, tensor.type(), tensor.shape(), width, null));
            });
    return new RowLayout(inputs, columns, Set.of());
  }

  /** The layout of a model of columns; empty with times, or when a column is read in two ways. */
  public static Optional<RowLayout> of(Encoding encoding) {
    Map<String, Integer> lengths = encoding.windowLengths();
    List<Input> inputs = new ArrayList<>();
    Map<String, List<Slot>> slots = new LinkedHashMap<>();
    Map<String, ColumnEncoding> first = new LinkedHashMap<>();
    for (var each : encoding.inputs().entrySet()) {
      InputEncoding input = each.getValue();
      int at = 0;
      for (ColumnEncoding column : input.columns()) {
        ColumnEncoding other = first.putIfAbsent(column.column(), column);
        if ((other != null && !isAlike(column, other))
            || (column instanceof ColumnEncoding.Numeric number && number.isTime())) {
          return Optional.empty();
        }
        int length = Objects.requireNonNull(lengths.get(column.column()));
        int skipped = length == 0 ? 0 : length - input.rows();
        Place place = new Place(inputs.size(), at, input.rowWidth(), skipped);
        slots.computeIfAbsent(column.column(), _ -> new ArrayList<>()).add(slot(column, place));
        at += column.width();
      }
      inputs.add(
          new Input(
              each.getKey(), input.type(), input.shape(), input.width(), input.channelMove()));
    }
    List<Column> columns = new ArrayList<>();
    slots.forEach(
        (name, own) ->
            columns.add(
                new Column(
                    name,
                    Objects.requireNonNull(lengths.get(name)),
                    Objects.requireNonNull(first.get(name)).shape(),
                    own)));
    return Optional.of(new RowLayout(inputs, columns, encoding.ignoredColumns()));
  }

  private static boolean isAlike(ColumnEncoding column, ColumnEncoding other) {
    return column.getClass() == other.getClass()
        && column.type() == other.type()
        && Objects.equals(column.shape(), other.shape());
  }

  private static Slot slot(ColumnEncoding column, Place place) {
    return switch (column) {
      case ColumnEncoding.Numeric number -> {
        double fill = number.refusesMissing() ? Double.NaN : number.known().fill();
        yield new Slot.Numbers(
            place, number.values(), fill, number.known().scale(), number.traits().indicator());
      }
      case ColumnEncoding.Category category ->
          new Slot.Label(
              place,
              category.type(),
              category.categories(),
              category.form(),
              category.missingPosition(),
              category.missingElement(),
              category.refusesMissing(),
              category.unknown() == Unknown.ERROR,
              category.unknownPosition());
    };
  }
}
