package io.trainyard.store.duckdb;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.trainyard.dataset.Column;
import io.trainyard.dataset.ColumnProfile;
import io.trainyard.dataset.ColumnType;
import io.trainyard.dataset.ColumnValues;
import io.trainyard.dataset.DatasetVersion;
import io.trainyard.dataset.IngestOptions;
import io.trainyard.dataset.Rows;
import io.trainyard.dataset.Upload.Format;
import io.trainyard.store.DataDirectory;
import io.trainyard.store.dataset.FreshDatasets;
import io.trainyard.store.dataset.TestDatasets;
import io.trainyard.tensor.Shape;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CancellationException;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Training scans rows, and a caller predicts on the rows that it was shown: they must agree. */
@ExtendWith(FreshDatasets.class)
@Timeout(60)
@Tag("service")
class RowScannerTest {
  private final TestDatasets datasets;

  RowScannerTest(TestDatasets datasets) {
    this.datasets = datasets;
  }

  @Test
  void aScanGivesTheValuesThatTheRowsShow() {
    Random random = new Random(1);
    StringBuilder csv = new StringBuilder("number,wide,whole,big,flag,word\n");
    for (int row = 0; row < 5000; row++) {
      csv.append(random.nextGaussian()).append(',');
      csv.append(random.nextGaussian() * Math.pow(10, random.nextInt(30) - 15)).append(',');
      csv.append(random.nextInt(5) == 0 ? "" : random.nextInt(100) - 50).append(',');
      csv.append(random.nextLong() >> random.nextInt(40)).append(',');
      csv.append(random.nextBoolean()).append(',');
      csv.append(List.of("a", "é", "\uD83D\uDE00", "\"NULL\"", "\" b \"").get(random.nextInt(5)));
      csv.append('\n');
    }
    DatasetVersion version = datasets.csv("t", csv.toString());
    assertAgree(version, 5000);
  }

  @Test
  void aScanGivesTheElementsOfTensors() {
    assertAgree(
        datasets.json(
            "t", "[{\"x\":[[0.5,255],[51,102]],\"y\":[1,2]},{\"x\":[[0,0],[0,0]],\"y\":[3,4]}]"),
        2);
  }

  @Test
  void aConditionSelectsTheSameRowsForAScanAndForCategories() {
    DatasetVersion version = datasets.csv("t", "a,s\n1,x\n2,y\n3,z\n,x\n");
    String where = "a BETWEEN 1 AND 2.5 AND s IN ('x', 'y') OR NOT (a IS NULL) AND s LIKE 'y%'";
    List<String> labels = new ArrayList<>();
    datasets
        .store()
        .scan(
            version,
            where,
            List.of("s"),
            rows -> {
              for (int row = 0; row < rows.count(); row++) {
                labels.add(rows.column("s").label(row));
              }
            });
    assertThat(labels).containsExactly("x", "y");
    assertThat(datasets.store().distinct(version, where, "s", 1, 9))
        .containsExactlyInAnyOrder("x", "y");
  }

  private List<Rows> scan(DatasetVersion version, String... columns) {
    List<Rows> read = new ArrayList<>();
    datasets.store().scan(version, null, List.of(columns), read::add);
    return read;
  }

  @Test
  void rowsAndTheirTensorsStayInStep() {
    StringBuilder lines = new StringBuilder();
    for (int i = 0; i < 5000; i++) {
      lines
          .append("{\"y\":")
          .append(i)
          .append(",\"x\":[")
          .append(i)
          .append(".5,")
          .append(-i)
          .append("]}\n");
    }
    DatasetVersion version =
        datasets.create("t", Format.NDJSON, lines.toString(), IngestOptions.DEFAULT).version();
    long next = 0;
    for (Rows rows : scan(version, "y", "x")) {
      assertThat(rows.first()).isEqualTo(next);
      for (int row = 0; row < rows.count(); row++) {
        assertThat(((ColumnValues.Integers) rows.column("y")).elements()[row]).isEqualTo(next);
        double[] x = ((ColumnValues.Numbers) rows.column("x")).elements();
        assertThat(x[2 * row]).isEqualTo(next + 0.5);
        assertThat(x[2 * row + 1]).isEqualTo(-1.0 * next);
        next++;
      }
    }
    assertThat(next).isEqualTo(5000);
  }

  private void assertAgree(DatasetVersion version, int count) {
    List<ObjectNode> shown = datasets.store().rows(version, 0, count);
    List<String> names = version.columns().stream().map(Column::name).toList();
    int[] scanned = {0};
    datasets
        .store()
        .scan(
            version,
            null,
            names,
            rows -> {
              assertThat(rows.first()).isEqualTo(scanned[0]);
              for (int row = 0; row < rows.count(); row++) {
                assertAgree(rows, row, names, shown.get(scanned[0]++));
              }
            });
    assertThat(scanned[0]).isEqualTo(count);
  }

