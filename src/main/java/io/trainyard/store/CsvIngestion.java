package io.trainyard.store;

import io.trainyard.dataset.ColumnType;
import io.trainyard.dataset.IngestOptions;
import io.trainyard.error.ErrorCode;
import io.trainyard.error.ServiceException;
import io.trainyard.error.Violation;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * CSV to Parquet. One pass of our own decides the types from every cell and finds what is wrong,
 * with its line; DuckDB then reads bytes it can only read one way.
 */
final class CsvIngestion {
  private final IngestOptions options;
  private final boolean tabs;
  private final byte[][] nullTexts;
  private final Rejects rejects;
  private final Scan scan = new Scan();
  private byte delimiter;
  private @Nullable CsvReader reader;

  /**
   * An ingestion.
   *
   * @param tabs whether tabs separate the cells, whatever the options say
   */
  CsvIngestion(IngestOptions options, boolean tabs, Rejects rejects) {
    this.options = options;
    this.tabs = tabs;
    this.rejects = rejects;
    this.nullTexts =
        options.nullValues().stream()
            .map(text -> text.getBytes(StandardCharsets.UTF_8))
            .toArray(byte[][]::new);
  }

  /** Looks through the next bytes of the file, as they come in. */
  void look(byte[] buffer, int count) {
    if (count > 0) {
      reader(buffer, count).feed(buffer, count);
    }
  }

  private CsvReader reader(byte[] first, int count) {
    if (reader == null) {
      String forced = options.delimiter();
      delimiter =
          tabs
              ? (byte) '\t'
              : forced != null ? (byte) forced.charAt(0) : CsvDialect.delimiter(first, count);
      reader = new CsvReader(delimiter, scan);
    }
    return reader;
  }

  /** Writes the rows of the file that was looked through. */
  IngestedTable ingest(DuckDb duck, Path source, Path rewritten, Path parquet) throws IOException {
    CsvReader reader = reader(new byte[0], 0);
    reader.finish();
    scan.finish();
    List<IngestedTable.Entry> columns = new ArrayList<>();
    boolean misfits = false;
    for (CsvColumn column : scan.columns) {
      ColumnType type = column.type();
      if (column.hasMisfits(type)) {
        misfits = true;
        if (!rejects.skips()) {
          column
              .misfits(type)
              .forEach(at -> rejects.add(at.line(), column.name(), column.misfit(type, at.text())));
        }
      }
      columns.add(new IngestedTable.Entry(column.name(), type, null, type == ColumnType.INTEGER));
    }
    rejects.throwIfRefused();
    long rows = scan.rows;
    boolean rewrite = misfits || scan.faults || reader.needsRewriting();
    if (rewrite) {
      rows = rewrite(source, columns, rewritten);
    }
    if (rows == 0) {
      throw refused("There are no rows");
    }
    boolean header = scan.hasHeader && !rewrite;
    String lineEnd = rewrite ? "\\n" : reader.lineEnd();
    String read = read(rewrite ? rewritten : source, header, lineEnd, reader, columns);
    copy(duck, read, columns, rows, parquet);
    return new IngestedTable(columns, rows, rejects.count());
  }

  private static ServiceException refused(String detail) {
    return new ServiceException(ErrorCode.INVALID_ROWS, detail, List.of(new Violation("", detail)));
  }

  /** The first pass: names, kinds of cells, faulty records. */
  private final class Scan implements CsvReader.Visitor {
    private final List<CsvColumn> columns = new ArrayList<>();
    private final List<FirstCell> first = new ArrayList<>();
    private boolean started;
    private boolean hasHeader;
    private boolean faults;
    private long rows;

    private record FirstCell(String text, CsvCell.Kind kind) {}

    @Override
    public void cell(int column, CsvCell cell, long line) {
      if (!started) {
        ColumnNames.checkCount(column + 1);
        first.add(new FirstCell(cell.text(), kind(cell)));
      } else if (column < columns.size()) {
        columns.get(column).see(cell, kind(cell));
      }
    }

    @Override
    public boolean record(CsvReader.Cut record) {
      if (!started) {
        start(record);
        return true;
      }
      String fault = fault(record, columns.size());
      if (fault == null) {
        rows++;
        columns.forEach(column -> column.count(record.line()));
      } else {
        faults = true;
        if (!rejects.skips()) {
          rejects.add(record.line(), null, fault);
        }
      }
      return true;
    }

    private void start(CsvReader.Cut record) {
      started = true;
      if (record.fault() != null) {
        throw refused("Line " + record.line() + ": " + record.fault());
      }
      hasHeader =
          options.header() != null
              ? options.header()
              : first.stream().anyMatch(cell -> !isNumber(cell.kind()));
      List<String> names =
          hasHeader
              ? first.stream().map(cell -> cell.text().strip()).toList()
              : IntStream.rangeClosed(1, first.size()).mapToObj(i -> "column_" + i).toList();
      ColumnNames.check(names);
      for (String forced : options.types().keySet()) {
        if (!names.contains(forced)) {
          throw ServiceException.invalid(
              Violation.pointer("/options/types", forced),
              "There is no column '" + forced + "' to give a type");
        }
      }
      names.forEach(name -> columns.add(new CsvColumn(name, options.types().get(name))));
      if (!hasHeader) {
        for (int i = 0; i < first.size(); i++) {
          columns.get(i).see(CsvCell.of(first.get(i).text()), first.get(i).kind());
          columns.get(i).count(record.line());
        }
        rows++;
      }
    }

