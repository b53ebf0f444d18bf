package io.trainyard.store.ingest;

import static java.util.stream.Collectors.joining;
import static java.util.stream.Collectors.toCollection;

import io.trainyard.dataset.ColumnType;
import io.trainyard.dataset.ColumnValues;
import io.trainyard.dataset.DatasetVersion;
import io.trainyard.dataset.DerivedDatasets;
import io.trainyard.os.HeldFile;
import io.trainyard.store.DurableFolders;
import io.trainyard.store.duckdb.DatasetProperties;
import io.trainyard.store.duckdb.DuckDb;
import io.trainyard.store.duckdb.IngestedTable;
import io.trainyard.store.file.DatasetFiles;
import io.trainyard.store.table.ColumnChunk;
import io.trainyard.store.table.WideParquet;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Computed columns in Parquet files of some rows each. The name of a file says which rows it has,
 * so an attempt goes on behind the files of those before it. The first column is the row's number.
 */
public final class ExtendedRows implements DerivedDatasets.Extension {
  private static final Pattern PART = Pattern.compile("(\\d{1,18})-(\\d{1,18})\\.parquet");

  private final DatasetProperties properties;
  private final DatasetFiles files;
  private final DatasetVersion source;
  private final HeldFile sourceRows;
  private final List<IngestedTable.Entry> columns = new ArrayList<>();
  private final Path folder;
  private final DuckDb duck;
  private final List<Path> parts = new ArrayList<>();
  private long kept;
  private @Nullable WideParquet open;
  private long added;

  /**
   * Goes on with what a folder has.
   *
   * @param sourceRows the file of the source's rows
   * @param folder of the parts; it is created
   */
  public ExtendedRows(
      DatasetProperties properties,
      DatasetFiles files,
      DatasetVersion source,
      HeldFile sourceRows,
      List<DerivedDatasets.NewColumn> columns,
      Path folder) {
    this.properties = properties;
    this.files = files;
    this.source = source;
    this.sourceRows = sourceRows;
    this.folder = folder;
    this.columns.add(new IngestedTable.Entry("", ColumnType.INTEGER, null, true));
    columns.forEach(
        column ->
            this.columns.add(
                new IngestedTable.Entry(
                    column.name(),
                    column.type(),
                    column.shape(),
                    column.type() == ColumnType.INTEGER)));
    try {
      Files.createDirectories(folder);
      DurableFolders.sync(folder.resolveSibling(""));
      findParts();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    this.duck = DuckDb.openSingleThreaded(properties, files.scratch(), files.reserve(), List.of());
  }

  /** The files that follow each other; others are of attempts that lost their job. */
  private void findParts() throws IOException {
    Map<Long, Long> counts = new TreeMap<>();
    try (Stream<Path> found = Files.list(folder)) {
      for (Path file : found.toList()) {
        Matcher name = PART.matcher(String.valueOf(file.getFileName()));
        if (name.matches()) {
          counts.merge(Long.parseLong(name.group(1)), Long.parseLong(name.group(2)), Math::max);
        } else {
          Files.delete(file);
        }
      }
    }
    for (Long count = counts.get(kept); count != null; count = counts.get(kept)) {
      parts.add(part(kept, count));
      kept += count;
    }
  }

  private Path part(long first, long count) {
    return folder.resolve("%d-%d.parquet".formatted(first, count));
  }

  private Path unfinished() {
    return folder.resolve("unfinished");
  }

  @Override
  public long keptRows() {
    return kept;
  }

  @Override
  public void add(int[] numbers, List<ColumnValues> values) {
    WideParquet file = open;
    if (file == null) {
      file = new WideParquet(duck, columns, unfinished());
      open = file;
    }
    for (int row = 0; row < numbers.length; row++) {
      file.column(0).addLong(numbers[row]);
      for (int i = 1; i < columns.size(); i++) {
        add(file, i, values.get(i - 1), row);
      }
      file.endRows(1);
    }
    added += numbers.length;
  }

  private void add(WideParquet file, int index, ColumnValues values, int row) {
    if (values.isMissing(row)) {
      file.addMissing(index);
      return;
    }
    switch (values) {
      case ColumnValues.Integers whole -> file.column(index).addLong(whole.elements()[row]);
      case ColumnValues.Numbers(double[] elements, boolean[] _, int width) -> {
        if (columns.get(index).shape() == null) {
          file.column(index).addDouble(elements[row]);
        } else {
          file.tensor(index).add(elements, row * width);
        }
      }
      case ColumnValues.Texts texts ->
          add(file.column(index), columns.get(index).type(), texts.text(row));
    }
  }

  private static void add(ColumnChunk column, ColumnType type, String text) {
    if (type == ColumnType.BOOLEAN) {
      column.addBoolean(Boolean.parseBoolean(text));
    } else {
      column.addText(text.getBytes(StandardCharsets.UTF_8));
    }
  }

  @Override
  public void keep() {
    WideParquet file = open;
    if (file == null) {
      return;
    }
    file.finish();
    file.close();
    open = null;
    try {
      try (FileChannel written = FileChannel.open(unfinished(), StandardOpenOption.WRITE)) {
        written.force(true);
      }
      Path part = part(kept, added);
      Files.move(
          unfinished(), part, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
      DurableFolders.sync(folder);
      parts.add(part);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    kept += added;
    added = 0;
  }

  @Override
  public DerivedDatasets.Staged finish(String name, boolean complete) {
    keep();
    List<IngestedTable.Entry> all =
        source.columns().stream()
            .map(IngestedTable.Entry::of)
            .collect(toCollection(ArrayList::new));
    all.addAll(columns.subList(1, columns.size()));
    return new JoinedVersion(properties, files, name, all, kept).store(joined(complete), inputs());
  }

  private List<Path> inputs() {
    return Stream.concat(Stream.of(sourceRows.path()), parts.stream()).toList();
  }

  /** All columns, as a query. */
  private String joined(boolean complete) {
    int own = source.columns().size();
    String selected =
        Stream.concat(
                IntStream.range(0, own)
                    .mapToObj(i -> "s.%1$s as %1$s".formatted(IngestedTable.storedName(i))),
                IntStream.range(1, columns.size())
                    .mapToObj(
                        i ->
                            "p.%s as %s"
                                .formatted(
                                    IngestedTable.storedName(i),
                                    IngestedTable.storedName(own + i - 1))))
            .collect(joining(", "));
    String list = parts.stream().map(DuckDb::literal).collect(joining(", ", "[", "]"));
    String computed = "read_parquet(" + list + ") p";
    if (complete) {
      // Nothing has to be sorted.
      return "select %s from read_parquet(%s) s positional join %s"
          .formatted(selected, DuckDb.literal(sourceRows.path()), computed);
    }
    return "select %s from read_parquet(%s, file_row_number = true) s join %s on s.file_row_number + 1 = p.%s order by s.file_row_number"
        .formatted(
            selected, DuckDb.literal(sourceRows.path()), computed, IngestedTable.storedName(0));
  }

  @Override
  public void close() {
    try (HeldFile _ = sourceRows;
        DuckDb _ = duck) {
      WideParquet file = open;
      if (file != null) {
        file.close();
      }
    }
  }
}
