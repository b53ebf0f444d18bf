package io.trainyard.store.duckdb;

import static java.util.stream.Collectors.joining;

import io.trainyard.dataset.DatasetVersion;
import io.trainyard.tensor.Shape;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.List;
import java.util.stream.IntStream;

/** Rows under the names of their columns; a tensor becomes nested lists. */
public final class RowExport {
  private RowExport() {}

  /** All columns of a source, by their names. */
  public static String named(List<IngestedTable.Entry> columns, String source) {
    return IntStream.range(0, columns.size())
        .mapToObj(i -> expression(columns.get(i), IngestedTable.storedName(i)))
        .collect(joining(", ", "select ", " from " + source));
  }

  private static String expression(IngestedTable.Entry column, String stored) {
    Shape shape = column.shape();
    String value = stored;
    if (shape != null && shape.rank() > 1) {
      value =
          "case when %s is null then null else %s end"
              .formatted(stored, nested(stored, shape, 0, "0"));
    }
    return value + " as \"" + column.name().replace("\"", "\"\"") + "\"";
  }

  /**
   * A list comprehension for each axis but the last.
   *
   * @param first the place of the first element in the flat list, as SQL
   */
  private static String nested(String stored, Shape shape, int axis, String first) {
    long inner = 1;
    for (int i = axis + 1; i < shape.rank(); i++) {
      inner *= shape.axis(i);
    }
    if (axis == shape.rank() - 1) {
      return "list_slice(%1$s, %2$s + 1, %2$s + %3$d)".formatted(stored, first, shape.axis(axis));
    }
    String index = "i" + axis;
    return "[%s for %s in range(%d)]"
        .formatted(
            nested(stored, shape, axis + 1, "(%s + %s * %d)".formatted(first, index, inner)),
            index,
            shape.axis(axis));
  }

  /** Writes the rows of a version as CSV with a header. */
  public static void csv(DuckDb duck, DatasetVersion version, Path rows, Path file)
      throws SQLException {
    List<IngestedTable.Entry> columns =
        version.columns().stream().map(IngestedTable.Entry::of).toList();
    duck.execute(
        "copy (%s) to %s (format csv, header true, use_tmp_file false)"
            .formatted(named(columns, ParquetFile.read(rows)), DuckDb.literal(file)));
  }
}