    void finish() {
      if (!started) {
        throw refused("The file is empty");
      }
      rejects.throwIfRefused();
    }
  }

  private CsvCell.Kind kind(CsvCell cell) {
    return nullTexts.length > 0 && cell.isAny(nullTexts) ? CsvCell.Kind.EMPTY : cell.kind();
  }

  private static boolean isNumber(CsvCell.Kind kind) {
    return kind == CsvCell.Kind.INTEGER || kind == CsvCell.Kind.NUMBER;
  }

  private static @Nullable String fault(CsvReader.Cut record, int expected) {
    if (record.fault() != null) {
      return record.fault();
    }
    return record.cells() == expected
        ? null
        : "Expected " + expected + " values, got " + record.cells();
  }

  /** Writes the good records anew, in the plainest form, and notes the others. */
  private long rewrite(Path source, List<IngestedTable.Entry> columns, Path target)
      throws IOException {
    try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(target), 1 << 20)) {
      Rewriter rewriter = new Rewriter(columns, out);
      new CsvReader(delimiter, rewriter).read(source);
      return rewriter.rows;
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
  }

  private final class Rewriter implements CsvReader.Visitor {
    private final List<IngestedTable.Entry> columns;
    private final OutputStream out;
    private final StringBuilder record = new StringBuilder();
    private @Nullable String misfitColumn;
    private @Nullable String misfit;
    private boolean inHeader;
    private long rows;

    Rewriter(List<IngestedTable.Entry> columns, OutputStream out) {
      this.columns = columns;
      this.out = out;
      this.inHeader = scan.hasHeader;
    }

    @Override
    public void cell(int column, CsvCell cell, long line) {
      if (inHeader || column >= columns.size()) {
        return;
      }
      if (column > 0) {
        record.append((char) delimiter);
      }
      CsvCell.Kind kind = kind(cell);
      ColumnType type = columns.get(column).type();
      if (!CsvColumn.fits(type, kind) && misfit == null) {
        misfitColumn = columns.get(column).name();
        misfit = scan.columns.get(column).misfit(type, cell.text());
      }
      if (kind != CsvCell.Kind.EMPTY) {
        record.append('"').append(cell.text().replace("\"", "\"\"")).append('"');
      }
    }

    @Override
    public boolean record(CsvReader.Cut read) {
      if (!inHeader) {
        String fault = fault(read, columns.size());
        if (fault == null && misfit == null) {
          write();
          rows++;
        } else if (fault != null) {
          rejects.add(read.line(), null, fault);
        } else if (misfit != null) {
          rejects.add(read.line(), misfitColumn, misfit);
        }
      }
      inHeader = false;
      record.setLength(0);
      misfit = null;
      return true;
    }

    private void write() {
      try {
        // An empty line is no record to DuckDB, so a lone missing value is written as "".
        String line = record.isEmpty() ? "\"\"" : record.toString();
        out.write(line.getBytes(StandardCharsets.UTF_8));
        out.write('\n');
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  /** The file as DuckDB reads it, with nothing left for it to guess. */
  private String read(
      Path file,
      boolean header,
      String lineEnd,
      CsvReader reader,
      List<IngestedTable.Entry> columns) {
    String declared =
        IntStream.range(0, columns.size())
            .mapToObj(i -> "'" + IngestedTable.stored(i) + "': '" + readType(columns.get(i)) + "'")
            .collect(Collectors.joining(", ", "{", "}"));
    List<String> nulls = new ArrayList<>(List.of(""));
    nulls.addAll(options.nullValues());
    return "read_csv("
        + DuckDb.literal(file)
        + ", auto_detect = false, quote = '\"', escape = '\"', strict_mode = true"
        + ", null_padding = false, max_line_size = "
        + Math.max(2L << 20, reader.longestRecord() * 2 + 1024)
        + ", delim = "
        + DuckDb.literal(String.valueOf((char) delimiter))
        + ", header = "
        + header
        + ", new_line = "
        + DuckDb.literal(lineEnd)
        + ", nullstr = "
        + nulls.stream().map(DuckDb::literal).collect(Collectors.joining(", ", "[", "]"))
        + ", columns = "
        + declared
        + ")";
  }

  private void copy(
      DuckDb duck, String read, List<IngestedTable.Entry> columns, long rows, Path parquet) {
    String selected =
        IntStream.range(0, columns.size())
            .mapToObj(i -> selected(columns.get(i), scan.columns.get(i), IngestedTable.stored(i)))
            .collect(Collectors.joining(", "));
    try (Statement statement = duck.connection().createStatement()) {
      long copied =
          statement.executeLargeUpdate(
              ParquetFile.copy("SELECT " + selected + " FROM " + read, parquet));
      if (copied != rows) {
        throw refused("The file can be cut into records in two ways: " + rows + " or " + copied);
      }
    } catch (SQLException e) {
      throw ParquetFile.refused(e);
    }
  }

  /** Times are read as text: DuckDB would leave their offset out. */
  private static String readType(IngestedTable.Entry column) {
    return column.type() == ColumnType.TIMESTAMP ? "VARCHAR" : IngestedTable.sqlType(column);
  }

  private static String selected(IngestedTable.Entry column, CsvColumn seen, String stored) {
    if (column.type() == ColumnType.TIMESTAMP) {
      return ParquetFile.timestamp(stored) + " AS " + stored;
    }
    return column.type() == ColumnType.NUMBER && seen.count(CsvCell.Kind.NAN) > 0
        ? "CASE WHEN isnan(" + stored + ") THEN NULL ELSE " + stored + " END AS " + stored
        : stored;
  }
}
