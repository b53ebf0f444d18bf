package io.trainyard.store.table;

import io.trainyard.dataset.ColumnType;
import io.trainyard.store.duckdb.IngestedTable;
import java.io.IOException;
import java.util.List;

/** Writes the footer of a Parquet file: its columns, and where the pages of each row group are. */
final class ParquetFooter {
  private static final String LIST_NAME = "list";
  private static final String ELEMENT_NAME = "element";

  // The numbers that the format gives to repetitions and kinds of types.
  private static final int REQUIRED = 0;
  private static final int OPTIONAL = 1;
  private static final int REPEATED = 2;
  private static final int UTF8 = 0;
  private static final int LIST = 3;
  private static final int TIMESTAMP_MICROS = 10;

  private final List<IngestedTable.Entry> entries;
  private final ThriftCompact thrift = new ThriftCompact();

  ParquetFooter(List<IngestedTable.Entry> entries) {
    this.entries = List.copyOf(entries);
  }

  /** Where the bytes go. */
  interface Output {
    void write(byte[] bytes) throws IOException;
  }

  /**
   * A row group: of each column, where its pages begin, where its data does, their length before
   * compression, and its values.
   */
  @SuppressWarnings("ArrayRecordComponent")
  record Group(
      int rows,
      long end,
      long[] offsets,
      long[] data,
      long[] lengths,
      byte[] codecs,
      long[] levels) {
    long bytes(int column) {
      return (column + 1 < offsets.length ? offsets[column + 1] : end) - offsets[column];
    }
  }

  /** Writes the footer, row group by row group. */
  void write(List<Group> groups, long rows, Output out) throws IOException {
    thrift.beginStruct();
    thrift.intField(1, 1);
    thrift.listField(2, ThriftCompact.STRUCT, entries.size() + 1 + 2 * tensorColumns());
    thrift.beginStruct();
    thrift.textField(4, "rows");
    thrift.intField(5, entries.size());
    thrift.endStruct();
    for (int i = 0; i < entries.size(); i++) {
      describe(i);
    }
    thrift.longField(3, rows);
    thrift.listField(4, ThriftCompact.STRUCT, groups.size());
    for (Group group : groups) {
      describe(group);
      out.write(thrift.take());
    }
    thrift.endStruct();
    out.write(thrift.take());
  }

  private int tensorColumns() {
    return (int) entries.stream().filter(column -> column.type() == ColumnType.TENSOR).count();
  }

  private void describe(int index) {
    ColumnType type = entries.get(index).type();
    if (type == ColumnType.TENSOR) {
      describeList(index);
      return;
    }
    thrift.beginStruct();
    thrift.intField(1, physical(entries.get(index)));
    thrift.intField(3, OPTIONAL);
    thrift.textField(4, IngestedTable.storedName(index));
    if (type == ColumnType.STRING) {
      thrift.intField(6, UTF8);
    } else if (type == ColumnType.TIMESTAMP) {
      thrift.intField(6, TIMESTAMP_MICROS);
    }
    thrift.endStruct();
  }

  /** An optional group of a repeated group of required elements. */
  private void describeList(int index) {
    thrift.beginStruct();
    thrift.intField(3, OPTIONAL);
    thrift.textField(4, IngestedTable.storedName(index));
    thrift.intField(5, 1);
    thrift.intField(6, LIST);
    thrift.endStruct();
    thrift.beginStruct();
    thrift.intField(3, REPEATED);
    thrift.textField(4, LIST_NAME);
    thrift.intField(5, 1);
    thrift.endStruct();
    thrift.beginStruct();
    thrift.intField(1, physical(entries.get(index)));
    thrift.intField(3, REQUIRED);
    thrift.textField(4, ELEMENT_NAME);
    thrift.endStruct();
  }

  private void describe(Group group) {
    thrift.beginStruct();
    thrift.listField(1, ThriftCompact.STRUCT, entries.size());
    long total = 0;
    for (int i = 0; i < entries.size(); i++) {
      total += group.lengths[i];
      thrift.beginStruct();
      thrift.longField(2, group.offsets[i]);
      thrift.beginStructField(3);
      boolean tensor = entries.get(i).type() == ColumnType.TENSOR;
      boolean dictionary = group.data[i] > group.offsets[i];
      thrift.intField(1, physical(entries.get(i)));
      thrift.listField(2, ThriftCompact.INT, dictionary ? 3 : 2);
      thrift.intElement(WideParquet.PLAIN);
      thrift.intElement(WideParquet.RLE);
      if (dictionary) {
        thrift.intElement(WideParquet.DICTIONARY);
      }
      thrift.listField(3, ThriftCompact.TEXT, tensor ? 3 : 1);
      thrift.text(IngestedTable.storedName(i));
      if (tensor) {
        thrift.text(LIST_NAME);
        thrift.text(ELEMENT_NAME);
      }
      thrift.intField(4, group.codecs[i]);
      thrift.longField(5, group.levels[i]);
      thrift.longField(6, group.lengths[i]);
      thrift.longField(7, group.bytes(i));
      thrift.longField(9, group.data[i]);
      if (dictionary) {
        thrift.longField(11, group.offsets[i]);
      }
      thrift.endStruct();
      thrift.endStruct();
    }
    thrift.longField(2, total);
    thrift.longField(3, group.rows);
    thrift.endStruct();
  }

  /** The number of a type in the format: boolean, 64-bit integer, double, bytes. */
  private static int physical(IngestedTable.Entry column) {
    return switch (column.type()) {
      case BOOLEAN -> 0;
      case INTEGER, TIMESTAMP -> 2;
      case NUMBER -> 5;
      case STRING -> 6;
      case TENSOR -> column.whole() ? 2 : 5;
    };
  }
}
