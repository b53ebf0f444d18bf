package io.trainyard.store.ingest;

import io.trainyard.dataset.ColumnType;
import io.trainyard.dataset.DatasetContent.Reject;
import io.trainyard.dataset.IngestOptions;
import io.trainyard.error.ErrorCode;
import io.trainyard.error.ServiceException;
import io.trainyard.error.Violation;
import io.trainyard.json.JsonObject;
import io.trainyard.store.duckdb.DuckDb;
import io.trainyard.store.duckdb.IngestedTable;
import io.trainyard.store.table.BatchColumn;
import io.trainyard.store.table.ColumnChunk;
import io.trainyard.store.table.ColumnNames;
import io.trainyard.store.table.ParquetStream;
import io.trainyard.store.table.Rejects;
import io.trainyard.store.table.RowBatch;
import io.trainyard.store.table.TensorChunk;
import io.trainyard.store.table.WideParquet;
import io.trainyard.tensor.Shape;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** Converts JSON rows to Parquet in two passes: the first finds the columns, the second writes. */
final class JsonIngestion {
  private final Path source;
  private final boolean lines;
  private final IngestOptions options;
  private final Rejects rejects;
  private final Map<String, JsonColumn> columns = new LinkedHashMap<>();
  private final BitSet skipped = new BitSet();
  private long rows;

  JsonIngestion(Path source, boolean lines, IngestOptions options, Rejects rejects) {
    this.source = source;
    this.lines = lines;
    this.options = options;
    this.rejects = rejects;
  }

  IngestedTable ingest(DuckDb duck, Path parquet) throws IOException {
    read(this::scan);
    rejects.throwIfRefused();
    if (rows == 0) {
      throw ServiceException.invalidRows("There are no rows");
    }
    ColumnNames.check(List.copyOf(columns.keySet()));
    List<IngestedTable.Entry> entries = new ArrayList<>();
    columns.forEach(
        (name, column) ->
            entries.add(
                new IngestedTable.Entry(name, column.type(), column.shape(), column.isWhole())));
    if (WideParquet.hasTensors(entries)) {
      try (WideParquet table = new WideParquet(duck, entries, parquet)) {
        read((index, line, row, fault) -> write(index, row, entries, table));
        return table.finish(rejects.count());
      }
    }
    try (ParquetStream table = new ParquetStream(duck, entries, parquet, null)) {
      read((index, line, row, fault) -> write(index, row, entries, table));
      return new IngestedTable(entries, table.finish(), rejects.count());
    }
  }

  private void read(JsonRows.Visitor visitor) throws IOException {
    if (lines) {
      JsonRows.readLines(source, visitor);
    } else {
      JsonRows.readArray(source, visitor);
    }
  }

  private void scan(long index, long line, @Nullable JsonNode row, @Nullable String fault) {
    if (index >= Integer.MAX_VALUE) {
      throw new ServiceException(
          ErrorCode.INVALID_ROWS, "A JSON file takes at most 2147483647 rows");
    }
    if (row == null || !row.isObject()) {
      String reason =
          fault != null ? fault : "An object was expected, got " + JsonObject.describe(row);
      reject(index, line, null, reason);
      return;
    }
    boolean valid = true;
    // A rejected row adds no columns.
    Map<String, JsonColumn> added = new LinkedHashMap<>();
    for (var member : row.properties()) {
      String name = member.getKey();
      String problem = zeroFault(name, member.getValue());
      if (problem == null) {
        JsonColumn column = columns.get(name);
        if (column == null) {
          ColumnNames.checkCount(columns.size() + added.size() + 1);
          column = new JsonColumn(options.types().get(name));
          added.put(name, column);
        }
        problem = isMissing(member.getValue()) ? null : column.add(member.getValue());
      }
      if (problem != null) {
        reject(index, line, name, problem);
        valid = false;
        break;
      }
    }
    if (valid) {
      columns.putAll(added);
      rows++;
    }
  }

  private boolean isMissing(JsonNode member) {
    return member.isNull()
        || (member.isString() && options.nullValues().contains(member.stringValue()));
  }

