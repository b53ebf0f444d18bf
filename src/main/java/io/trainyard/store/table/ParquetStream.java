package io.trainyard.store.table;

import io.trainyard.dataset.ColumnType;
import io.trainyard.error.ErrorCode;
import io.trainyard.error.ServiceException;
import io.trainyard.store.duckdb.DuckDb;
import io.trainyard.store.duckdb.IngestedTable;
import io.trainyard.store.duckdb.ParquetFile;
import io.trainyard.store.profile.RunningProfile;
import java.nio.file.Path;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.duckdb.DuckDBColumnType;
import org.duckdb.DuckDBDataChunkWriter;
import org.duckdb.DuckDBFunctions;
import org.duckdb.DuckDBTableFunction;
import org.duckdb.DuckDBTableFunctionBindInfo;
import org.duckdb.DuckDBTableFunctionCallInfo;
import org.duckdb.DuckDBTableFunctionInitInfo;
import org.jspecify.annotations.Nullable;

/**
 * Writes batches of rows to a Parquet file while more are being read. A thread runs DuckDB's copy,
 * or a {@link WideParquet}, and takes the batches from a bounded queue.
 */
public final class ParquetStream implements AutoCloseable {
  /** The batches of one row group, so that the reader need not wait while DuckDB compresses it. */
  private static final int QUEUED = 16;

  private static final AtomicLong NUMBERS = new AtomicLong();

  private final List<IngestedTable.Entry> columns;
  private final RowBatch end;
  private final BlockingQueue<RowBatch> full = new ArrayBlockingQueue<>(QUEUED);
  private final BlockingQueue<RowBatch> empty = new ArrayBlockingQueue<>(QUEUED);
  private final @Nullable RunningProfile profile;
  private final FutureTask<Long> writing;

  /** Takes the next rows. */
  private RowBatch batch;

  private boolean ended;

  /**
   * Starts the writing.
   *
   * @param profile sees the rows in the thread that writes them; null for none
   */
  public ParquetStream(
      DuckDb duck,
      List<IngestedTable.Entry> columns,
      Path parquet,
      @Nullable RunningProfile profile) {
    this.profile = profile;
    this.columns = List.copyOf(columns);
    this.end = new RowBatch(columns);
    this.batch = new RowBatch(columns);
    this.writing = new FutureTask<>(() -> write(duck, parquet));
    Thread.ofPlatform().daemon().name("parquet-writer").start(writing);
  }

  private long write(DuckDb duck, Path parquet) throws SQLException, InterruptedException {
    if (WideParquet.suits(columns)) {
      return writeWide(duck, parquet);
    }
    String name = "rows_" + NUMBERS.incrementAndGet();
    String selected =
        IntStream.range(0, columns.size())
            .mapToObj(i -> selected(columns.get(i), IngestedTable.storedName(i)))
            .collect(Collectors.joining(", "));
    try (var builder = DuckDBFunctions.tableFunction();
        Statement statement = duck.connection().createStatement()) {
      builder.withName(name).withFunction(new Source()).register(duck.connection());
      return statement.executeLargeUpdate(
          ParquetFile.copy("select " + selected + " from " + name + "()", columns, parquet));
    }
  }

  private long writeWide(DuckDb duck, Path parquet) throws InterruptedException {
    try (WideParquet file = new WideParquet(duck, columns, parquet)) {
      for (RowBatch batch = full.take(); batch.rows() > 0; batch = full.take()) {
        show(batch);
        batch.addTo(file);
        batch.clear();
        empty.offer(batch);
      }
      return file.finish();
    }
  }

  private void show(RowBatch batch) {
    if (profile != null) {
      batch.addTo(profile);
    }
  }

  private static String selected(IngestedTable.Entry column, String stored) {
    return column.type() == ColumnType.TIMESTAMP
        ? ParquetFile.timestamp(stored) + " as " + stored
        : stored;
  }

  /** The table function from which DuckDB takes the rows. */
  private final class Source implements DuckDBTableFunction<Object, Object, Object> {
    @Override
    public Object bind(DuckDBTableFunctionBindInfo info) {
      for (int i = 0; i < columns.size(); i++) {
        info.addResultColumn(
            IngestedTable.storedName(i),
            switch (columns.get(i).type()) {
              case INTEGER -> DuckDBColumnType.BIGINT;
              case NUMBER -> DuckDBColumnType.DOUBLE;
              case BOOLEAN -> DuckDBColumnType.BOOLEAN;
              // Timestamps are passed as text, which DuckDB converts to UTC.
              case STRING, TIMESTAMP -> DuckDBColumnType.VARCHAR;
              case TENSOR -> throw new IllegalArgumentException("tensors are not written by row");
            });
      }
      return columns;
    }

    @Override
    public Object init(DuckDBTableFunctionInitInfo info) {
      // One thread keeps the order of the rows.
      info.setMaxThreads(1);
      return columns;
    }

    @Override
    public long apply(DuckDBTableFunctionCallInfo info, DuckDBDataChunkWriter chunk)
        throws SQLException, InterruptedException {
      RowBatch batch = full.take();
      int rows = batch.rows();
      if (rows > 0) {
        show(batch);
        batch.writeTo(chunk);
        batch.clear();
        empty.offer(batch);
      }
      return rows;
    }
  }

  /** Takes the values of the next row, which {@link #endRow} completes. */
  public RowBatch batch() {
    return batch;
  }

  /** Completes a row; false if the file cannot be written and takes no more rows. */
  public boolean endRow() {
    if (!batch.endRow()) {
      ended |= !offer(batch);
      RowBatch used = empty.poll();
      batch = used == null ? new RowBatch(columns) : used;
    }
    return !ended;
  }

  /** Passes on a batch, and waits while the queue is full; false if no more are taken. */
  private boolean offer(RowBatch rows) {
    try {
      while (!writing.isDone()) {
        if (full.offer(rows, 100, TimeUnit.MILLISECONDS)) {
          return true;
        }
      }
      return false;
    } catch (InterruptedException e) {
      throw interrupted(e);
    }
  }

  private static ServiceException interrupted(InterruptedException e) {
    Thread.currentThread().interrupt();
    return new ServiceException(ErrorCode.UNAVAILABLE, "The upload was interrupted", e);
  }

  /** Waits until the file is written; gives its number of rows. */
  public long finish() {
    if (batch.rows() > 0) {
      offer(batch);
    }
    offer(end);
    try {
      return writing.get();
    } catch (InterruptedException e) {
      throw interrupted(e);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof SQLException fault) {
        throw ParquetFile.refused(fault);
      }
      if (e.getCause() instanceof RuntimeException fault) {
        throw fault;
      }
      throw new IllegalStateException(e.getCause());
    }
  }

  /** Stops the writing; without {@link #finish} the file is incomplete. */
  @Override
  public void close() {
    boolean wasInterrupted = Thread.interrupted();
    while (!writing.isDone()) {
      full.clear();
      full.offer(end);
      try {
        writing.get(100, TimeUnit.MILLISECONDS);
      } catch (InterruptedException e) {
        wasInterrupted = true;
      } catch (ExecutionException | TimeoutException e) {
        // Either the writing has failed, or it needs another round.
        wasInterrupted |= Thread.interrupted();
      }
    }
    if (wasInterrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
