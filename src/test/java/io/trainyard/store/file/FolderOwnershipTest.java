package io.trainyard.store.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.trainyard.error.StartRefusedException;
import io.trainyard.store.DataDirectory;
import io.trainyard.store.DatabaseMarker;
import io.trainyard.store.database.DatabaseIdentity;
import io.trainyard.store.database.TestDatabase;
import io.trainyard.store.job.TestStores;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Clock;
import java.time.Instant;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.jdbc.core.simple.JdbcClient;

/** A service starts only on the data folder of its database, so no other folder is emptied. */
@Timeout(60)
@Tag("service")
class FolderOwnershipTest {
  @TempDir Path data;
  @TempDir Path elsewhere;

  private String marker() {
    return new DatabaseMarker(new DataDirectory(data)).read().orElse("");
  }

  private void check(JdbcClient jdbc, boolean accept) {
    new FolderOwnership(new DataDirectory(data, null, accept), jdbc);
  }

  private void assertRefused(JdbcClient jdbc) {
    String before = marker();
    assertThatThrownBy(() -> check(jdbc, false))
        .isInstanceOf(StartRefusedException.class)
        .hasMessageContaining(data.toString())
        .hasMessageContaining("--trainyard.accept-database=true");
    assertThat(marker()).isEqualTo(before);
  }

  /** A folder with the files of a database; they are two hours old. */
  private TestStores filled() throws IOException {
    TestStores stores = new TestStores(TestDatabase.H2, data, Clock.systemUTC());
    stores.version("m", 1);
    stores.rows("d", "a,b\n1,2\n");
    try (Stream<Path> files = Files.walk(data)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        Files.setLastModifiedTime(file, FileTime.from(Instant.now().minusSeconds(7_200)));
      }
    }
    return stores;
  }

  @Test
  void newFolderIsAdopted() {
    try (TestDatabase.Opened database = TestDatabase.H2.open(elsewhere)) {
      JdbcClient jdbc = JdbcClient.create(database.source());
      check(jdbc, false);
      assertThat(marker()).isEqualTo(DatabaseIdentity.of(jdbc).id());
      check(jdbc, false);
    }
  }

  @Test
  void folderOfAnEarlierReleaseIsAdoptedByTheDatabaseThatNamesItsFiles() throws Exception {
    try (TestStores stores = filled()) {
      check(stores.jdbc, false);
      assertThat(marker()).isEqualTo(DatabaseIdentity.of(stores.jdbc).id());
    }
  }

  @Test
  void orphansYoungerThanTheDatabaseDoNotMatter() throws Exception {
    try (TestDatabase.Opened database = TestDatabase.H2.open(elsewhere)) {
      Path weights = Files.createDirectories(data.resolve("weights").resolve("00"));
      Files.writeString(weights.resolve("0".repeat(64)), "left by a job that was deleted");
      check(JdbcClient.create(database.source()), false);
      assertThat(marker()).isNotEmpty();
    }
  }

  @Test
  void freshDatabaseIsRefusedBesideAFullFolder() throws Exception {
    filled().close();
    try (TestDatabase.Opened fresh = TestDatabase.H2.open(elsewhere)) {
      JdbcClient jdbc = JdbcClient.create(fresh.source());
      assertRefused(jdbc);
      check(jdbc, true);
      check(jdbc, false);
    }
  }

  @Test
  void databaseOfAnotherFolderIsRefused() throws Exception {
    try (TestStores stores = filled();
        TestDatabase.Opened other = TestDatabase.POSTGRESQL.open(elsewhere)) {
      check(stores.jdbc, false);
      assertRefused(JdbcClient.create(other.source()));
      check(JdbcClient.create(other.source()), true);
      assertRefused(stores.jdbc);
    }
  }
}
