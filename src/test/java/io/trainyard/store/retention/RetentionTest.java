package io.trainyard.store.retention;

import static org.assertj.core.api.Assertions.assertThat;

import io.trainyard.model.ModelVersion;
import io.trainyard.store.DataDirectory;
import io.trainyard.store.database.TestDatabase;
import io.trainyard.store.file.FileStores;
import io.trainyard.store.job.TestStores;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.springframework.jdbc.core.simple.JdbcClient;

/** Only old versions that nothing names are deleted. */
@Timeout(60)
@Tag("service")
class RetentionTest {
  @TempDir Path folder;

  @ParameterizedTest
  @EnumSource(
      value = TestDatabase.class,
      names = {"H2", "POSTGRESQL"})
  void onlyOldVersionsThatNothingNamesAreDeleted(TestDatabase kind) {
    Clock clock = Clock.systemUTC();
    try (TestDatabase.Opened database = kind.open(folder)) {
      TestStores stores =
          new TestStores(
              database,
              folder,
              FileStores.local(new DataDirectory(folder), () -> false, clock),
              clock);
      JdbcClient jdbc = JdbcClient.create(database.source());
      for (int i = 1; i <= 6; i++) {
        ModelVersion _ = stores.version("m", i);
        var _ = stores.rows("d", "a\n" + i + "\n");
      }
      jdbc.sql(
              "update model_versions set created_at = created_at - interval '2' day"
                  + " where version <> 5")
          .update();
      jdbc.sql("update dataset_versions set created_at = created_at - interval '2' day").update();
      // The alias production names version 1, the first one.
      jdbc.sql(
              "insert into version_holds (holder, version_id)"
                  + " select 'job', id from model_versions where version = 2")
          .update();
      jdbc.sql(
              "insert into version_serving (version_id, unloaded, pinned, loads)"
                  + " select id, false, true, 0 from model_versions where version = 3")
          .update();
      jdbc.sql("insert into dataset_holds (holder, name, version) values ('job', 'd', 4)").update();

      new Retention(
              jdbc, stores.datasets, stores.versions, new RetentionProperties(null, null, 1), clock)
          .deleteExpired();
      assertThat(numbers(jdbc, "model_versions")).hasSize(6);

      Duration day = Duration.ofDays(1);
      new Retention(
              jdbc, stores.datasets, stores.versions, new RetentionProperties(day, day, 1), clock)
          .deleteExpired();
      // An alias, a job and a pin; 5 is young, 6 the newest.
      assertThat(numbers(jdbc, "model_versions")).containsExactly(1, 2, 3, 5, 6);
      assertThat(numbers(jdbc, "dataset_versions")).containsExactly(4, 6);
    }
  }

  private static List<Integer> numbers(JdbcClient jdbc, String table) {
    return jdbc.sql("select version from " + table + " order by version")
        .query(Integer.class)
        .list();
  }
}
