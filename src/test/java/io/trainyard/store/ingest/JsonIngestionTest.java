package io.trainyard.store.ingest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.trainyard.dataset.Column;
import io.trainyard.dataset.ColumnType;
import io.trainyard.dataset.ColumnValues;
import io.trainyard.dataset.DatasetCatalogue;
import io.trainyard.dataset.DatasetVersion;
import io.trainyard.dataset.IngestOptions;
import io.trainyard.dataset.Rows;
import io.trainyard.dataset.Upload.Format;
import io.trainyard.error.ErrorCode;
import io.trainyard.error.ServiceException;
import io.trainyard.error.Violation;
import io.trainyard.store.dataset.FreshDatasets;
import io.trainyard.store.dataset.TestDatasets;
import io.trainyard.tensor.Shape;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

@ExtendWith(FreshDatasets.class)
@Timeout(60)
@Tag("service")
class JsonIngestionTest {
  private final TestDatasets datasets;

  JsonIngestionTest(TestDatasets datasets) {
    this.datasets = datasets;
  }

  private List<Rows> scan(DatasetVersion version, String... columns) {
    List<Rows> read = new ArrayList<>();
    datasets.store().scan(version, null, List.of(columns), read::add);
    return read;
  }

  @Test
  void membersBecomeColumnsAndAbsentOnesMissingValues() {
    DatasetVersion version =
        datasets.json(
            "t",
            """
            [{"i": 1, "x": 1, "s": "a", "b": true, "t": "2026-01-01T00:00:00Z"},
             {"x": 2.5, "i": 9007199254740993, "s": "", "b": null},
             {"i": 3}]\
            """);
    assertThat(version.columns().stream().map(Column::type))
        .containsExactly(
            ColumnType.INTEGER,
            ColumnType.NUMBER,
            ColumnType.STRING,
            ColumnType.BOOLEAN,
            ColumnType.TIMESTAMP);
    assertThat(datasets.store().rows(version, 0, 9).toString())
        .isEqualTo(
            "[{\"i\":1,\"x\":1.0,\"s\":\"a\",\"b\":true,\"t\":\"2026-01-01T00:00:00Z\"},"
                + " {\"i\":9007199254740993,\"x\":2.5,\"s\":\"\",\"b\":null,\"t\":null},"
                + " {\"i\":3,\"x\":null,\"s\":null,\"b\":null,\"t\":null}]");
  }

  @Test
  void nestedListsOfOneShapeAreTensors() {
    DatasetVersion version =
        datasets
            .create(
                "t",
                Format.NDJSON,
                """
                {"img": [[1, 2, 3], [4, 5, 6]], "f": [0.5, 1], "y": 1}

                {"img": null, "f": [2, 3], "y": 2}
                {"img": [[7, 8, 9], [10, 11, 9007199254740993]], "f": [4, 5], "y": 3}
                """,
                IngestOptions.DEFAULT)
            .version();
    Column img = version.columns().getFirst();
    assertThat(img.type()).isEqualTo(ColumnType.TENSOR);
    assertThat(img.shape()).isEqualTo(Shape.of(2, 3));
    assertThat(img.wholeNumbers()).isTrue();
    assertThat(img.profile().nulls()).isEqualTo(1);
    assertThat(version.columns().get(1).wholeNumbers()).isFalse();
    assertThat(datasets.store().rows(version, 2, 1).getFirst().get("img").toString())
        .isEqualTo("[[7,8,9],[10,11,9007199254740993]]");
    Rows rows = scan(version, "img", "y", "f").getFirst();
    ColumnValues.Integers read = (ColumnValues.Integers) rows.column("img");
    assertThat(read.elements())
        .containsExactly(1, 2, 3, 4, 5, 6, 0, 0, 0, 0, 0, 0, 7, 8, 9, 10, 11, 9007199254740993L);
    assertThat(read.missing()).containsExactly(false, true, false);
    assertThat(((ColumnValues.Numbers) rows.column("f")).elements())
        .containsExactly(0.5, 1, 2, 3, 4, 5);
  }

  static Stream<List<String>> hostile() {
    return Stream.of(
        List.of("", "", "empty"),
        List.of("[]", "", "no rows"),
        List.of("{\"a\":1}", "", "A list of objects was expected"),
        List.of("[1]", "/0", "An object was expected, got 1"),
        List.of("[{\"a\":{\"b\":1}}]", "/0/a", "nested object"),
        List.of("[{\"a\":1},{\"a\":1e400}]", "/1/a", "beyond the range"),
        List.of("[{\"a\":1},{\"a\":" + "9".repeat(400) + "}]", "/1/a", "beyond the range"),
        List.of("[{\"a\":[1,-" + "9".repeat(310) + "]}]", "/0/a", "beyond the range"),
        List.of("[{\"a\":1},{\"a\":\"x\"}]", "/1/a", "as in the rows before, got the string 'x'"),
        List.of("[{\"a\":[1,2]},{\"a\":[1]}]", "/1/a", "different lengths"),
        List.of("[{\"a\":[[1,2],[3]]}]", "/0/a", "ragged"),
        List.of("[{\"a\":[1,\"x\"]}]", "/0/a", "A tensor holds numbers"),
        List.of("[{\"a\":[]}]", "/0/a", "empty"),
        List.of("[{\"a\":\"x\\u0000\"}]", "/0/a", "U+0000"),
        List.of("[{\"\":1}]", "", "Column 1 has no name"));
  }

