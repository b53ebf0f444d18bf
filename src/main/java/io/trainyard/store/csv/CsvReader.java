package io.trainyard.store.csv;

import io.trainyard.store.duckdb.RunningTask;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Splits a CSV file into records and cells by RFC 4180, and says on which line a record starts and
 * what is wrong with it. A quote is special only at the start of a cell; blank lines are no
 * records.
 *
 * <p>Why not DuckDB's reader, or a library: this one parses an upload while its bytes arrive,
 * checks UTF-8, names the line of every fault and can skip faulty records. {@code src/bench/run
 * csv} compares a whole upload with DuckDB alone, reading the same file with all cores: at most 1.5
 * times as long is the goal.
 */
final class CsvReader {
  /** In a longer record, a closing quote is probably missing. */
  static final int MAX_RECORD = 16 << 20;

  private static final int BUFFER = 1 << 20;
  private static final byte[] BYTE_ORDER_MARK = {(byte) 0xEF, (byte) 0xBB, (byte) 0xBF};
  private static final String TOO_LONG = "The record is longer than " + (MAX_RECORD >> 20) + " MiB";

  private enum State {
    CELL_START,
    PLAIN,
    QUOTED,
    QUOTE_IN_QUOTED,
    AFTER_RETURN
  }

  private final byte delimiter;
  private final CsvVisitor visitor;
  private final CsvCell cell = new CsvCell();
  private State state = State.CELL_START;
  private long line = 1;
  private long recordLine = 1;
  private long recordFrom;
  private long quoteLine;
  private int column;
  private boolean recordHasBytes;
  private @Nullable String fault;
  private boolean running = true;
  private long offset;
  private final Utf8Validator utf8 = new Utf8Validator();

  CsvReader(byte delimiter, CsvVisitor visitor) {
    this.delimiter = delimiter;
    this.visitor = visitor;
  }

  /** Reads a whole file. */
  void read(Path file) throws IOException {
    try (InputStream in = Files.newInputStream(file)) {
      byte[] buffer = new byte[BUFFER];
      for (int count = in.read(buffer); count >= 0 && running; count = in.read(buffer)) {
        RunningTask.checkCancelled();
        accept(buffer, count);
      }
      finish();
    }
  }

  /** Reads the next bytes. */
  void accept(byte[] buffer, int count) {
    int i = 0;
    int mark = BYTE_ORDER_MARK.length;
    if (offset == 0 && count >= mark && Arrays.equals(buffer, 0, mark, BYTE_ORDER_MARK, 0, mark)) {
      i = mark;
      recordFrom = mark;
    }
    while (i < count && running) {
      if (state == State.CELL_START) {
        int end = visitor.number(column, buffer, i, count);
        if (end > i) {
          endNumber(buffer[end], offset + end);
          i = end + 1;
          continue;
        }
      }
      int run = run(buffer, i, count);
      if (run > i) {
        addRun(buffer, i, run);
        i = run;
      } else {
        next(buffer[i], offset + i);
        i++;
      }
    }
    offset += count;
  }

  /** Ends the file. */
  void finish() {
    if (running) {
      end(offset);
    }
  }

  /** The end of a run of ordinary bytes, which most of a file consists of. */
  private int run(byte[] buffer, int from, int count) {
    int i = from;
    if (utf8.isIncomplete() || state == State.AFTER_RETURN || state == State.QUOTE_IN_QUOTED) {
      return from;
    }
    if (state == State.QUOTED) {
      while (i < count && buffer[i] > 0 && buffer[i] != '"' && buffer[i] != '\n') {
        i++;
      }
      return i;
    }
    if (state == State.CELL_START && buffer[i] == '"') {
      return from;
    }
    while (i < count
        && buffer[i] > 0
        && buffer[i] != delimiter
        && buffer[i] != '\n'
        && buffer[i] != '\r') {
      i++;
    }
    return i;
  }

  private void endNumber(byte next, long offset) {
    recordHasBytes = true;
    column++;
    if (next != delimiter) {
      endLine(next, offset);
    }
  }

  private void addRun(byte[] buffer, int from, int to) {
    if (state == State.CELL_START) {
      state = State.PLAIN;
    }
    recordHasBytes = true;
    if (offset + to - recordFrom > MAX_RECORD) {
      fault(TOO_LONG);
    } else {
      cell.add(buffer, from, to);
    }
  }

  private void next(byte b, long offset) {
    if (b <= 0) {
      checkUnusual(b);
    } else if (utf8.isIncomplete() && !utf8.accept(b)) {
      fault("The bytes are not UTF-8");
    }
    switch (state) {
      case CELL_START -> {
        if (b == '"') {
          quoteLine = line;
          recordHasBytes = true;
          state = State.QUOTED;
        } else {
          state = State.PLAIN;
          plain(b, offset);
        }
      }
      case PLAIN -> plain(b, offset);
      case QUOTED -> {
        if (b == '"') {
          state = State.QUOTE_IN_QUOTED;
        } else {
          if (b == '\n') {
            line++;
          }
          add(b, offset);
        }
      }
      case QUOTE_IN_QUOTED -> {
        if (b == '"') {
          state = State.QUOTED;
          add(b, offset);
        } else {
          if (b != delimiter && b != '\n' && b != '\r') {
            fault("Text follows a closing quote; a quote inside a quoted value is written twice");
          }
          state = State.PLAIN;
          plain(b, offset);
        }
      }
      case AFTER_RETURN -> {
        state = State.CELL_START;
        if (b == '\n') {
          recordFrom = offset + 1;
        } else {
          next(b, offset);
        }
      }
    }
  }

  private void plain(byte b, long offset) {
    if (b == delimiter) {
      endCell();
      recordHasBytes = true;
      state = State.CELL_START;
    } else if (b == '\n' || b == '\r') {
      if (recordHasBytes) {
        endCell();
      }
      endLine(b, offset);
    } else {
      recordHasBytes = true;
      add(b, offset);
    }
  }

  private void endLine(byte b, long offset) {
    endRecord(offset);
    line++;
    recordLine = line;
    recordFrom = offset + 1;
    state = b == '\r' ? State.AFTER_RETURN : State.CELL_START;
  }

  private void add(byte b, long offset) {
    if (offset - recordFrom > MAX_RECORD) {
      fault(TOO_LONG);
      return;
    }
    cell.add(b);
  }

  private void checkUnusual(byte b) {
    if (b == 0) {
      fault("U+0000 is not allowed; is the file UTF-16?");
    }
    if (!utf8.accept(b)) {
      fault("The bytes are not UTF-8");
    }
  }

  private void fault(String what) {
    if (fault == null) {
      fault = what;
    }
  }

  private void endCell() {
    if (utf8.isIncomplete()) {
      fault("The bytes are not UTF-8");
      utf8.reset();
    }
    visitor.cell(column, cell);
    cell.clear();
    column++;
  }

  private void endRecord(long offset) {
    if (!recordHasBytes) {
      return;
    }
    if (offset - recordFrom > MAX_RECORD) {
      fault(TOO_LONG);
    }
    running = visitor.record(new CsvRecord(recordLine, column, fault));
    column = 0;
    fault = null;
    recordHasBytes = false;
  }

  private void end(long offset) {
    if (state == State.QUOTED) {
      fault = "The quote opened on line " + quoteLine + " is never closed";
    }
    if (recordHasBytes) {
      endCell();
      endRecord(offset);
    }
  }
}
