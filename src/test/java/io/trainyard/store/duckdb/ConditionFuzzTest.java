package io.trainyard.store.duckdb;

import static org.assertj.core.api.Assertions.assertThat;

import io.trainyard.dataset.Column;
import io.trainyard.dataset.ColumnProfile;
import io.trainyard.dataset.ColumnType;
import io.trainyard.error.ErrorCode;
import io.trainyard.error.ServiceException;
import io.trainyard.store.DataDirectory;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.springframework.util.unit.DataSize;

/** A condition is either applied or refused with a reason, however strange or large it is. */
@Timeout(60)
@Tag("long")
class ConditionFuzzTest {
  private static final List<Column> COLUMNS =
      List.of(
          column("n", ColumnType.NUMBER),
          column("flag", ColumnType.BOOLEAN),
          column("text", ColumnType.STRING),
          column("at", ColumnType.TIMESTAMP),
          column("it's \"odd\"", ColumnType.INTEGER));

  private static DuckDb duck;
  private static String source;

  private static Column column(String name, ColumnType type) {
    return new Column(
        name,
        type,
        null,
        false,
        new ColumnProfile(0, 0, null, null, null, null, null, List.of(), List.of(), null));
  }

  @BeforeAll
  static void open(@TempDir Path folder) throws SQLException {
    Path file = folder.resolve("rows.parquet");
    DatasetProperties properties =
        new DatasetProperties(
            DataSize.ofMegabytes(64),
            DataSize.ofMegabytes(256),
            1,
            Duration.ofSeconds(5),
            0,
            64,
            Duration.ofSeconds(3),
            Duration.ofMinutes(1));
    duck = DuckDb.open(properties, folder, new DataDirectory(folder).reserve(), List.of(file));
    duck.execute(
        "copy (select 1.5 as c0, true as c1, 'x' as c2, timestamp '2026-01-01' as c3, 7 as c4) to "
            + DuckDb.literal(file)
            + " (format parquet)");
    source = ParquetFile.read(file);
  }

  @AfterAll
  static void close() {
    duck.close();
  }

  /** Whether the condition is applied. Any other failure than a refusal fails the test. */
  private static boolean isApplied(String where) throws SQLException {
    try {
      Condition.run(duck, where, COLUMNS, source, Duration.ofSeconds(20));
      return true;
    } catch (ServiceException refusal) {
      assertThat(refusal.code()).as(where).isEqualTo(ErrorCode.INVALID_BODY);
      assertThat(refusal.detail()).startsWith("The condition is invalid: ").doesNotContain("\n");
      return false;
    }
  }

  @Test
  void randomConditionsAreAppliedOrRefused() throws SQLException {
    Random random = new Random(11);
    int applied = 0;
    for (int i = 0; i < 1_500; i++) {
      String condition = truth(random, 4);
      if (isApplied(condition)) {
        applied++;
      }
      isApplied(mutated(condition, random));
    }
    assertThat(applied)
        .as("most of the grammar's own conditions have matching types")
        .isGreaterThan(900);
  }

  private static String truth(Random random, int depth) {
    if (depth == 0) {
      return List.of("flag", "TRUE", "n > 1", "text IS NULL", "NULL").get(random.nextInt(5));
    }
    return switch (random.nextInt(10)) {
      case 0 -> truth(random, depth - 1) + " AND " + truth(random, depth - 1);
      case 1 -> "(" + truth(random, depth - 1) + " or " + truth(random, depth - 1) + ")";
      case 2 -> "NOT (" + truth(random, depth - 1) + ")";
      case 3 -> number(random, depth - 1) + " <= " + number(random, depth - 1);
      case 4 -> number(random, depth - 1) + " NOT BETWEEN 0 AND " + number(random, depth - 1);
      case 5 -> number(random, depth - 1) + " IN (1, -2.5e1, " + number(random, 0) + ")";
      case 6 -> "text ILIKE 'a''%_'";
      case 7 -> "at >= TIMESTAMP '2026-01-31 12:00:00' -- ( comment\n";
      case 8 -> "(" + truth(random, depth - 1) + ") IS NOT TRUE";
      default -> "\"it's \"\"odd\"\"\" IS DISTINCT FROM " + number(random, depth - 1);
    };
  }

