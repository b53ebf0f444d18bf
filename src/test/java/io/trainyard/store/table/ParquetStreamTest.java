package io.trainyard.store.table;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.trainyard.dataset.ColumnType;
import io.trainyard.error.ServiceException;
import io.trainyard.store.DataDirectory;
import io.trainyard.store.duckdb.DatasetProperties;
import io.trainyard.store.duckdb.DuckDb;
import io.trainyard.store.duckdb.IngestedTable;
import io.trainyard.store.duckdb.ParquetFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.util.unit.DataSize;

@Timeout(60)
class ParquetStreamTest {
  private static final DatasetProperties PROPERTIES =
      new DatasetProperties(
          DataSize.ofMegabytes(64),
          DataSize.ofMegabytes(256),
          2,
          Duration.ofSeconds(5),
          0,
          64,
          Duration.ofSeconds(3),
          Duration.ofMinutes(1));

  private static final List<IngestedTable.Entry> COLUMNS =
      List.of(
          new IngestedTable.Entry("id", ColumnType.INTEGER, null, true),
          new IngestedTable.Entry("x", ColumnType.NUMBER, null, false),
          new IngestedTable.Entry("s", ColumnType.STRING, null, false),
          new IngestedTable.Entry("b", ColumnType.BOOLEAN, null, false));

  @TempDir Path folder;

  private static void fill(RowBatch batch, long id) {
    int row = batch.rows();
    ((BatchColumn.Integers) batch.column(0)).set(row, id);
    if (id % 3 == 0) {
      batch.column(1).setMissing(row);
      batch.column(2).setMissing(row);
      batch.column(3).setMissing(row);
    } else {
      ((BatchColumn.Numbers) batch.column(1)).set(row, id / 2.0);
      ((BatchColumn.Texts) batch.column(2))
          .set(row, ("größer " + id).getBytes(StandardCharsets.UTF_8));
      ((BatchColumn.Booleans) batch.column(3)).set(row, id % 2 == 0);
    }
  }

  @Test
  void rowsAreWrittenInOrderWithMissingValues() throws Exception {
    Path parquet = folder.resolve("rows.parquet");
    int rows = 300_000;
    try (DuckDb duck =
        DuckDb.openSingleThreaded(
            PROPERTIES, folder, new DataDirectory(folder).reserve(), List.of(parquet))) {
      try (ParquetStream stream = new ParquetStream(duck, COLUMNS, parquet, null)) {
        for (long id = 0; id < rows; id++) {
          fill(stream.batch(), id);
          assertThat(stream.endRow()).isTrue();
        }
        assertThat(stream.finish()).isEqualTo(rows);
      }
      duck.useAllThreads(PROPERTIES);
      String wrong =
          """
          select count(*) from (select *, row_number() over () - 1 as n from %s)
          where c0 <> n or c1 is distinct from if(n %% 3 = 0, null, n / 2)
            or c2 is distinct from if(n %% 3 = 0, null, 'größer ' || n)
            or c3 is distinct from if(n %% 3 = 0, null, n %% 2 = 0)\
          """
              .formatted(ParquetFile.read(parquet));
      assertThat(duck.query(wrong, DuckDb::firstLong)).isZero();
    }
  }

  @Test
  void unwritableFileTakesNoMoreRows() {
    Path elsewhere = folder.resolve("elsewhere.parquet");
    try (DuckDb duck =
            DuckDb.openSingleThreaded(
                PROPERTIES, folder, new DataDirectory(folder).reserve(), List.of());
        ParquetStream stream = new ParquetStream(duck, COLUMNS, elsewhere, null)) {
      boolean accepted = true;
      for (int i = 0; i < 2_000_000 && accepted; i++) {
        fill(stream.batch(), 1);
        accepted = stream.endRow();
      }
      assertThat(accepted).isFalse();
      assertThatThrownBy(stream::finish).isInstanceOf(ServiceException.class);
    }
  }

  @Test
  void closedStreamTakesNoMoreRows() {
    Path parquet = folder.resolve("rows.parquet");
    try (DuckDb duck =
        DuckDb.openSingleThreaded(
            PROPERTIES, folder, new DataDirectory(folder).reserve(), List.of(parquet))) {
      ParquetStream stream = new ParquetStream(duck, COLUMNS, parquet, null);
      for (int i = 0; i < 20_000; i++) {
        fill(stream.batch(), i);
        assertThat(stream.endRow()).isTrue();
      }
      stream.close();
      boolean accepted = true;
      for (int i = 0; i < 20_000 && accepted; i++) {
        fill(stream.batch(), i);
        accepted = stream.endRow();
      }
      assertThat(accepted).isFalse();
    }
  }

  /** Otherwise every value takes a lock; a new driver may hide its buffers. */
  @Test
  void wholeColumnsAreWrittenDirectly() {
    assertThat(VectorMemory.isDirect()).isTrue();
  }
}
