package io.trainyard.store.database;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.jdbc.core.ResultSetExtractor;
import org.springframework.jdbc.core.simple.JdbcClient;

/**
 * Reads stored rows one by one. A row that this release cannot read, such as one that a newer
 * release wrote during a rolling upgrade, is left out and counted. It does not hide the others.
 */
public final class ReadableRows {
  private static final Logger log = LoggerFactory.getLogger(ReadableRows.class);
  private static final LongAdder UNREADABLE = new LongAdder();

  private ReadableRows() {}

  /** Reads the present row. */
  public interface Reader<T> {
    T read(ResultSet row) throws SQLException;
  }

  /** The rows of a result that can be read. */
  public static <T> ResultSetExtractor<List<T>> list(Reader<T> reader) {
    return rows -> {
      List<T> readable = new ArrayList<>();
      while (rows.next()) {
        T row = readOrNull(rows, reader);
        if (row != null) {
          readable.add(row);
        }
      }
      return readable;
    };
  }

  /** A query for the rows after some of them. */
  public interface Query {
    JdbcClient.StatementSpec after(int rows);
  }

  /**
   * A page of rows that can be read. A short page would be the last one: others take the place of
   * rows that cannot.
   *
   * @param query for at most {@code limit} rows
   */
  public static <T> List<T> page(int limit, Query query, Reader<T> reader) {
    List<T> page = new ArrayList<>();
    AtomicInteger rows = new AtomicInteger();
    int before;
    do {
      before = rows.get();
      page.addAll(
          query
              .after(before)
              .query(
                  list(
                      row -> {
                        rows.incrementAndGet();
                        return reader.read(row);
                      })));
    } while (page.size() < limit && rows.get() - before == limit);
    return page.subList(0, Math.min(limit, page.size()));
  }

  /**
   * Reads the present row; null when this release cannot.
   *
   * @throws SQLException when the database is the cause
   */
  public static <T> @Nullable T readOrNull(ResultSet row, Reader<T> reader) throws SQLException {
    try {
      return reader.read(row);
    } catch (RuntimeException e) {
      if (UNREADABLE.sum() == 0) {
        log.warn(
            "This release cannot read a stored row and leaves it out; trainyard_rows_unreadable_total"
                + " counts such reads, and each is logged at DEBUG: {}",
            e.toString());
      }
      UNREADABLE.increment();
      log.debug("A stored row cannot be read", e);
      return null;
    }
  }

  /** How often this process met a row that it could not read. */
  public static long unreadable() {
    return UNREADABLE.sum();
  }
}
