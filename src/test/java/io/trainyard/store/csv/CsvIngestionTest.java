package io.trainyard.store.csv;

import static org.assertj.core.api.Assertions.assertThat;

import io.trainyard.dataset.Column;
import io.trainyard.dataset.ColumnType;
import io.trainyard.dataset.DatasetContent;
import io.trainyard.dataset.DatasetVersion;
import io.trainyard.dataset.IngestOptions;
import io.trainyard.dataset.IngestOptions.OnError;
import io.trainyard.dataset.Upload.Format;
import io.trainyard.error.ErrorCode;
import io.trainyard.error.ServiceException;
import io.trainyard.error.Violation;
import io.trainyard.store.dataset.FreshDatasets;
import io.trainyard.store.dataset.TestDatasets;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

@ExtendWith(FreshDatasets.class)
@Timeout(60)
@Tag("service")
class CsvIngestionTest {
  private final TestDatasets datasets;

  CsvIngestionTest(TestDatasets datasets) {
    this.datasets = datasets;
  }

  @Test
  void typesAreTheNarrowestThatHoldEveryValue() {
    DatasetVersion version =
        datasets.csv(
            "t",
            """
            whole,number,text,truth,time,nan,empty,quoted
            1,2.5,a,true,2026-01-31T12:00:00Z,NaN,,"7"
            -2,1e3,7,FALSE,2026-02-01 00:00:00.5,1,,"8"
            +3,.5,c,True,2026-02-02,2,,"9"
            """);
    assertThat(version.columns().stream().map(Column::type))
        .containsExactly(
            ColumnType.INTEGER,
            ColumnType.NUMBER,
            ColumnType.STRING,
            ColumnType.BOOLEAN,
            ColumnType.TIMESTAMP,
            ColumnType.NUMBER,
            ColumnType.STRING,
            ColumnType.INTEGER);
    assertThat(version.rows()).isEqualTo(3);
    assertThat(datasets.store().rows(version, 1, 1).getFirst())
        .hasToString(
            "{\"whole\":-2,\"number\":1000.0,\"text\":\"7\",\"truth\":false,"
                + "\"time\":\"2026-02-01T00:00:00.500Z\",\"nan\":1.0,\"empty\":null,\"quoted\":8}");
    assertThat(version.columns().get(5).profile().nulls()).isEqualTo(1);
  }

  @Test
  void timeWithAnOffsetIsConvertedToUtc() {
    DatasetVersion version = datasets.csv("t", "at\n2026-01-01T00:00:00+02:00\n");
    assertThat(datasets.store().rows(version, 0, 1).getFirst())
        .hasToString("{\"at\":\"2025-12-31T22:00:00Z\"}");
  }

  @Test
  void largeWholeNumbersKeepEveryDigit() {
    DatasetVersion version =
        datasets.csv("t", "id\n9223372036854775807\n-9223372036854775808\n9007199254740993\n");
    assertThat(version.columns().getFirst().type()).isEqualTo(ColumnType.INTEGER);
    assertThat(datasets.store().rows(version, 2, 1).getFirst())
        .hasToString("{\"id\":9007199254740993}");
    assertThat(datasets.csv("u", "id\n9223372036854775808\n").columns().getFirst().type())
        .isEqualTo(ColumnType.NUMBER);
  }

  @Test
  void originalBytesAreReturned() throws Exception {
    String text = "\uFEFFa;b\r\n1;\"x\r\ny\"\r\n\r\n2;z\r\n";
    DatasetVersion version = datasets.csv("t", text);
    assertThat(version.columns().stream().map(Column::name)).containsExactly("a", "b");
    assertThat(version.rows()).isEqualTo(2);
    try (InputStream content = datasets.store().original(version)) {
      assertThat(content.readAllBytes()).isEqualTo(text.getBytes(StandardCharsets.UTF_8));
    }
    assertThat(datasets.store().rows(version, 0, 1).getFirst().get("b").stringValue())
        .isEqualTo("x\r\ny");
  }

  @Test
  void fileOfNumbersHasNoHeader() {
    DatasetVersion version = datasets.csv("t", "1\t2.5\n3\t4\n");
    assertThat(version.columns().stream().map(Column::name))
        .containsExactly("column_1", "column_2");
    assertThat(version.rows()).isEqualTo(2);
  }

  /** More rows than fit in the first buffer, which shows what to expect of the columns. */
  private static String manyRows(String row, String last) {
    return "a,b,c\n" + row.repeat(200_000) + last;
  }

  @Test
  void lateCellsChangeTypesToo() {
    DatasetVersion version = datasets.csv("t", manyRows("1,2,\n", "1.5,7,x\n9,,\n"));
    assertThat(version.columns().stream().map(Column::type))
        .containsExactly(ColumnType.NUMBER, ColumnType.INTEGER, ColumnType.STRING);
    assertThat(version.rows()).isEqualTo(200_002);
  }

  @Test
  void lateFaultIsNamedByItsLine() {
    ServiceException refusal =
        datasets.refused(
            Format.CSV, manyRows("1,2.5,x\n", "1,2\n1,b,y\n3,4,z"), IngestOptions.DEFAULT);
    assertThat(refusal.violations().stream().map(Violation::detail))
        .anyMatch(detail -> detail.startsWith("Line 200002: Expected 3 values, got 2"))
        .noneMatch(detail -> detail.startsWith("Line 200004"));
  }

