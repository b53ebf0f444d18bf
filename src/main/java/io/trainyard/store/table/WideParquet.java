package io.trainyard.store.table;

import io.trainyard.dataset.ColumnType;
import io.trainyard.store.duckdb.DuckDb;
import io.trainyard.store.duckdb.IngestedTable;
import io.trainyard.store.file.FullDisk;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.zip.CRC32;
import java.util.zip.Deflater;

/**
 * Writes a Parquet file with many columns and no tensors. DuckDB's writer keeps buffers of 2048
 * rows and more for each column, and takes a time that grows with the square of the number of
 * columns. This writer keeps the bytes of one row group. See the <a
 * href="https://github.com/apache/parquet-format">format</a>: pages of version 1, encoding PLAIN.
 */
public final class WideParquet implements AutoCloseable {
  /** Tables with more columns are wide. */
  private static final int WIDE = 1000;

  /** The bytes of all columns after which a row group ends. */
  static final int GROUP_BYTES = 32 << 20;

  /** Shorter pages are not compressed. */
  private static final int COMPRESSED_FROM = 256;

  private static final byte[] GZIP_HEADER = {0x1F, (byte) 0x8B, 8, 0, 0, 0, 0, 0, 0, 0};

  /** A checksum and the length, 4 bytes each. */
  private static final int GZIP_TRAILER = 8;

  private static final byte[] MAGIC = "PAR1".getBytes(StandardCharsets.US_ASCII);

  // The numbers that the format gives to codecs, encodings, kinds of pages and types.
  private static final int UNCOMPRESSED = 0;
  private static final int GZIP = 2;
  private static final int PLAIN = 0;
  private static final int RLE = 3;
  private static final int DATA_PAGE = 0;
  private static final int OPTIONAL = 1;
  private static final int UTF8 = 0;
  private static final int TIMESTAMP_MICROS = 10;

  private final DuckDb duck;
  private final ColumnChunk[] columns;
  private final OutputStream out;
  private final List<Group> groups = new ArrayList<>();
  private final ThriftCompact thrift = new ThriftCompact();
  private final Deflater deflater = new Deflater(Deflater.BEST_SPEED, true);
  private long written;
  private long rows;

  /** A row group: of each column, where its page begins, and its length before compression. */
  @SuppressWarnings("ArrayRecordComponent")
  private record Group(int rows, long end, long[] offsets, int[] lengths, byte[] codecs) {
    long bytes(int column) {
      return (column + 1 < offsets.length ? offsets[column + 1] : end) - offsets[column];
    }
  }

  public WideParquet(DuckDb duck, List<IngestedTable.Entry> columns, Path file) {
    this.duck = duck;
    this.columns =
        columns.stream().map(column -> new ColumnChunk(column.type())).toArray(ColumnChunk[]::new);
    try {
      out = new BufferedOutputStream(Files.newOutputStream(file), 1 << 20);
      write(MAGIC);
    } catch (IOException e) {
      throw failed(e);
    }
  }

  /** Whether a table with these columns is written here, and not by DuckDB. */
  public static boolean suits(List<IngestedTable.Entry> columns) {
    return columns.size() > WIDE
        && columns.stream().noneMatch(column -> column.type() == ColumnType.TENSOR);
  }

  private static RuntimeException failed(IOException e) {
    FullDisk.throwIfFull("the rows", e);
    return new UncheckedIOException(e);
  }

  public ColumnChunk column(int index) {
    return columns[index];
  }

  /** Completes rows, for which every column has got a value or a missing one. */
  public void endRows(int count) {
    rows += count;
    if (bytes() >= GROUP_BYTES) {
      endGroup();
    }
  }

  private long bytes() {
    long bytes = 0;
    for (ColumnChunk column : columns) {
      bytes += column.bytes();
    }
    return bytes;
  }

  /** Writes the rows so far. */
  void endGroup() {
    duck.requireSpace(bytes());
    Group group =
        new Group(
            columns[0].rows(),
            0,
            new long[columns.length],
            new int[columns.length],
            new byte[columns.length]);
    try {
      for (int i = 0; i < columns.length; i++) {
        group.offsets[i] = written;
        writePage(columns[i], group, i);
        columns[i].clear(2 * GROUP_BYTES / columns.length);
      }
    } catch (IOException e) {
      throw failed(e);
    }
    groups.add(new Group(group.rows, written, group.offsets, group.lengths, group.codecs));
  }

