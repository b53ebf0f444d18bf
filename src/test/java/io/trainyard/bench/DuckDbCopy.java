package io.trainyard.bench;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Locale;

/**
 * DuckDB alone: converts a CSV file to Parquet with the driver and settings of the service. For
 * each line on stdin it converts once and prints the seconds. Run by {@code src/bench/run}.
 */
public final class DuckDbCopy {
  private DuckDbCopy() {}

  /** Arguments: CSV file, Parquet file to write, threads, memory limit, rows per group. */
  public static void main(String[] args) throws IOException, SQLException {
    BufferedReader rounds =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    while (rounds.readLine() != null) {
      long begin = System.nanoTime();
      copy(args);
      System.out.printf(Locale.ROOT, "%.4f%n", (System.nanoTime() - begin) / 1e9);
      Files.delete(Path.of(args[1]));
    }
  }

  private static void copy(String[] args) throws SQLException {
    try (Connection connection = DriverManager.getConnection("jdbc:duckdb:");
        Statement statement = connection.createStatement()) {
      statement.execute("SET threads = %s; SET memory_limit = '%s'".formatted(args[2], args[3]));
      statement.execute(
          "COPY (SELECT * FROM read_csv('%s')) TO '%s' %s"
              .formatted(
                  args[0],
                  args[1],
                  "(FORMAT parquet, USE_TMP_FILE false, ROW_GROUP_SIZE " + args[4] + ")"));
    }
  }
}
