package io.trainyard.dataset.encoding;

import io.trainyard.dataset.Column;
import io.trainyard.dataset.UnknownColumn;
import io.trainyard.error.Violations;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The columns of a dataset, in file order, and the violations when one does not fit. */
public final class KnownColumns {
  /** The most categories or classes of a column; more is almost always a mistake. */
  public static final int MAX_CATEGORIES = 10_000;

  private final Map<String, Column> columns;
  private final List<Column> dataset;
  private final CategorySource categories;
  private final Violations violations;

  /** Finds the different values of a column. */
  public interface CategorySource {
    /**
     * At most {@code limit} values.
     *
     * @param least in how many rows a value must be
     */
    List<String> distinct(Column column, int least, int limit);
  }

  /**
   * @param columns that may be read
   * @param dataset all columns, which a fault names
   */
  public KnownColumns(
      List<Column> columns,
      List<Column> dataset,
      CategorySource categories,
      Violations violations) {
    this.dataset = dataset;
    this.columns =
        columns.stream()
            .collect(Collectors.toMap(Column::name, c -> c, (a, b) -> a, LinkedHashMap::new));
    this.categories = categories;
    this.violations = violations;
  }

  /** Null, with a violation, when there is no such column. */
  @Nullable Column find(String name, String at) {
    Column column = columns.get(name);
    if (column == null) {
      UnknownColumn.violate(name, dataset, at, violations);
    }
    return column;
  }

  /** Null when there is no such column, without a violation. */
  @Nullable Column known(String name) {
    return columns.get(name);
  }

  /** All names except some, in file order. */
  List<String> namesWithout(Collection<String> taken) {
    return columns.keySet().stream().filter(name -> !taken.contains(name)).toList();
  }

  /** A column's different values; null, with a violation, when there are too many. */
  @Nullable List<String> distinct(Column column, String purpose, String at) {
    return distinct(column, 1, purpose, at);
  }

  /**
   * A column's different values; null, with a violation, when there are too many.
   *
   * @param least in how many rows a value must be
   */
  @Nullable List<String> distinct(Column column, int least, String purpose, String at) {
    List<String> found = categories.distinct(column, least, MAX_CATEGORIES + 1);
    if (found.size() <= MAX_CATEGORIES) {
      return found;
    }
    violations.add(
        at,
        "Column '"
            + column.name()
            + "' has more than "
            + MAX_CATEGORIES
            + " different values, too many for "
            + purpose);
    return null;
  }

  public static String missing(Column column) {
    return "Column '" + column.name() + "' has no value in " + column.profile().nulls() + " rows";
  }
}