  private static String number(Random random, int depth) {
    if (depth == 0) {
      return List.of("n", "1", ".5", "1e3", "-7", "\"n\"").get(random.nextInt(6));
    }
    return switch (random.nextInt(4)) {
      case 0 -> "(" + number(random, depth - 1) + " + " + number(random, depth - 1) + ")";
      case 1 -> number(random, depth - 1) + " * - " + number(random, depth - 1);
      case 2 -> number(random, depth - 1) + " % 3";
      default -> "(" + number(random, depth - 1) + ")";
    };
  }

  /** Deletes, doubles or inserts a piece. */
  private static String mutated(String condition, Random random) {
    int from = random.nextInt(condition.length());
    int to = Math.min(condition.length(), from + 1 + random.nextInt(6));
    String piece =
        switch (random.nextInt(3)) {
          case 0 -> "";
          case 1 -> condition.substring(from, to).repeat(2);
          default -> FRAGMENTS.get(random.nextInt(FRAGMENTS.size()));
        };
    return condition.substring(0, from) + piece + condition.substring(to);
  }

  private static final List<String> FRAGMENTS =
      List.of(
          "'",
          "\"",
          "(",
          ")",
          "--",
          "/*",
          "*/",
          "$1",
          "$$",
          ";",
          "::",
          "E'\\''",
          "\\",
          "?",
          "@",
          "[1]",
          "{'a': 1}",
          "x -> x",
          "random()",
          "read_text('/etc/passwd')",
          "(SELECT 1)",
          "CASE WHEN",
          "INTERVAL 1",
          "1e999",
          "1e-999",
          "0x10",
          "1_000",
          "..",
          "\u0000",
          "\ud83d",
          "\u2028",
          "t.n",
          "c0",
          "IS",
          "NOT",
          "BETWEEN",
          "IN ()",
          "LIKE",
          "ESCAPE 'x'",
          "NULL",
          "cast(n as varchar)",
          "cast('x' as boolean)",
          "DATE '2026-99-99'",
          "**",
          "||",
          "1/0");

  static Stream<String> bombs() {
    return Stream.of(
            "not ",
            "- ",
            "+ ",
            "(",
            ")",
            "((n) ",
            "(not ",
            "n + ",
            "1 * ",
            "n = ",
            "at and ",
            "at or ",
            "n in ",
            "n in (",
            "n between ",
            "n like ",
            "n is ",
            "n is null is ",
            "case when ",
            "cast(",
            "[",
            "{",
            "'",
            "\"",
            "'a' ",
            "n ",
            "n,",
            "n.",
            "/*",
            "--",
            "::",
            "date ",
            "abs(",
            "select ",
            "x -> ",
            "\ud83d\ude00",
            "true is not ")
        .flatMap(unit -> Stream.of(repeated(unit, ""), repeated(unit, "n"), repeated(unit, ")")));
  }

  private static String repeated(String unit, String end) {
    return unit.repeat((ConditionTokens.MAX_LENGTH - 10) / unit.length()) + end;
  }

  /** DuckDB's parser takes minutes and gigabytes for some of these. */
  @ParameterizedTest
  @MethodSource("bombs")
  void repetitionIsRefusedSoon(String bomb) throws SQLException {
    assertThat(isApplied(bomb)).isFalse();
  }

  static Stream<String> large() {
    return Stream.of(
        "n > 1" + " and n > 1".repeat(6_000),
        "n > 1" + " or n > 1".repeat(6_000),
        "n in (1" + ", 1".repeat(20_000) + ")",
        "text = '" + "x".repeat(65_000) + "'",
        "flag" + " is true".repeat(100),
        "n" + " + 1".repeat(100) + " > 0",
        "(".repeat(99) + "n > 1" + ")".repeat(99),
        "not ".repeat(99) + "flag");
  }

  @ParameterizedTest
  @MethodSource("large")
  void largeConditionWithinTheLimitsIsApplied(String where) throws SQLException {
    assertThat(isApplied(where)).isTrue();
  }

  static Stream<String> beyond() {
    return Stream.of(
        "flag" + " ".repeat(ConditionTokens.MAX_LENGTH),
        "(".repeat(100) + "n > 1" + ")".repeat(100),
        "not ".repeat(900) + "flag",
        "flag" + " is true".repeat(101),
        "n" + " + 1".repeat(101) + " > 0",
        "- ".repeat(101) + "n > 0");
  }

  @ParameterizedTest
  @MethodSource("beyond")
  void limitsAreExact(String where) throws SQLException {
    assertThat(isApplied(where)).isFalse();
  }
}