  @ParameterizedTest
  @MethodSource("hostile")
  void badRowsAreRefusedWithTheirPlace(List<String> fileAndPlace) {
    ServiceException refusal =
        datasets.refused(Format.JSON, fileAndPlace.getFirst(), IngestOptions.DEFAULT);
    assertThat(refusal.code()).isEqualTo(ErrorCode.INVALID_ROWS);
    assertThat(refusal.violations())
        .anySatisfy(
            violation -> {
              assertThat(violation.pointer()).isEqualTo(fileAndPlace.get(1));
              assertThat(violation.detail()).contains(fileAndPlace.get(2));
            });
  }

  static Stream<String> notJson() {
    return Stream.of(
        "[{\"a\":1,}]",
        "[{\"a\":NaN}]",
        "[{\"a\":1,\"a\":2}]",
        "[{'a':1}]",
        "[{\"a\":1}",
        "[{\"a\":1}] []",
        "[{\"a\":01}]",
        "[".repeat(100_000),
        "[{\"a\":" + "[".repeat(1000) + "1" + "]".repeat(1000) + "}]");
  }

  @ParameterizedTest
  @MethodSource("notJson")
  void invalidJsonIsRefusedWithItsPlace(String text) {
    ServiceException refusal = datasets.refused(Format.JSON, text, IngestOptions.DEFAULT);
    assertThat(refusal.code()).isIn(ErrorCode.MALFORMED_BODY, ErrorCode.INVALID_ROWS);
    assertThat(refusal.violations().getFirst().detail()).isNotBlank();
  }

  @Test
  void badLinesOfNdjsonAreNamedOrSkipped() {
    String text = "{\"a\":1}\n{\"a\":\n{\"a\":\"x\"}\n[2]\n{\"a\":2} 3\n{\"a\":4}\n";
    ServiceException refusal = datasets.refused(Format.NDJSON, text, IngestOptions.DEFAULT);
    assertThat(refusal.violations().stream().map(Violation::detail))
        .hasSize(4)
        .allSatisfy(detail -> assertThat(detail).matches("(?s)Line [2345].*"));
    DatasetCatalogue.Creation skipped =
        datasets.create("t", Format.NDJSON, text, TestDatasets.skipping());
    assertThat(skipped.version().rows()).isEqualTo(2);
    assertThat(skipped.version().rejectedRows()).isEqualTo(4);
    assertThat(datasets.store().rows(skipped.version(), 0, 9).toString())
        .isEqualTo("[{\"a\":1}, {\"a\":4}]");
    assertThat(datasets.store().rejects(skipped.version(), 1, 1).getFirst().column())
        .isEqualTo("a");
  }

  @Test
  void nullTextsAreMissingValues() {
    IngestOptions options =
        new IngestOptions(
            IngestOptions.OnError.REJECT, null, null, Map.of(), List.of("NA", "-"), "x", List.of());
    DatasetVersion version =
        datasets
            .create("t", Format.JSON, "[{\"a\":\"NA\"},{\"a\":2.5},{\"a\":\"-\"}]", options)
            .version();
    assertThat(version.columns().getFirst().type()).isEqualTo(ColumnType.NUMBER);
    assertThat(version.columns().getFirst().profile().nulls()).isEqualTo(2);
    assertThat(datasets.store().rows(version, 0, 3).toString())
        .isEqualTo("[{\"a\":null}, {\"a\":2.5}, {\"a\":null}]");
  }

  @Test
  void skippedRowAddsNoColumn() {
    DatasetVersion version =
        datasets
            .create(
                "t",
                Format.JSON,
                "[{\"a\":1},{\"b\":1,\"c\":{}},{\"a\":2}]",
                TestDatasets.skipping())
            .version();
    assertThat(version.columns().stream().map(Column::name)).containsExactly("a");
    assertThat(version.rejectedRows()).isEqualTo(1);
  }

  @Test
  void truncatedFileIsRefusedInPlainWords() {
    assertThat(datasets.refused(Format.JSON, "[{\"a\":1", IngestOptions.DEFAULT).detail())
        .isEqualTo("Line 1, column 8: Unexpected end-of-input: expected close marker for Object");
  }

  /** A row is in memory as a whole while it is read, so its length is limited. */
  @ParameterizedTest
  @MethodSource("longRows")
  void rowThatWouldFillTheMemoryIsRefused(Format format, String text, String place) {
    assertThatThrownBy(() -> datasets.create("t", format, text, IngestOptions.DEFAULT))
        .isInstanceOfSatisfying(
            ServiceException.class,
            e -> {
              assertThat(e.code()).isEqualTo(ErrorCode.INVALID_ROWS);
              assertThat(e.detail()).isEqualTo(place + " is longer than 16 MiB");
            });
  }

  static Stream<Arguments> longRows() {
    String list = "{\"x\": [" + "0.25, ".repeat(3 << 20) + "1]}";
    String first = "{\"x\": [1]}";
    return Stream.of(
        Arguments.of(Format.NDJSON, first + "\n" + list + "\n", "Line 2"),
        Arguments.of(Format.JSON, "[" + first + ",\n" + list + "]", "Row 2"));
  }
}
