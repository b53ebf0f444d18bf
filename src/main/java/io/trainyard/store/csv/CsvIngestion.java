package io.trainyard.store.csv;

import io.trainyard.dataset.ColumnProfile;
import io.trainyard.dataset.ColumnType;
import io.trainyard.dataset.Hint;
import io.trainyard.dataset.IngestOptions;
import io.trainyard.dataset.IngestOptions.OnError;
import io.trainyard.error.ServiceException;
import io.trainyard.store.duckdb.DuckDb;
import io.trainyard.store.duckdb.IngestedTable;
import io.trainyard.store.profile.RunningProfile;
import io.trainyard.store.table.Rejects;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Converts CSV to Parquet, usually in one pass. The first bytes show what to expect of the columns,
 * and rows are written as long as the others agree. Otherwise the first pass only decides the types
 * and finds the faults, and a second pass writes the rows.
 */
public final class CsvIngestion implements AutoCloseable {
  private final DuckDb duck;
  private final IngestOptions options;
  private final boolean tabs;
  private final Rejects rejects;
  private final Path parquet;
  private final long bytes;
  private @Nullable Pass pass;

  /** The first pass. */
  private record Pass(
      CellClassifier kinds,
      CsvScan scan,
      CsvReader reader,
      List<ColumnType> expected,
      @Nullable RunningProfile profile) {}

  /**
   * Prepares an ingestion.
   *
   * @param tabs whether the delimiter is a tab, whatever the options say
   * @param bytes of the file
   */
  public CsvIngestion(
      DuckDb duck, IngestOptions options, boolean tabs, Rejects rejects, Path parquet, long bytes) {
    this.bytes = bytes;
    this.duck = duck;
    this.options = options;
    this.tabs = tabs;
    this.rejects = rejects;
    this.parquet = parquet;
  }

  /** Reads the next bytes of the file. */
  public void scan(byte[] buffer, int count) {
    if (count > 0) {
      if (pass == null) {
        pass = begin(buffer, count);
      }
      pass.reader.accept(buffer, count);
    }
  }

  private Pass begin(byte[] first, int count) {
    CellClassifier kinds = new CellClassifier(delimiter(first, count), options.nullValues());
    CsvScan sample = sample(kinds, first, count);
    List<IngestedTable.Entry> expected = sample == null ? List.of() : sample.entries();
    RunningProfile profile =
        sample == null
            ? null
            : RunningProfile.of(expected, (long) ((double) bytes / count * sample.rows()));
    CsvRowWriter table =
        expected.isEmpty() ? null : new CsvRowWriter(duck, expected, parquet, profile);
    CsvScan scan = new CsvScan(options, kinds, rejects, table);
    return new Pass(
        kinds,
        scan,
        new CsvReader(kinds.delimiter(), scan),
        expected.stream().map(IngestedTable.Entry::type).toList(),
        profile);
  }

  private byte delimiter(byte[] first, int count) {
    String forced = options.delimiter();
    return tabs
        ? (byte) '\t'
        : forced != null ? (byte) forced.charAt(0) : CsvDialect.delimiter(first, count);
  }

  /** What the first bytes of a file show of it; null if they contain no row. */
  private @Nullable CsvScan sample(CellClassifier kinds, byte[] first, int count) {
    Rejects ignored = new Rejects(OnError.REJECT, parquet);
    CsvScan sample = new CsvScan(options, kinds, ignored, null);
    try {
      new CsvReader(kinds.delimiter(), sample).accept(first, count);
      return sample.rows() == 0 ? null : sample;
    } catch (ServiceException e) {
      // The first pass finds the same fault.
      return null;
    }
  }

  /** Completes the first pass and writes the rows, in a second pass if need be. */
  public IngestedTable ingest(Path source) throws IOException {
    Pass done = pass == null ? begin(new byte[0], 0) : pass;
    pass = done;
    done.reader.finish();
    CsvScan scan = done.scan;
    scan.finish();
    List<IngestedTable.Entry> columns = scan.entries();
    boolean misfits = checkMisfits(scan);
    CsvRowWriter table = scan.table();
    boolean asExpected =
        columns.stream().map(IngestedTable.Entry::type).toList().equals(done.expected);
    long rows = scan.rows();
    Map<Integer, ColumnProfile> profiles = Map.of();
    if (rows > 0 && table != null && asExpected && !misfits && !scan.hasFaults()) {
      long written = table.finish();
      if (written != rows) {
        throw new IllegalStateException(rows + " rows were read, " + written + " written");
      }
      if (done.profile != null) {
        profiles = done.profile.profiles(rows);
      }
    } else if (rows > 0) {
      if (table != null) {
        table.close();
      }
      try (CsvRowWriter second = new CsvRowWriter(duck, columns, parquet, null)) {
        rows = new CsvSecondPass(scan, done.kinds, rejects, second).read(source);
      }
    }
    if (rows == 0) {
      throw ServiceException.invalidRows("There are no rows");
    }
    List<Hint> hints =
        scan.columns().stream().flatMap(column -> column.leadingZeros().stream()).toList();
    return new IngestedTable(columns, rows, rejects.count(), hints, profiles);
  }

  /** Refuses the file for cells that do not fit, unless faulty records are skipped. */
  private boolean checkMisfits(CsvScan scan) {
    boolean misfits = false;
    for (CsvColumn column : scan.columns()) {
      ColumnType type = column.type();
      if (column.hasMisfits(type)) {
        misfits = true;
        if (!rejects.skips()) {
          column
              .misfits(type)
              .forEach(at -> rejects.add(at.line(), column.name(), column.misfit(type, at.text())));
        }
      }
    }
    rejects.throwIfRefused();
    return misfits;
  }

  @Override
  public void close() {
    CsvRowWriter table = pass == null ? null : pass.scan.table();
    if (table != null) {
      table.close();
    }
  }
}
