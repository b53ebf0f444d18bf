package io.trainyard.dataset.encoding;

import io.trainyard.dataset.Column;
import io.trainyard.dataset.ColumnProfile;
import io.trainyard.dataset.ColumnType;
import io.trainyard.error.Violations;
import io.trainyard.spec.Imputation;
import io.trainyard.spec.Scaling;
import io.trainyard.tensor.ElementType;
import io.trainyard.tensor.Shape;
import java.util.List;
import java.util.function.Function;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;

/** The two columns of a survival target: a time above 0, and whether it is that of an event. */
public final class SurvivalColumns {
  private SurvivalColumns() {}

  /** How they are encoded: the time as it is, the event as 0 or 1. */
  static InputEncoding encoding(List<Column> columns) {
    Column event = columns.getLast();
    return new InputEncoding(
        ElementType.FLOAT32,
        Shape.of(2),
        List.of(
            ColumnEncoding.Numeric.of(
                columns.getFirst(), new Scaling.None(), new Imputation.Refuse()),
            ColumnEncoding.Numeric.of(event, new Scaling.None(), new Imputation.Refuse())));
  }

  /** Whether an encoding is one of a time and an event. */
  static boolean are(InputEncoding values) {
    return values.type() == ElementType.FLOAT32
        && values.window() == null
        && values.columns().size() == 2
        && values.columns().stream().allMatch(SurvivalColumns::isPlain);
  }

  private static boolean isPlain(ColumnEncoding column) {
    return column instanceof ColumnEncoding.Numeric number
        && number.shape() == null
        && number.scaling() instanceof Scaling.None;
  }

  /**
   * Refuses columns with other values, by their profiles.
   *
   * @param columns finds a column by name; null when there is none
   * @param places where the first and the second are named
   */
  public static void check(
      InputEncoding encoding,
      Function<String, @Nullable Column> columns,
      IntFunction<String> places,
      Violations violations) {
    List<String> names = encoding.columnNames();
    Column time = columns.apply(names.getFirst());
    Column event = columns.apply(names.getLast());
    if (time != null && !isTime(time)) {
      violations.add(
          places.apply(0),
          "The time of a survival target is a number above 0, but column '%s' %s"
              .formatted(time.name(), found(time)));
    }
    if (event != null && !isEvent(event)) {
      violations.add(
          places.apply(1),
          "The event of a survival target is 0 or 1, or false or true, but column '%s' %s"
              .formatted(event.name(), found(event)));
    }
  }

  private static boolean isTime(Column column) {
    return column.type().isNumber()
        && (!(column.profile().min() instanceof Number least) || (float) least.doubleValue() > 0);
  }

  private static boolean isEvent(Column column) {
    if (column.type() == ColumnType.BOOLEAN) {
      return true;
    }
    ColumnProfile profile = column.profile();
    return column.type().isNumber()
        && profile.distinct() <= 2
        && (!(profile.min() instanceof Number least) || isBit(least))
        && (!(profile.max() instanceof Number most) || isBit(most));
  }

  private static boolean isBit(Number number) {
    return number.doubleValue() == 0 || number.doubleValue() == 1;
  }

  private static String found(Column column) {
    return column.type().isNumber()
        ? "has values from %s to %s".formatted(column.profile().min(), column.profile().max())
        : "is a " + column.type().word();
  }
}
