package io.trainyard.store.table;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.trainyard.dataset.ColumnType;
import io.trainyard.error.ServiceException;
import io.trainyard.store.duckdb.DatasetProperties;
import io.trainyard.store.duckdb.DuckDb;
import io.trainyard.store.duckdb.IngestedTable;
import io.trainyard.store.duckdb.ParquetFile;
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
          DataSize.ofMegabytes(64), DataSize.ofMegabytes(256), 2, Duration.ofSeconds(5));

  private static final List<IngestedTable.Entry> COLUMNS =
      List.of(
          new IngestedTable.Entry("id", ColumnType.INTEGER, null, true),
          new IngestedTable.Entry("x", ColumnType.NUMBER, null, false),
          new IngestedTable.Entry("s", ColumnType.STRING, null, false),
          new IngestedTable.Entry("b", ColumnType.BOOLEAN, null, false));

  @TempDir Path folder;

  private static void fill(RowBatch batch, long id) {
    int row = batch.rows();
    ((BatchColumn.Wholes) batch.column(0)).set(row, id);
    if (id % 3 == 0) {
      batch.column(1).setMissing(row);
      batch.column(2).setMissing(row);
      batch.column(3).setMissing(row);
    } else {
      ((BatchColumn.Numbers) batch.column(1)).set(row, id / 2.0);
      ((BatchColumn.Texts) batch.column(2))
          .set(row, ("größer " + id).getBytes(java.nio.charset.StandardCharsets.UTF_8));
      ((BatchColumn.Truths) batch.column(3)).set(row, id % 2 == 0);
    }
  }

  @Test
  void rowsAreWrittenInTheirOrderWithWhatIsMissing() throws Exception {
    Path parquet = folder.resolve("rows.parquet");
    int rows = 300_000;
    try (DuckDb duck = DuckDb.openSingleThreaded(PROPERTIES, folder, List.of(parquet))) {
      try (ParquetStream feed = new ParquetStream(duck, COLUMNS, parquet)) {
        RowBatch batch = feed.nextBatch();
        for (long id = 0; id < rows; id++) {
          fill(batch, id);
          if (!batch.endRow()) {
            assertThat(feed.offer(batch)).isTrue();
            batch = feed.nextBatch();
          }
        }
        feed.offer(batch);
        assertThat(feed.finish()).isEqualTo(rows);
      }
      duck.useAllThreads(PROPERTIES);
      String wrong =
          "SELECT count(*) FROM (SELECT *, row_number() OVER () - 1 AS n FROM "
              + ParquetFile.read(parquet)
              + ") WHERE c0 <> n OR c1 IS DISTINCT FROM if(n % 3 = 0, NULL, n / 2)"
              + " OR c2 IS DISTINCT FROM if(n % 3 = 0, NULL, 'größer ' || n)"
              + " OR c3 IS DISTINCT FROM if(n % 3 = 0, NULL, n % 2 = 0)";
      assertThat(duck.query(wrong, DuckDb::firstLong)).isZero();
    }
  }

  @Test
  void aFileThatCannotBeWrittenEndsTheFeeding() {
    Path elsewhere = folder.resolve("elsewhere.parquet");
    try (DuckDb duck = DuckDb.openSingleThreaded(PROPERTIES, folder, List.of());
        ParquetStream feed = new ParquetStream(duck, COLUMNS, elsewhere)) {
      boolean taken = true;
      for (int i = 0; i < 1000 && taken; i++) {
        RowBatch batch = feed.nextBatch();
        do {
          fill(batch, 1);
        } while (batch.endRow());
        taken = feed.offer(batch);
      }
      assertThat(taken).isFalse();
      assertThatThrownBy(feed::finish).isInstanceOf(ServiceException.class);
    }
  }

  @Test
  void aFeedThatIsGivenUpEnds() {
    Path parquet = folder.resolve("rows.parquet");
    try (DuckDb duck = DuckDb.openSingleThreaded(PROPERTIES, folder, List.of(parquet))) {
      ParquetStream feed = new ParquetStream(duck, COLUMNS, parquet);
      for (int i = 0; i < 20; i++) {
        RowBatch batch = feed.nextBatch();
        fill(batch, i);
        batch.endRow();
        feed.offer(batch);
      }
      feed.close();
      assertThat(feed.offer(feed.nextBatch())).isFalse();
    }
  }

  /** Without it every value takes a lock; a new driver may hide its buffers. */
  @Test
  void wholeColumnsAreWrittenAtOnce() {
    assertThat(VectorMemory.isDirect()).isTrue();
  }
}
