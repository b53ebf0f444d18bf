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
 * DuckDB alone: reads a CSV file and writes its rows as Parquet, with the driver and the settings
 * of the service. Each line it reads makes it do so once and print the seconds it took. Run by
 * {@code src/bench/run}.
 */
public final class DuckDbCopy {
  private DuckDbCopy() {}

  /** Takes the CSV file, the Parquet file to write, threads, memory limit, rows of a group. */
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
