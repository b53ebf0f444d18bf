package io.trainyard.store.ingest;

import io.trainyard.dataset.ColumnType;
import io.trainyard.dataset.IngestOptions;
import io.trainyard.store.DiskReserve;
import io.trainyard.store.duckdb.DatasetProperties;
import io.trainyard.store.duckdb.DuckDb;
import io.trainyard.store.duckdb.IngestedTable;
import io.trainyard.store.duckdb.RunningTask;
import io.trainyard.store.file.DriverLibrary;
import io.trainyard.tensor.Shape;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.springframework.util.unit.DataSize;
import tools.jackson.databind.json.JsonMapper;

/** The conversion of a caller's Parquet file as a task of another process, in JSON. */
public final class ParquetTask {
  /** How the other process knows it. */
  public static final String KIND = "parquet";

  private static final JsonMapper JSON = JsonMapper.builder().build();

  private ParquetTask() {}

  /**
   * What is converted.
   *
   * @param natives the folder of native libraries
   * @param reserve the bytes of the disk that stay free
   * @param source empty: nothing but the library is loaded
   */
  private record Request(
      String natives,
      String scratch,
      long memory,
      long reserve,
      String source,
      Map<String, ColumnType> types,
      String parquet) {}

  private record Reply(List<Column> columns, long rows) {}

  private record Column(
      String name, ColumnType type, @Nullable List<Integer> shape, boolean whole) {}

  /** A request that loads the library before the first file. */
  public static String preparation(Path natives) {
    return JSON.writeValueAsString(new Request(natives.toString(), "", 0, 0, "", Map.of(), ""));
  }

  /** A request for a conversion. */
  static String request(
      Path natives,
      DatasetProperties properties,
      Path scratch,
      DiskReserve reserve,
      Path source,
      IngestOptions options,
      Path parquet) {
    return JSON.writeValueAsString(
        new Request(
            natives.toString(),
            scratch.toAbsolutePath().toString(),
            properties.memory().toBytes(),
            reserve.bytes(),
            source.toAbsolutePath().toString(),
            options.types(),
            parquet.toAbsolutePath().toString()));
  }

  /** Has another process convert files. */
  public interface Runner {
    /**
     * Sends a request.
     *
     * @param stopped whether nobody waits for the reply any more
     */
    String run(String request, BooleanSupplier stopped);
  }

  /** Conversions in another process. */
  public static ParquetConversion in(Runner runner, Path natives) {
    return (properties, scratch, reserve, source, options, parquet) ->
        table(
            runner.run(
                request(natives, properties, scratch, reserve, source, options, parquet),
                RunningTask.cancelled()));
  }

  private static IngestedTable table(String reply) {
    Reply read = JSON.readValue(reply, Reply.class);
    return new IngestedTable(
        read.columns().stream()
            .map(
                column ->
                    new IngestedTable.Entry(
                        column.name(),
                        column.type(),
                        column.shape() == null ? null : new Shape(column.shape()),
                        column.whole()))
            .toList(),
        read.rows(),
        0);
  }

  /** Does what a request says, in the other process. */
  public static String run(String request, BooleanSupplier stopped) {
    Request read = JSON.readValue(request, Request.class);
    DriverLibrary.unpackInto(Path.of(read.natives()));
    if (read.source().isEmpty()) {
      DuckDb.prepare();
      return "";
    }
    DatasetProperties properties =
        new DatasetProperties(
            DataSize.ofBytes(Long.MAX_VALUE),
            DataSize.ofBytes(read.memory()),
            1,
            Duration.ofSeconds(1),
            1,
            0,
            Duration.ZERO);
    Path scratch = Path.of(read.scratch());
    IngestOptions defaults = IngestOptions.DEFAULT;
    IngestOptions options =
        new IngestOptions(
            defaults.onError(),
            null,
            null,
            read.types(),
            defaults.nullValues(),
            defaults.column(),
            defaults.image());
    IngestedTable table =
        RunningTask.call(
            stopped,
            () ->
                ParquetConversion.here(
                    properties,
                    scratch,
                    new DiskReserve(scratch, DataSize.ofBytes(read.reserve())),
                    Path.of(read.source()),
                    options,
                    Path.of(read.parquet())));
    return JSON.writeValueAsString(
        new Reply(
            table.columns().stream()
                .map(
                    column -> {
                      Shape shape = column.shape();
                      return new Column(
                          column.name(),
                          column.type(),
                          shape == null ? null : shape.dims(),
                          column.whole());
                    })
                .toList(),
            table.rows()));
  }
}
