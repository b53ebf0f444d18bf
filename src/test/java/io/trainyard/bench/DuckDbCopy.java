package io.trainyard.bench;

import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;

/**
 * DuckDB alone: reads a CSV file and writes its rows as Parquet, with the driver and the settings
 * of the service, and prints the seconds each round took. Run by {@code src/bench/run}.
 */
public final class DuckDbCopy {
  private DuckDbCopy() {}

  /** Takes the CSV file, the Parquet file to write, threads, memory limit, rounds. */
  public static void main(String[] args) throws Exception {
    int rounds = Integer.parseInt(args[4]);
    for (int round = 0; round < rounds; round++) {
      Path parquet = Path.of(args[1]);
      Files.deleteIfExists(parquet);
      long begin = System.nanoTime();
      copy(args[0], parquet, args[2], args[3]);
      System.out.printf("%.4f%n", (System.nanoTime() - begin) / 1e9);
    }
  }

  private static void copy(String csv, Path parquet, String threads, String memory)
      throws SQLException {
    try (Connection connection = DriverManager.getConnection("jdbc:duckdb:");
        Statement statement = connection.createStatement()) {
      statement.execute("SET threads = " + threads + "; SET memory_limit = '" + memory + "'");
      statement.execute(
          "COPY (SELECT * FROM read_csv('%s')) TO '%s' (FORMAT parquet, USE_TMP_FILE false)"
              .formatted(csv, parquet));
    }
  }
}