  private static @Nullable String zeroFault(String name, JsonNode member) {
    boolean zero =
        name.indexOf('\0') >= 0 || (member.isString() && member.stringValue().indexOf('\0') >= 0);
    return zero ? "U+0000 is not allowed" : null;
  }

  private void reject(long index, long line, @Nullable String column, String reason) {
    skipped.set((int) index);
    String pointer = Violation.pointer("", (int) index);
    rejects.add(
        lines ? "" : column == null ? pointer : Violation.pointer(pointer, column),
        "Line " + line,
        reason.split(", got ", 2)[0],
        new Reject(line, column, reason));
  }

  private void write(
      long index, @Nullable JsonNode row, List<IngestedTable.Entry> entries, ParquetStream table) {
    if (row == null || skipped.get((int) index)) {
      return;
    }
    RowBatch batch = table.batch();
    for (int i = 0; i < entries.size(); i++) {
      JsonNode member = row.get(entries.get(i).name());
      if (member == null || isMissing(member)) {
        batch.column(i).setMissing(batch.rows());
      } else {
        write(member, i, batch);
      }
    }
    if (!table.endRow()) {
      table.finish(); // says why the file takes no more rows
    }
  }

  private void write(
      long index, @Nullable JsonNode row, List<IngestedTable.Entry> entries, WideParquet table) {
    if (row == null || skipped.get((int) index)) {
      return;
    }
    for (int i = 0; i < entries.size(); i++) {
      JsonNode member = row.get(entries.get(i).name());
      if (member == null || isMissing(member)) {
        table.addMissing(i);
      } else if (entries.get(i).type() == ColumnType.TENSOR) {
        write(member, entries.get(i), table.tensor(i));
      } else {
        write(member, entries.get(i), table.column(i));
      }
    }
    table.endRows(1);
  }

  private static void write(JsonNode member, IngestedTable.Entry entry, TensorChunk column) {
    if (entry.whole()) {
      column.add(wholes(member, entry.shape()), 0);
    } else {
      column.add(numbers(member, entry.shape()), 0);
    }
  }

  private static void write(JsonNode member, IngestedTable.Entry entry, ColumnChunk column) {
    switch (entry.type()) {
      case INTEGER -> column.addLong(member.longValue());
      case NUMBER -> column.addDouble(member.doubleValue());
      case BOOLEAN -> column.addBoolean(member.booleanValue());
      case STRING, TIMESTAMP ->
          column.addText(member.stringValue().getBytes(StandardCharsets.UTF_8));
      case TENSOR -> throw new IllegalArgumentException("tensors are not written by row");
    }
  }

  private static void write(JsonNode member, int index, RowBatch batch) {
    int row = batch.rows();
    switch (batch.column(index)) {
      case BatchColumn.Integers wholes -> wholes.set(row, member.longValue());
      case BatchColumn.Numbers numbers -> numbers.set(row, member.doubleValue());
      case BatchColumn.Booleans truths -> truths.set(row, member.booleanValue());
      case BatchColumn.Texts texts -> {
        byte[] utf8 = member.stringValue().getBytes(StandardCharsets.UTF_8);
        texts.set(row, utf8);
        batch.addTextBytes(utf8.length);
      }
    }
  }

  private static double[] numbers(JsonNode member, @Nullable Shape shape) {
    double[] elements = new double[elements(shape)];
    walk(member, 0, (at, leaf) -> elements[at] = leaf.doubleValue());
    return elements;
  }

  private static long[] wholes(JsonNode member, @Nullable Shape shape) {
    long[] elements = new long[elements(shape)];
    walk(member, 0, (at, leaf) -> elements[at] = leaf.longValue());
    return elements;
  }

  private static int elements(@Nullable Shape shape) {
    return shape == null ? 1 : Math.toIntExact(shape.elements());
  }

  private interface Leaf {
    void accept(int at, JsonNode leaf);
  }

  private static int walk(JsonNode node, int at, Leaf leaf) {
    if (!node.isArray()) {
      leaf.accept(at, node);
      return at + 1;
    }
    int next = at;
    for (JsonNode child : node) {
      next = walk(child, next, leaf);
    }
    return next;
  }
}
