package io.trainyard.store.ingest;

import io.trainyard.dataset.ColumnType;
import io.trainyard.dataset.IngestOptions;
import io.trainyard.error.ServiceException;
import io.trainyard.store.DiskReserve;
import io.trainyard.store.duckdb.DatasetProperties;
import io.trainyard.store.duckdb.DuckDb;
import io.trainyard.store.duckdb.IngestedTable;
import io.trainyard.store.duckdb.RunningTask;
import io.trainyard.store.file.DriverLibrary;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BooleanSupplier;
import org.springframework.util.unit.DataSize;
import tools.jackson.databind.json.JsonMapper;

/** The conversion of a caller's Parquet file as a task of another process, in JSON. */
public final class ParquetTask {
  /** How the other process knows it. */
  public static final String KIND = "parquet";

  /** What the other process may need to end by itself. */
  private static final Duration GRACE = Duration.ofSeconds(10);

  private static final JsonMapper JSON = JsonMapper.builder().build();

  private ParquetTask() {}

  /**
   * What is converted.
   *
   * @param natives the folder of native libraries
   * @param reserve the bytes of the disk that stay free
   * @param source empty: nothing but the library is loaded
   * @param limitMillis how long it may take
   */
  private record Request(
      String natives,
      String scratch,
      long memory,
      long reserve,
      String source,
      Map<String, ColumnType> types,
      String parquet,
      long limitMillis) {}

  private record Reply(List<IngestedTable.Entry> columns, long rows) {}

  /** A request that loads the library before the first file. */
  public static String preparation(Path natives) {
    return JSON.writeValueAsString(new Request(natives.toString(), "", 0, 0, "", Map.of(), "", 0));
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
            parquet.toAbsolutePath().toString(),
            properties.convertTimeout(DataSize.ofBytes(source.toFile().length())).toMillis()));
  }

  /** Has another process convert files. */
  public interface Runner {
    /**
     * Sends a request.
     *
     * @param longest after which the other process does not follow, and is ended
     * @param stopped whether nobody waits for the reply any more
     */
    String run(String request, Duration longest, BooleanSupplier stopped);
  }

  /** Conversions in another process. */
  public static ParquetConversion in(Runner runner, Path natives) {
    return (properties, scratch, reserve, source, options, parquet) ->
        table(
            runner.run(
                request(natives, properties, scratch, reserve, source, options, parquet),
                properties.convertTimeout(DataSize.ofBytes(source.toFile().length())).plus(GRACE),
                RunningTask.cancelled()));
  }

  private static IngestedTable table(String reply) {
    Reply read = JSON.readValue(reply, Reply.class);
    return new IngestedTable(read.columns(), read.rows(), 0);
  }

  /** Does what a request says, in the other process. */
  public static String run(String request, BooleanSupplier stopped) {
    Request read = JSON.readValue(request, Request.class);
    DriverLibrary.unpackInto(Path.of(read.natives()));
    if (read.source().isEmpty()) {
      DuckDb.prepare();
      return "";
    }
    Duration limit = Duration.ofMillis(read.limitMillis());
    DatasetProperties properties =
        new DatasetProperties(
            DataSize.ofBytes(Long.MAX_VALUE),
            DataSize.ofBytes(read.memory()),
            1,
            Duration.ofSeconds(1),
            1,
            0,
            Duration.ZERO,
            limit);
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
    // A few bytes may stand for billions of rows, and others wait for this one's place.
    IngestedTable table =
        RunningTask.within(
            limit,
            stopped,
            Set.of(),
            () -> tooLong("Reading the Parquet file", ", send it as CSV", limit),
            () ->
                ParquetConversion.here(
                    properties,
                    scratch,
                    new DiskReserve(scratch, DataSize.ofBytes(read.reserve())),
                    Path.of(read.source()),
                    options,
                    Path.of(read.parquet())));
    return JSON.writeValueAsString(new Reply(table.columns(), table.rows()));
  }

  /**
   * The refusal of what takes longer than a file of its size may.
   *
   * @param other what else its sender may do; may be empty
   */
  static ServiceException tooLong(String what, String other, Duration limit) {
    return ServiceException.invalidRows(
        "%s took longer than %s s, the most for a file of its size; split it into several datasets%s, or raise trainyard.datasets.convert-timeout"
            .formatted(what, limit.toMillis() / 1000.0, other));
  }
}