  private void writePage(ColumnChunk column, Group group, int index) throws IOException {
    byte[] page = column.page();
    byte[] stored = page.length < COMPRESSED_FROM ? page : compressed(page);
    boolean smaller = stored.length < page.length;
    thrift.beginStruct();
    thrift.intField(1, DATA_PAGE);
    thrift.intField(2, page.length);
    thrift.intField(3, smaller ? stored.length : page.length);
    thrift.beginStructField(5);
    thrift.intField(1, column.rows());
    thrift.intField(2, PLAIN);
    thrift.intField(3, RLE);
    thrift.intField(4, RLE);
    thrift.endStruct();
    thrift.endStruct();
    byte[] header = thrift.take();
    group.lengths[index] = header.length + page.length;
    group.codecs[index] = (byte) (smaller ? GZIP : UNCOMPRESSED);
    write(header);
    write(smaller ? stored : page);
  }

  /** The page as a gzip stream, or the page itself if that is not longer. */
  private byte[] compressed(byte[] page) {
    ByteBuffer gzip = ByteBuffer.allocate(page.length).order(ByteOrder.LITTLE_ENDIAN);
    gzip.put(GZIP_HEADER);
    deflater.reset();
    deflater.setInput(page);
    deflater.finish();
    deflater.deflate(gzip.slice(gzip.position(), gzip.remaining() - GZIP_TRAILER));
    if (!deflater.finished()) {
      return page;
    }
    CRC32 checksum = new CRC32();
    checksum.update(page);
    gzip.position(gzip.position() + Math.toIntExact(deflater.getBytesWritten()));
    gzip.putInt((int) checksum.getValue()).putInt(page.length);
    return Arrays.copyOf(gzip.array(), gzip.position());
  }

  private void write(byte[] bytes) throws IOException {
    out.write(bytes);
    written += bytes.length;
  }

  /** Completes the file; gives its number of rows. */
  public long finish() {
    if (columns[0].rows() > 0) {
      endGroup();
    }
    try {
      long before = written;
      writeFooter();
      int length = Math.toIntExact(written - before);
      write(ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN).putInt(length).array());
      write(MAGIC);
      out.close();
      return rows;
    } catch (IOException e) {
      throw failed(e);
    }
  }

  private void writeFooter() throws IOException {
    thrift.beginStruct();
    thrift.intField(1, 1);
    thrift.listField(2, ThriftCompact.STRUCT, columns.length + 1);
    thrift.beginStruct();
    thrift.textField(4, "rows");
    thrift.intField(5, columns.length);
    thrift.endStruct();
    for (int i = 0; i < columns.length; i++) {
      describe(i);
    }
    thrift.longField(3, rows);
    thrift.listField(4, ThriftCompact.STRUCT, groups.size());
    for (Group group : groups) {
      describe(group);
      write(thrift.take());
    }
    thrift.endStruct();
    write(thrift.take());
  }

  private void describe(int index) {
    ColumnType type = columns[index].type();
    thrift.beginStruct();
    thrift.intField(1, physical(type));
    thrift.intField(3, OPTIONAL);
    thrift.textField(4, IngestedTable.storedName(index));
    if (type == ColumnType.STRING) {
      thrift.intField(6, UTF8);
    } else if (type == ColumnType.TIMESTAMP) {
      thrift.intField(6, TIMESTAMP_MICROS);
    }
    thrift.endStruct();
  }

  private void describe(Group group) {
    thrift.beginStruct();
    thrift.listField(1, ThriftCompact.STRUCT, columns.length);
    long total = 0;
    for (int i = 0; i < columns.length; i++) {
      total += group.lengths[i];
      thrift.beginStruct();
      thrift.longField(2, group.offsets[i]);
      thrift.beginStructField(3);
      thrift.intField(1, physical(columns[i].type()));
      thrift.listField(2, ThriftCompact.INT, 2);
      thrift.intElement(PLAIN);
      thrift.intElement(RLE);
      thrift.listField(3, ThriftCompact.TEXT, 1);
      thrift.text(IngestedTable.storedName(i));
      thrift.intField(4, group.codecs[i]);
      thrift.longField(5, group.rows);
      thrift.longField(6, group.lengths[i]);
      thrift.longField(7, group.bytes(i));
      thrift.longField(9, group.offsets[i]);
      thrift.endStruct();
      thrift.endStruct();
    }
    thrift.longField(2, total);
    thrift.longField(3, group.rows);
    thrift.endStruct();
  }

  /** The number of a type in the format: boolean, 64-bit integer, double, bytes. */
  private static int physical(ColumnType type) {
    return switch (type) {
      case BOOLEAN -> 0;
      case INTEGER, TIMESTAMP -> 2;
      case NUMBER -> 5;
      case STRING -> 6;
      case TENSOR -> throw new IllegalArgumentException("tensors are not written by row");
    };
  }

  /** Closes the file; without {@link #finish} it is incomplete. */
  @Override
  public void close() {
    deflater.end();
    try {
      out.close();
    } catch (IOException e) {
      throw failed(e);
    }
  }
}
