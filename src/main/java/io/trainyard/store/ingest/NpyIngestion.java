package io.trainyard.store.ingest;

import io.trainyard.dataset.ColumnType;
import io.trainyard.error.ServiceException;
import io.trainyard.store.duckdb.DuckDb;
import io.trainyard.store.duckdb.IngestedTable;
import io.trainyard.store.duckdb.RunningTask;
import io.trainyard.store.table.ColumnChunk;
import io.trainyard.store.table.ColumnNames;
import io.trainyard.store.table.TensorChunk;
import io.trainyard.store.table.WideParquet;
import io.trainyard.tensor.ElementType;
import io.trainyard.tensor.FormatException;
import io.trainyard.tensor.HostTensor;
import io.trainyard.tensor.Npy;
import io.trainyard.tensor.NpyRows;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.ValueLayout;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;

/**
 * Converts NPY files to Parquet, one column for each file; the first axis is the rows. The files
 * are memory-mapped and read in blocks.
 */
final class NpyIngestion {
  private static final int BLOCK = 1 << 18;

  private final List<Named> files;

  /** A file and the column it becomes. */
  record Named(String column, Path file) {}

  NpyIngestion(List<Named> files) {
    this.files = List.copyOf(files);
  }

  IngestedTable ingest(DuckDb duck, Path parquet) throws IOException {
    ColumnNames.check(files.stream().map(Named::column).toList());
    try (Arena mapped = Arena.ofConfined()) {
      List<NpyRows> arrays = new ArrayList<>();
      List<IngestedTable.Entry> columns = new ArrayList<>();
      for (Named named : files) {
        NpyRows array = open(named, mapped);
        arrays.add(array);
        columns.add(column(named, array));
      }
      int rows = rows(arrays);
      try (WideParquet table = new WideParquet(duck, columns, parquet)) {
        int block = block(arrays);
        for (int from = 0; from < rows; from += block) {
          write(columns, arrays, from, Math.min(block, rows - from), table);
        }
        return table.finish(0);
      }
    }
  }

  private static NpyRows open(Named named, Arena mapped) throws IOException {
    try (FileChannel channel = FileChannel.open(named.file(), StandardOpenOption.READ)) {
      NpyRows array =
          Npy.open(channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size(), mapped));
      if (array.shape().rank() == 0 || array.shape().axis(0) == 0) {
        throw refused(named, "it has no rows; its shape is " + array.shape());
      }
      if (array.shape().row().elements() == 0) {
        throw refused(named, "its rows are empty; its shape is " + array.shape());
      }
      return array;
    } catch (FormatException e) {
      throw refused(named, String.valueOf(e.getMessage()));
    }
  }

  private int rows(List<NpyRows> arrays) {
    int rows = arrays.getFirst().shape().axis(0);
    for (int i = 1; i < arrays.size(); i++) {
      if (arrays.get(i).shape().axis(0) != rows) {
        throw refused(
            files.get(i),
            "it has "
                + arrays.get(i).shape().axis(0)
                + " rows, '"
                + files.getFirst().column()
                + "' has "
                + rows);
      }
    }
    return rows;
  }

  /** The number of rows that have about {@link #BLOCK} elements. */
  private static int block(List<NpyRows> arrays) {
    long width = arrays.stream().mapToLong(array -> array.shape().row().elements()).sum();
    return Math.clamp(BLOCK / width, 1, BLOCK);
  }

  private void write(
      List<IngestedTable.Entry> columns,
      List<NpyRows> arrays,
      int from,
      int count,
      WideParquet table) {
    RunningTask.checkCancelled();
    try (Arena arena = Arena.ofConfined()) {
      List<HostTensor> blocks = new ArrayList<>();
      for (int i = 0; i < arrays.size(); i++) {
        try {
          blocks.add(arrays.get(i).read(from, count, arena));
        } catch (FormatException e) {
          throw refused(files.get(i), String.valueOf(e.getMessage()));
        }
      }
      for (int i = 0; i < columns.size(); i++) {
        if (columns.get(i).shape() == null) {
          scalars(files.get(i), columns.get(i), blocks.get(i), from, table.column(i));
        } else {
          tensors(files.get(i), blocks.get(i), from, table.tensor(i));
        }
      }
      table.endRows(count);
    }
  }

  private static ServiceException refused(Named named, String why) {
    return ServiceException.invalidRows(
        "The NPY file '" + named.column() + "' cannot be read: " + why);
  }

  private static IngestedTable.Entry column(Named named, NpyRows tensor) {
    boolean whole = tensor.type() != ElementType.FLOAT32 && tensor.type() != ElementType.FLOAT64;
    if (tensor.shape().rank() > 1) {
      return new IngestedTable.Entry(
          named.column(), ColumnType.TENSOR, tensor.shape().row(), whole);
    }
    ColumnType type =
        tensor.type() == ElementType.BOOL
            ? ColumnType.BOOLEAN
            : whole ? ColumnType.INTEGER : ColumnType.NUMBER;
    return new IngestedTable.Entry(named.column(), type, null, type == ColumnType.INTEGER);
  }

  private static void scalars(
      Named named, IngestedTable.Entry column, HostTensor block, int first, ColumnChunk chunk) {
    int rows = block.shape().axis(0);
    for (int row = 0; row < rows; row++) {
      double element = block.doubleAt(row);
      if (column.type() == ColumnType.BOOLEAN) {
        chunk.addBoolean(element != 0);
      } else if (column.whole()) {
        chunk.addLong(whole(block, row));
      } else if (Double.isNaN(element)) {
        chunk.addMissing();
      } else {
        chunk.addDouble(finite(named, element, first + row));
      }
    }
  }

  private static void tensors(Named named, HostTensor block, int first, TensorChunk chunk) {
    int rows = block.shape().axis(0);
    int width = Math.toIntExact(block.shape().row().elements());
    int elements = Math.multiplyExact(rows, width);
    switch (block.type()) {
      case UINT8, BOOL -> {
        byte[] bytes = block.data().toArray(ValueLayout.JAVA_BYTE);
        for (int row = 0; row < rows; row++) {
          chunk.add(bytes, row * width);
        }
      }
      case INT8, INT16, INT32, INT64 -> {
        long[] longs = new long[elements];
        for (int i = 0; i < elements; i++) {
          longs[i] = whole(block, i);
        }
        for (int row = 0; row < rows; row++) {
          chunk.add(longs, row * width);
        }
      }
      case FLOAT32, FLOAT64 -> {
        double[] numbers = new double[elements];
        for (int i = 0; i < elements; i++) {
          numbers[i] = finite(named, block.doubleAt(i), first + i / width);
        }
        for (int row = 0; row < rows; row++) {
          chunk.add(numbers, row * width);
        }
      }
    }
  }

  private static long whole(HostTensor tensor, long index) {
    return tensor.type() == ElementType.INT64
        ? tensor.longAt(index)
        : (long) tensor.doubleAt(index);
  }

  private static double finite(Named named, double element, int row) {
    if (!Double.isFinite(element)) {
      throw refused(named, "row " + (row + 1) + " holds " + element);
    }
    return element;
  }
}
