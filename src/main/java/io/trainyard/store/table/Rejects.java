package io.trainyard.store.table;

import io.trainyard.dataset.DatasetContent.Reject;
import io.trainyard.dataset.IngestOptions.OnError;
import io.trainyard.error.ErrorCode;
import io.trainyard.error.Violations;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;

/** Invalid rows: either they refuse the upload, or they are skipped and listed in a file. */
public final class Rejects implements AutoCloseable {
  private static final JsonMapper MAPPER = new JsonMapper();

  private final OnError onError;
  private final Path file;
  private final Violations violations = new Violations();
  private @Nullable BufferedWriter writer;
  private long count;

  public Rejects(OnError onError, Path file) {
    this.onError = onError;
    this.file = file;
  }

  public boolean skips() {
    return onError == OnError.SKIP;
  }

  public void add(long line, @Nullable String column, String reason) {
    add("", "Line " + line, "", new Reject(line, column, reason));
  }

  /**
   * Adds a row with a pointer or another place than its line.
   *
   * @param fault of a cell: its kind, as a column may have several
   */
  public void add(String pointer, String place, String fault, Reject reject) {
    count++;
    if (!skips()) {
      String where = reject.column() == null ? "" : ", column '" + reject.column() + "'";
      String detail = place + where + ": " + reject.reason();
      if (reject.column() == null) {
        violations.add(pointer, detail);
      } else {
        violations.addCell(
            "", reject.column(), fault, pointer, pointer.isEmpty() ? place : pointer, detail);
      }
      return;
    }
    try {
      if (writer == null) {
        writer = Files.newBufferedWriter(file);
      }
      var json = MAPPER.createObjectNode().put("line", reject.line());
      json.put("column", reject.column()).put("reason", reject.reason());
      writer.write(json.toString());
      writer.write('\n');
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  public long count() {
    return count;
  }

  public void throwIfRefused() {
    violations.throwIfAny(ErrorCode.INVALID_ROWS);
  }

  public static List<Reject> read(Path file, long offset, int limit) throws IOException {
    if (!Files.exists(file)) {
      return List.of();
    }
    try (var lines = Files.lines(file)) {
      return lines
          .skip(offset)
          .limit(limit)
          .map(
              line -> {
                var json = MAPPER.readTree(line);
                var column = json.path("column");
                return new Reject(
                    json.path("line").asLong(),
                    column.isString() ? column.stringValue() : null,
                    json.path("reason").asString());
              })
          .toList();
    }
  }

  @Override
  public void close() {
    try {
      if (writer != null) {
        writer.close();
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