  private static void assertAgree(Rows rows, int row, List<String> names, ObjectNode shown) {
    for (String name : names) {
      ColumnValues values = rows.column(name);
      JsonNode cell = shown.get(name);
      assertThat(values.isMissing(row)).isEqualTo(cell.isNull());
      List<JsonNode> elements = cell.isArray() ? leaves(cell) : List.of(cell);
      for (int i = 0; i < elements.size() && !cell.isNull(); i++) {
        int at = row * elements.size() + i;
        JsonNode element = elements.get(i);
        switch (values) {
          case ColumnValues.Integers whole ->
              assertThat(whole.elements()[at]).isEqualTo(element.longValue());
          case ColumnValues.Numbers numbers ->
              assertThat(numbers.elements()[at]).isEqualTo(element.doubleValue());
          case ColumnValues.Texts texts ->
              assertThat(texts.text(row)).isEqualTo(element.asString());
        }
      }
    }
  }

  private static List<JsonNode> leaves(JsonNode cell) {
    List<JsonNode> leaves = new ArrayList<>();
    for (JsonNode element : cell) {
      leaves.addAll(element.isArray() ? leaves(element) : List.of(element));
    }
    return leaves;
  }

  private static Column column(String name, ColumnType type, @Nullable Shape shape) {
    return new Column(
        name,
        type,
        shape,
        false,
        new ColumnProfile(0, 0, null, null, null, null, null, List.of(), List.of(), null));
  }

  private static DuckDb duck(Path folder) {
    return DuckDb.open(
        DuckDbTest.PROPERTIES, folder, new DataDirectory(folder).reserve(), List.of());
  }

  /** Each part comes in several chunks. */
  @Test
  void wideTableIsReadInParts(@TempDir Path folder) throws SQLException {
    int width = 1_100;
    int count = 3_000;
    List<ColumnType> types = List.of(ColumnType.INTEGER, ColumnType.NUMBER, ColumnType.STRING);
    List<String> expressions = new ArrayList<>();
    List<Column> columns = new ArrayList<>();
    for (int i = 0; i < width; i++) {
      ColumnType type = types.get(i % 3);
      String cast = List.of("bigint", "double", "varchar").get(i % 3);
      expressions.add(
          "if(range %% 7 = %d, null, (range + %d)::%s) c%2$d".formatted(i % 7, i, cast));
      columns.add(column("column" + i, type, null));
    }
    List<Rows> read = new ArrayList<>();
    try (DuckDb duck = duck(folder)) {
      String source =
          "(select %s from range(%d))".formatted(String.join(", ", expressions), count + 500);
      new RowScanner(duck, source, count, true, columns, IntStream.range(0, width).boxed().toList())
          .scan(read::add);
    }
    assertThat(read).hasSize(1);
    assertThat(read.getFirst().count()).isEqualTo(count);
    List<String> wrong = new ArrayList<>();
    for (int i = 0; i < width; i++) {
      ColumnValues values = read.getFirst().column("column" + i);
      for (int row = 0; row < count; row++) {
        String value = values.isMissing(row) ? "" : values.label(row);
        if (!value.equals(row % 7 == i % 7 ? "" : Integer.toString(row + i))) {
          wrong.add("column " + i + ", row " + row + ": " + value);
        }
      }
    }
    assertThat(wrong).isEmpty();
  }

  @Test
  void cancelledScanEndsWithItsChunk(@TempDir Path folder) {
    List<Rows> read = new ArrayList<>();
    try (DuckDb duck = duck(folder)) {
      RowScanner scanner =
          new RowScanner(
              duck,
              "(select range::double c0, [range, 1]::double[] c1 from range(100000))",
              100_000,
              false,
              List.of(
                  column("n", ColumnType.NUMBER, null),
                  column("t", ColumnType.TENSOR, Shape.of(2))),
              List.of(0, 1));
      RunningTask task = new RunningTask();
      assertThatThrownBy(
              () ->
                  task.run(
                      () -> {
                        try {
                          scanner.scan(
                              rows -> {
                                read.add(rows);
                                task.cancel();
                              });
                        } catch (SQLException e) {
                          throw new IllegalStateException(e);
                        }
                      }))
          .isInstanceOf(CancellationException.class);
      assertThat(read).hasSize(1);
    }
  }

  @Test
  void failedScanClosesItsConnections(@TempDir Path folder) throws SQLException {
    try (DuckDb duck = duck(folder)) {
      RowScanner scanner =
          new RowScanner(
              duck,
              "(select range::double c0, [range, 1]::double[] c1, 'text' c2 from range(100000))",
              100_000,
              false,
              List.of(
                  column("t", ColumnType.TENSOR, Shape.of(2)),
                  column("u", ColumnType.TENSOR, Shape.of(2))),
              List.of(1, 2));
      assertThatThrownBy(() -> scanner.scan(_ -> {})).isInstanceOf(SQLException.class);
      assertThat(duck.query("from duckdb_connection_count()", DuckDb::firstLong)).isEqualTo(1);
    }
  }
}
