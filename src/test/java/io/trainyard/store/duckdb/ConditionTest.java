package io.trainyard.store.duckdb;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.trainyard.dataset.DatasetVersion;
import io.trainyard.error.ErrorCode;
import io.trainyard.error.ServiceException;
import io.trainyard.store.DataDirectory;
import io.trainyard.store.dataset.TestDatasets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Timeout(60)
@Tag("service")
class ConditionTest {
  private static TestDatasets datasets;
  private static DatasetVersion version;

  @BeforeAll
  static void open(@TempDir Path folder) {
    datasets = new TestDatasets(folder);
    version =
        datasets.csv(
            "t",
            """
            n,whole,text,flag,at
            -2.5,1,red,true,2026-01-01
            -1,2,green,false,2026-01-02
            0,9007199254740993,it's,true,2026-01-03T12:00:00Z
            1.5,,Red,,2026-01-04
            """);
  }

  @AfterAll
  static void close() {
    datasets.close();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '^',
      textBlock =
          """
          n > -1 | 2
          n > - 1 | 2
          n >= -1.5e0 | 3
          n BETWEEN -1 AND 0 | 2
          n NOT BETWEEN -1 AND 0 | 2
          n IN (-1, 0) | 2
          n - -1 > 0 | 2
          -n > 0 | 2
          n * 2 + 1 = -1 | 1
          n < 0 AND NOT flag | 1
          whole = 9007199254740993 | 1
          whole <> 9007199254740993 | 2
          whole % 2 = 1 | 2
          whole IS NULL | 1
          whole IS NOT NULL | 3
          text = 'it''s' | 1
          text LIKE 'r%' | 1
          text ILIKE 'r%' | 2
          text NOT ILIKE 'r%' | 2
          text NOT IN ('red', 'Red') | 2
          flag | 2
          flag IS TRUE | 2
          flag IS NOT TRUE | 2
          flag = false | 1
          "at" > TIMESTAMP '2026-01-02' | 2
          "at" >= DATE '2026-01-02' | 3
          "at" > '2026-01-03T11:59:59Z' | 2
          "at" < CAST('2026-01-02' AS TIMESTAMP) | 1
          true | 4
          NULL OR n = 0 | 1
          N = 0 | 1
          n = 0 -- a comment | 1
          n = /* an AND ( */ 0 | 1
          n + + 1 = 1 | 1
          2 + 3 * 2 - 1 = 7 AND n < 0 | 2
          - - n = 0 | 1
          n < 0 IS TRUE | 2
          NOT NOT n < 0 | 2
          n IS DISTINCT FROM 0 | 3
          n IS NOT DISTINCT FROM 0 | 1
          whole IS NOT NULL AND flag IS NOT FALSE | 2
          (n < 0) = flag | 1
          n = 0 OR n < 0 AND flag | 2
          "at" = '2026-01-01'::DATE | 1
          "AT" < DATE'2026-01-02' | 1
          at < DATE '2026-01-02' | 1
          n BETWEEN -3 AND 0 AND text IN ('red', 'green') OR NOT (n IS NULL) AND text LIKE 'R%' | 3
          """)
  void selects(String condition, long rows) {
    assertThat(datasets.store().select(version, condition, List.of()).rows()).isEqualTo(rows);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '^',
      textBlock =
          """
          ^ ^ | it is empty
          n > | it ends early, at position 4
          at > 3 | an explicit cast is required
          n > (SELECT 1) | 'SELECT' at position 6 is not allowed
          n > random() | 'random' at position 5 is not allowed
          n > 0 OR read_text('/etc/passwd') = '' | 'read_text' at position 10 is not allowed
          n > 1) UNION SELECT (1 | ')' at position 6 is not allowed
          n > 1; SELECT 1 | ';' at position 6 is not allowed
          n > 1); SELECT (1 | ';' at position 7 is not allowed
          n ** 2 > 1 | '**' at position 3 is not allowed
          text = 'a' \u2016 'b' | at position 12 is not allowed
          text::BOOLEAN | '::' at position 5 is not allowed
          nope = 1 | there is no column 'nope'
          t.n = 1 | '.' at position 2 is not allowed
          n | neither true nor false
          n + 1 | neither true nor false
          1 | neither true nor false
          'x' | neither true nor false
          text > 3 | an explicit cast is required
          text IS TRUE | column 'text' at position 1 is neither true nor false
          flag = text | column 'text'
          n > 'x' | Could not convert string 'x' to DOUBLE
          n > $1 | '$' at position 5 is not allowed
          text = 'it | the quote at position 8 is never closed
          n BETWEEN 1 OR 2 | 'AND' was expected at position 13
          n NOT 3 | '3' at position 7 is not allowed
          CAST(n AS DATE) | 'n' at position 6 is not allowed
          n = 1 = 1 | '=' at position 7 is not allowed
          """)
  void isRefused(String condition, String why) {
    ServiceException refusal =
        catchThrowableOfType(
            ServiceException.class, () -> datasets.store().select(version, condition, List.of()));
    assertThat(refusal).as(condition).isNotNull();
    assertThat(refusal.code()).isEqualTo(ErrorCode.INVALID_BODY);
    assertThat(refusal.detail()).contains(why);
  }

  /** The error of a condition over other rows than the version's. */
  private static ServiceException errorOver(String source, Path folder) {
    try (DuckDb duck =
        DuckDb.open(
            DuckDbTest.PROPERTIES, folder, new DataDirectory(folder).reserve(), List.of())) {
      return catchThrowableOfType(
          ServiceException.class,
          () -> Condition.run(duck, "n % 7 = 3", version.columns(), source, Duration.ofSeconds(1)));
    }
  }

  @Test
  void slowConditionIsTheCallersFault(@TempDir Path folder) {
    ServiceException error = errorOver("(select range c0 from range(1000000000000))", folder);
    assertThat(error.code()).isEqualTo(ErrorCode.INVALID_BODY);
  }

  @Test
  void unreadableFileIsNotTheCallersFault(@TempDir Path folder) {
    ServiceException error = errorOver(ParquetFile.read(folder.resolve("missing")), folder);
    assertThat(error.code()).isEqualTo(ErrorCode.INTERNAL);
  }

  @Test
  void rowsAreCounted(@TempDir Path folder) {
    try (DuckDb duck =
        DuckDb.open(
            DuckDbTest.PROPERTIES, folder, new DataDirectory(folder).reserve(), List.of())) {
      Condition condition =
          Condition.run(
              duck,
              "n < 10",
              version.columns(),
              "(select range c0 from range(100))",
              Duration.ofSeconds(5));
      assertThat(condition.rows()).isEqualTo(10);
    }
  }
}