  @Test
  void lateFaultsCanBeSkipped() {
    DatasetVersion version =
        datasets
            .create(
                "t",
                Format.CSV,
                manyRows("1,2.5,x\n", "1,2\n1,b,y\n\n3,,z"),
                TestDatasets.skipping())
            .version();
    assertThat(version.rows()).isEqualTo(200_001);
    assertThat(version.rejectedRows()).isEqualTo(2);
    assertThat(datasets.store().rejects(version, 0, 9).stream().map(DatasetContent.Reject::line))
        .containsExactly(200_002L, 200_003L);
    assertThat(datasets.store().rows(version, 200_000, 9))
        .singleElement()
        .hasToString("{\"a\":3,\"b\":null,\"c\":\"z\"}");
  }

  @Test
  void numberMayMeanAMissingValue() {
    IngestOptions options =
        new IngestOptions(
            OnError.REJECT, null, null, Map.of(), List.of("-999", "?"), "x", List.of());
    DatasetVersion version =
        datasets.create("t", Format.CSV, manyRows("1,-999,2\n", "?,?,?\n"), options).version();
    assertThat(version.columns().stream().map(column -> column.profile().nulls()))
        .containsExactly(1L, 200_001L, 1L);
  }

  static Stream<List<String>> hostile() {
    return Stream.of(
        List.of("", "empty"),
        List.of("a,b\n", "no rows"),
        List.of("a,a\n1,2\n", "'a', which another"),
        List.of("a,\n1,2\n", "Column 2 has no name"),
        List.of("a,b\n1,2\n1,2,3\n", "Line 3: Expected 2 values, got 3"),
        List.of("a,b\n1,2\n1\n", "Line 3: Expected 2 values, got 1"),
        List.of("a,b\n1,\0\n", "Line 2: U+0000"),
        List.of("a,b\n1,\"x\"y\n", "Line 2: Text follows a closing quote"),
        List.of("a,b\n1,2\n1,\"x\n3,4\n", "opened on line 3 is never closed"),
        List.of("a,b\n1,2\n2,3\n3,x\n4,5\n5,6\n6,7\n", "Line 4, column 'b': 'x' is not a number"),
        List.of("a\n1\n2\n3\n4\n1e400\n", "Line 6, column 'a': '1e400' is not"),
        List.of("a\n1\n2\n3\n4\ninf\n", "Line 6, column 'a': 'inf' is not"),
        List.of("a\n1\n2\n3\n4\n0x10\n", "Line 6, column 'a': '0x10' is not"),
        List.of("a\n1\n2\n3\n4\n1_000\n", "Line 6, column 'a': '1_000' is not"));
  }

  @ParameterizedTest
  @MethodSource("hostile")
  void badLinesAreRefusedWithTheirLine(List<String> fileAndDetail) {
    ServiceException refusal =
        datasets.refused(Format.CSV, fileAndDetail.getFirst(), IngestOptions.DEFAULT);
    assertThat(refusal.code()).isEqualTo(ErrorCode.INVALID_ROWS);
    assertThat(refusal.violations().stream().map(Violation::detail))
        .anySatisfy(detail -> assertThat(detail).contains(fileAndDetail.get(1)));
  }

  @Test
  void latinBytesAreRefusedWithTheirLine() {
    byte[] latin = "a,b\n1,caf\u00e9\n".getBytes(StandardCharsets.ISO_8859_1);
    assertThat(datasets.refused(Format.CSV, latin, IngestOptions.DEFAULT).detail())
        .contains("Line 2: The bytes are not UTF-8");
  }

  @Test
  void badLinesCanBeSkippedAndCounted() {
    DatasetVersion version =
        datasets
            .create(
                "t",
                Format.CSV,
                "a,b\n1,2\n1,2,3\n2,x\n3,\"4\"\n4,5\n5,6\n6,\"q\"r\n",
                TestDatasets.skipping())
            .version();
    assertThat(version.rows()).isEqualTo(4);
    assertThat(version.rejectedRows()).isEqualTo(3);
    List<DatasetContent.Reject> rejects = datasets.store().rejects(version, 0, 10);
    assertThat(rejects.stream().map(DatasetContent.Reject::line)).containsExactly(3L, 4L, 8L);
    assertThat(rejects.get(1).column()).isEqualTo("b");
    assertThat(datasets.store().rows(version, 1, 1).getFirst()).hasToString("{\"a\":3,\"b\":4}");
  }

  @Test
  void forcedTypesAndNullTextsAreKept() {
    IngestOptions options =
        new IngestOptions(
            OnError.REJECT,
            null,
            null,
            Map.of("zip", ColumnType.STRING),
            List.of("NA"),
            "x",
            List.of());
    DatasetVersion version =
        datasets.create("t", Format.CSV, "zip,n\n01234,NA\n00001,5\n", options).version();
    assertThat(datasets.store().rows(version, 0, 2).toString())
        .isEqualTo("[{\"zip\":\"01234\",\"n\":null}, {\"zip\":\"00001\",\"n\":5}]");
  }

  @Test
  void mixedLineEndsAndBlankLinesAreRead() {
    DatasetVersion version = datasets.csv("t", "a,b\r\n1,2\n\n3,4\r5,6");
    assertThat(version.rows()).isEqualTo(3);
    assertThat(datasets.csv("u", "a\nx\n\"\"\ny\n").rows()).isEqualTo(3);
  }
}
