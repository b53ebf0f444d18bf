package io.trainyard.store.table;

import io.trainyard.dataset.ColumnProfile;
import io.trainyard.dataset.ColumnType;
import io.trainyard.store.duckdb.DuckDb;
import io.trainyard.store.duckdb.IngestedTable;
import io.trainyard.store.duckdb.ParquetFile;
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
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.zip.CRC32;
import java.util.zip.Deflater;
import org.jspecify.annotations.Nullable;

/**
 * Writes a Parquet file of wide rows: many columns, or tensors. DuckDB's writer keeps buffers of
 * 2048 rows and more for each column, takes a time that grows with the square of the number of
 * columns, and 0.2 µs for each element of a tensor. This writer keeps the bytes of one row group.
 * See the <a href="https://github.com/apache/parquet-format">format</a>: pages of version 1,
 * encoding PLAIN.
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
  static final int PLAIN = 0;
  static final int RLE = 3;
  static final int DICTIONARY = 8;
  private static final int DATA_PAGE = 0;
  private static final int DICTIONARY_PAGE = 2;

  private final DuckDb duck;
  private final List<IngestedTable.Entry> entries;
  private final ParquetFooter footer;
  private final @Nullable ColumnChunk[] columns;
  private final @Nullable TensorChunk[] tensors;
  private final long groupRows;
  private final OutputStream out;
  private final List<ParquetFooter.Group> groups = new ArrayList<>();
  private final ThriftCompact thrift = new ThriftCompact();
  private final Deflater deflater = new Deflater(Deflater.BEST_SPEED, true);
  private long written;
  private long rows;
  private int pending;

  public WideParquet(DuckDb duck, List<IngestedTable.Entry> columns, Path file) {
    this.duck = duck;
    this.entries = List.copyOf(columns);
    this.footer = new ParquetFooter(columns);
    this.columns = new @Nullable ColumnChunk[columns.size()];
    this.tensors = new @Nullable TensorChunk[columns.size()];
    for (int i = 0; i < columns.size(); i++) {
      IngestedTable.Entry column = columns.get(i);
      if (column.shape() == null) {
        this.columns[i] = new ColumnChunk(column.type());
      } else {
        this.tensors[i] =
            new TensorChunk(column.whole(), Math.toIntExact(column.shape().elements()));
      }
    }
    this.groupRows = hasTensors(columns) ? ParquetFile.groupRows(columns) : Long.MAX_VALUE;
    try {
      out = new BufferedOutputStream(Files.newOutputStream(file), 1 << 20);
      write(MAGIC);
    } catch (IOException e) {
      throw failed(e);
    }
  }

  /** Whether a table with these columns is written here, and not by DuckDB. */
  public static boolean suits(List<IngestedTable.Entry> columns) {
    return columns.size() > WIDE || hasTensors(columns);
  }

  /** Whether some columns hold tensors. */
  public static boolean hasTensors(List<IngestedTable.Entry> columns) {
    return columns.stream().anyMatch(column -> column.type() == ColumnType.TENSOR);
  }

  private static RuntimeException failed(IOException e) {
    FullDisk.throwIfFull("the rows", e);
    return new UncheckedIOException(e);
  }

  /** A column that holds no tensors. */
  public ColumnChunk column(int index) {
    return Objects.requireNonNull(columns[index]);
  }

  /** A column that holds tensors. */
  public TensorChunk tensor(int index) {
    return Objects.requireNonNull(tensors[index]);
  }

  /** Adds a missing value to a column of any type. */
  public void addMissing(int index) {
    TensorChunk tensor = tensors[index];
    if (tensor == null) {
      column(index).addMissing();
    } else {
      tensor.addMissing();
    }
  }

  /** Completes rows, for which every column has got a value or a missing one. */
  public void endRows(int count) {
    rows += count;
    pending += count;
    if (pending >= groupRows || bytes() >= GROUP_BYTES) {
      endGroup();
    }
  }

  private long bytes() {
    long bytes = 0;
    for (int i = 0; i < columns.length; i++) {
      TensorChunk tensor = tensors[i];
      bytes += tensor == null ? column(i).bytes() : tensor.bytes();
    }
    return bytes;
  }

  /** Writes the rows so far. */
  void endGroup() {
    duck.requireSpace(bytes());
    ParquetFooter.Group group =
        new ParquetFooter.Group(
            pending,
            0,
            new long[columns.length],
            new long[columns.length],
            new long[columns.length],
            new byte[columns.length],
            new long[columns.length]);
    try {
      for (int i = 0; i < columns.length; i++) {
        group.offsets()[i] = written;
        TensorChunk tensor = tensors[i];
        if (tensor == null) {
          writePage(column(i), group, i);
          column(i).clear(2 * GROUP_BYTES / columns.length);
        } else {
          writePages(tensor, group, i);
          tensor.clear(2 * GROUP_BYTES / columns.length);
        }
      }
    } catch (IOException e) {
      throw failed(e);
    }
    groups.add(
        new ParquetFooter.Group(
            group.rows(),
            written,
            group.offsets(),
            group.data(),
            group.lengths(),
            group.codecs(),
            group.levels()));
    pending = 0;
  }

  private void writePage(ColumnChunk column, ParquetFooter.Group group, int index)
      throws IOException {
    byte[] page = column.page();
    byte[] stored = page.length < COMPRESSED_FROM ? page : compressed(page);
    boolean smaller = stored.length < page.length;
    byte[] header =
        dataHeader(page.length, smaller ? stored.length : page.length, column.rows(), PLAIN);
    group.data()[index] = written;
    group.levels()[index] = column.rows();
    group.lengths()[index] = (long) header.length + page.length;
    group.codecs()[index] = (byte) (smaller ? GZIP : UNCOMPRESSED);
    write(header);
    write(smaller ? stored : page);
  }

  private byte[] dataHeader(int length, int stored, int levels, int encoding) {
    thrift.beginStruct();
    thrift.intField(1, DATA_PAGE);
    thrift.intField(2, length);
    thrift.intField(3, stored);
    thrift.beginStructField(5);
    thrift.intField(1, levels);
    thrift.intField(2, encoding);
    thrift.intField(3, RLE);
    thrift.intField(4, RLE);
    thrift.endStruct();
    thrift.endStruct();
    return thrift.take();
  }

  /** Tensors are not compressed: floats hardly shrink, and pixels are bytes here. */
  private void writePages(TensorChunk tensor, ParquetFooter.Group group, int index)
      throws IOException {
    long before = written;
    if (tensor.usesDictionary()) {
      byte[] dictionary = tensor.dictionary();
      thrift.beginStruct();
      thrift.intField(1, DICTIONARY_PAGE);
      thrift.intField(2, dictionary.length);
      thrift.intField(3, dictionary.length);
      thrift.beginStructField(7);
      thrift.intField(1, dictionary.length / Long.BYTES);
      thrift.intField(2, PLAIN);
      thrift.endStruct();
      thrift.endStruct();
      write(thrift.take());
      write(dictionary);
    }
    byte[] head = tensor.head();
    int length = Math.addExact(head.length, tensor.size() + tensor.padding());
    group.data()[index] = written;
    group.levels()[index] = tensor.levels();
    write(
        dataHeader(length, length, tensor.levels(), tensor.usesDictionary() ? DICTIONARY : PLAIN));
    write(head);
    out.write(tensor.data(), 0, tensor.size());
    out.write(new byte[tensor.padding()]);
    written += tensor.size() + tensor.padding();
    group.lengths()[index] = written - before;
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

  /** Completes the file. */
  public IngestedTable finish(long rejected) {
    return new IngestedTable(entries, finish(), rejected, List.of(), tensorProfiles());
  }

  /** Completes the file; gives its number of rows. */
  public long finish() {
    if (pending > 0) {
      endGroup();
    }
    try {
      long before = written;
      footer.write(groups, rows, this::write);
      int length = Math.toIntExact(written - before);
      write(ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN).putInt(length).array());
      write(MAGIC);
      out.close();
      return rows;
    } catch (IOException e) {
      throw failed(e);
    }
  }

  private Map<Integer, ColumnProfile> tensorProfiles() {
    Map<Integer, ColumnProfile> profiles = new LinkedHashMap<>();
    for (int i = 0; i < tensors.length; i++) {
      TensorChunk tensor = tensors[i];
      if (tensor != null) {
        profiles.put(i, tensor.profile());
      }
    }
    return profiles;
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
