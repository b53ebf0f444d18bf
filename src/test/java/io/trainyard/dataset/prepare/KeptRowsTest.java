package io.trainyard.dataset.prepare;

import static org.assertj.core.api.Assertions.assertThat;

import io.trainyard.dataset.ColumnValues;
import io.trainyard.dataset.DatasetRows;
import io.trainyard.dataset.DatasetVersion;
import io.trainyard.dataset.InMemoryDatasets;
import io.trainyard.dataset.Rows;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class KeptRowsTest {
  private final InMemoryDatasets datasets = new InMemoryDatasets();
  private final List<String> queries = new ArrayList<>();
  private final KeptRows kept = new KeptRows(new Counted());

  /** Notes each query. */
  private final class Counted implements DatasetRows {
    @Override
    public Selected select(DatasetVersion version, @Nullable String where, List<String> columns) {
      return datasets.select(version, where, columns);
    }

    @Override
    public void scan(
        DatasetVersion version,
        @Nullable String where,
        List<String> columns,
        Consumer<Rows> reader) {
      queries.add("scan " + columns);
      datasets.scan(version, where, columns, reader);
    }

    @Override
    public void first(
        DatasetVersion version,
        @Nullable String where,
        List<String> columns,
        int limit,
        Consumer<Rows> reader) {
      queries.add("first " + limit + " " + columns);
      datasets.first(version, where, columns, limit, reader);
    }

    @Override
    public List<String> distinct(
        DatasetVersion version, @Nullable String where, String column, int least, int limit) {
      return datasets.distinct(version, where, column, least, limit);
    }
  }

  private static String text(Rows chunk) {
    return chunk.columns().entrySet().stream()
        .map(
            column ->
                column.getKey()
                    + IntStream.range(0, chunk.count())
                        .mapToObj(row -> value(column.getValue(), row))
                        .toList())
        .collect(Collectors.joining(" ", chunk.first() + ": ", ""));
  }

  private static String value(ColumnValues values, int row) {
    return values.isMissing(row) ? "-" : values.label(row);
  }

  private List<String> scanned(
      DatasetRows rows, DatasetVersion version, @Nullable String where, String... columns) {
    List<String> read = new ArrayList<>();
    rows.scan(version, where, List.of(columns), chunk -> read.add(text(chunk)));
    return read;
  }

  private List<String> first(
      DatasetRows rows, DatasetVersion version, int limit, String... columns) {
    List<String> read = new ArrayList<>();
    rows.first(version, null, List.of(columns), limit, chunk -> read.add(text(chunk)));
    return read;
  }

  private static String csv(int rows) {
    return IntStream.range(0, rows)
        .mapToObj(row -> row + "," + row / 2.0 + (row % 3 == 1 ? "," : ",k" + row))
        .collect(Collectors.joining("\n", "a,b,c\n", ""));
  }

  @Test
  void aSmallDatasetIsReadOnce() {
    DatasetVersion version = datasets.csv("small", csv(8));
    datasets.condition("odd", row -> row.get("a").intValue() % 2 == 1);
    for (String[] columns : new String[][] {{"a"}, {"c", "b"}, {"a", "b", "c"}}) {
      assertThat(scanned(kept, version, null, columns))
          .isEqualTo(scanned(datasets, version, null, columns));
      for (int limit : new int[] {1, 3, 4, 8, 100}) {
        assertThat(first(kept, version, limit, columns))
            .isEqualTo(first(datasets, version, limit, columns));
      }
    }
    assertThat(queries).containsExactly("scan [a, b, c]");
    assertThat(scanned(kept, version, "odd", "c"))
        .isEqualTo(scanned(datasets, version, "odd", "c"));
    assertThat(queries).hasSize(2);
    datasets.csv("small", csv(5));
    DatasetVersion next = datasets.find("small", 2).orElseThrow();
    assertThat(scanned(kept, next, null, "c")).isEqualTo(scanned(datasets, next, null, "c"));
  }

  /** Its rows are few, but texts that no input reads may fill the heap. */
  @Test
  void ofLongTextsOnlyTheColumnsAreReadThatAreAskedFor() {
    String text = "t".repeat(1 << 20);
    DatasetVersion version =
        datasets.csv("texts", "a,b\n1,%1$s\n2,%1$s\n3,%1$s\n4,%1$s\n5,%1$s".formatted(text));
    assertThat(scanned(kept, version, null, "a")).containsExactly("0: a[1, 2, 3]", "3: a[4, 5]");
    assertThat(queries).containsExactly("scan [a]");
  }

  /** 20,000 rows of three columns are read by column; what is read again is kept. */
  @Test
  void ofALargerDatasetEachQueryIsKept() {
    DatasetVersion version = datasets.csv("larger", csv(20_000));
    for (int i = 0; i < 2; i++) {
      assertThat(first(kept, version, 4, "a")).hasSize(2);
      assertThat(scanned(kept, version, null, "b")).hasSize(6667);
    }
    assertThat(queries).containsExactly("first 4 [a]", "scan [b]");
  }
}
