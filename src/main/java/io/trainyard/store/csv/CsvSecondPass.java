package io.trainyard.store.csv;

import io.trainyard.json.DecimalNumber;
import io.trainyard.store.duckdb.IngestedTable;
import io.trainyard.store.table.Rejects;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The second pass over a CSV file, after the first has decided the types. It writes the valid
 * records and rejects the others.
 */
final class CsvSecondPass implements CsvVisitor {
  private final List<CsvColumn> columns;
  private final List<IngestedTable.Entry> entries;
  private final CellClassifier kinds;
  private final Rejects rejects;
  private final CsvRowWriter table;
  private final DecimalNumber number = new DecimalNumber();
  private @Nullable String misfitColumn;
  private @Nullable String misfit;
  private boolean inHeader;
  private long rows;

  CsvSecondPass(CsvScan scan, CellClassifier kinds, Rejects rejects, CsvRowWriter table) {
    this.columns = scan.columns();
    this.entries = scan.entries();
    this.inHeader = scan.hasHeader();
    this.kinds = kinds;
    this.rejects = rejects;
    this.table = table;
  }

  /** Reads the file; gives the number of rows written. */
  long read(Path source) throws IOException {
    new CsvReader(kinds.delimiter(), this).read(source);
    long written = table.finish();
    if (written != rows) {
      throw new IllegalStateException(rows + " rows were read, " + written + " written");
    }
    return rows;
  }

  @Override
  public int number(int column, byte[] buffer, int from, int to) {
    if (inHeader
        || column >= entries.size()
        || to - from < DecimalNumber.MAX_LENGTH
        || !kinds.allowsNumbers()
        || !table.isNumeric(column)) {
      return -1;
    }
    int end = number.read(buffer, from);
    return end > 0 && kinds.endsCell(buffer[end]) && table.put(column, number) ? end : -1;
  }

  @Override
  public void cell(int column, CsvCell cell) {
    if (inHeader || column >= entries.size()) {
      return;
    }
    CsvCell.Kind kind = kinds.of(cell);
    if (CsvColumn.fits(table.type(column), kind)) {
      table.put(column, cell, kind);
    } else if (misfit == null) {
      misfitColumn = entries.get(column).name();
      misfit = columns.get(column).misfit(table.type(column), cell.text());
    }
  }

  @Override
  public boolean record(CsvRecord record) {
    boolean more = true;
    if (!inHeader) {
      String fault = record.faultFor(entries.size());
      if (fault != null) {
        rejects.add(record.line(), null, fault);
      } else if (misfit != null) {
        rejects.add(record.line(), misfitColumn, misfit);
      } else {
        rows++;
        more = table.endRow();
      }
    }
    inHeader = false;
    misfit = null;
    return more;
  }
}
