package io.trainyard.store.database;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.zaxxer.hikari.HikariDataSource;
import io.trainyard.error.StartRefusedException;
import io.trainyard.store.DataDirectory;
import io.trainyard.store.DatabaseMarker;
import io.trainyard.store.SmallDisk;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.DriverManager;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.jdbc.core.simple.JdbcClient;

/** A start that is not possible is refused in one sentence with the file and the way out. */
@Timeout(60)
class DatabaseFileTest {
  @TempDir Path data;

  private Path file() {
    return folder().resolve("trainyard.mv.db");
  }

  private Path folder() {
    return data.resolve("database");
  }

  private void assertRefused(String... parts) {
    assertThatThrownBy(() -> EmbeddedDatabase.open(new DataDirectory(data)))
        .isInstanceOfSatisfying(
            StartRefusedException.class,
            e -> {
              assertThat(e.getMessage()).contains(parts).doesNotContain("\n", "Exception");
              assertThat(StartFailure.sentence(new IllegalStateException(e)))
                  .contains(e.getMessage());
            });
  }

  private void open() {
    EmbeddedDatabase.open(new DataDirectory(data)).close();
  }

  @Test
  void missingOrEmptyFileOfAFolderWithAMarkerIsNotCreated() throws Exception {
    open();
    new DatabaseMarker(new DataDirectory(data)).write("an id");
    open();
    Files.delete(file());
    assertRefused(file().toString(), "backup", "--trainyard.accept-database=true");
    assertThat(file()).doesNotExist();
    Files.createFile(file());
    assertRefused(file().toString(), "--trainyard.accept-database=true");
    EmbeddedDatabase.open(new DataDirectory(data, null, true)).close();
    assertThat(file()).isNotEmptyFile();
  }

  @Test
  void damagedFileIsNamed() throws Exception {
    Files.createDirectories(folder());
    Files.writeString(file(), "no database ".repeat(5_000));
    assertRefused(file().toString(), "backup");
    Files.delete(file());
    open();
  }

  @Test
  void dataFolderThatIsAFileIsNamed() throws Exception {
    Path file = Files.createFile(data.resolve("file"));
    assertThatThrownBy(() -> new DataDirectory(file))
        .isInstanceOf(StartRefusedException.class)
        .hasMessageContaining(file.toString());
    assertThatThrownBy(() -> new DataDirectory(data).folder("file/database"))
        .isInstanceOf(StartRefusedException.class)
        .hasMessageContaining(data.toString());
  }

  private static void migrate(EmbeddedDatabase database) throws Exception {
    String answer =
        database.migrate(
            copy -> {
              var _ = JdbcClient.create(copy).sql("create table migrated (x int)").update();
              return "done";
            },
            () -> {});
    assertThat(answer).isEqualTo("done");
  }

  private static List<String> names(Path folder) throws Exception {
    try (Stream<Path> files = Files.list(folder)) {
      return files.map(Path::getFileName).map(Path::toString).sorted().toList();
    }
  }

  @Test
  void migratedFileKeepsItsOwnerAndItsRights() throws Exception {
    open();
    Files.setPosixFilePermissions(file(), PosixFilePermissions.fromString("rw-rw----"));
    boolean isRoot = (int) Files.getAttribute(file(), "unix:uid") == 0;
    if (isRoot) {
      Files.setAttribute(file(), "unix:uid", 12_345);
      Files.setAttribute(file(), "unix:gid", 12_346);
    }
    Object before = Files.getAttribute(file(), "unix:ino");
    try (EmbeddedDatabase database = EmbeddedDatabase.open(new DataDirectory(data))) {
      migrate(database);
    }
    assertThat(Files.getAttribute(file(), "unix:ino")).isNotEqualTo(before);
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file())))
        .isEqualTo("rw-rw----");
    if (isRoot) {
      assertThat(Files.getAttribute(file(), "unix:uid")).isEqualTo(12_345);
      assertThat(Files.getAttribute(file(), "unix:gid")).isEqualTo(12_346);
    }
  }

  @Test
  void fileThatALinkNamesIsMigratedInItsPlace() throws Exception {
    open();
    Path other = Files.createDirectories(data.resolve("other"));
    Path elsewhere = other.resolve("a.mv.db");
    Files.move(file(), elsewhere);
    Files.createSymbolicLink(file(), elsewhere);
    try (EmbeddedDatabase database = EmbeddedDatabase.open(new DataDirectory(data))) {
      migrate(database);
    }
    assertThat(file()).isSymbolicLink();
    assertThat(names(other)).containsExactly("a.mv.db");
    try (EmbeddedDatabase database = EmbeddedDatabase.open(new DataDirectory(data));
        HikariDataSource pool = database.pool()) {
      assertThat(count(pool)).isZero();
    }
  }

  private static int count(HikariDataSource pool) {
    return JdbcClient.create(pool)
        .sql("select count(*) from migrated")
        .query(Integer.class)
        .single();
  }

  @Test
  void fileThatIsOpenIsNotCopied() throws Exception {
    try (DatabaseFile file = DatabaseFile.lock(new DataDirectory(data));
        Connection _ = DriverManager.getConnection(file.url(), "sa", "")) {
      assertThatThrownBy(() -> file.copyTo(file.beside()))
          .isInstanceOf(StartRefusedException.class)
          .hasMessageContaining(folder().toString());
    }
    assertThat(names(folder())).containsExactly("lock", "trainyard.mv.db");
  }

  @Test
  void failedMigrationLeavesTheDatabaseAndNoCopy() throws Exception {
    try (EmbeddedDatabase database = EmbeddedDatabase.open(new DataDirectory(data))) {
      assertThatThrownBy(
              () ->
                  database.migrate(
                      _ -> {
                        throw new IllegalStateException("a fault");
                      },
                      () -> {}))
          .hasMessage("a fault");
      assertThat(names(folder())).containsExactly("lock", "trainyard.mv.db");
      assertThat(database.isOpen()).isTrue();
    }
  }

  @Test
  void migrationOnAFullDiskNamesTheWayOut() throws Exception {
    try (SmallDisk disk = SmallDisk.mount(data, 4);
        EmbeddedDatabase database = EmbeddedDatabase.open(new DataDirectory(disk.folder()))) {
      assertThatThrownBy(
              () ->
                  database.migrate(
                      copy ->
                          JdbcClient.create(copy)
                              .sql(
                                  "create table big as select x, random_uuid() as y, secure_rand(500) as z"
                                      + " from system_range(1, 20000)")
                              .update(),
                      () -> {}))
          .isInstanceOf(StartRefusedException.class)
          .hasMessageContaining("free as much disk space");
      assertThat(names(disk.folder().resolve("database")))
          .containsExactly("lock", "trainyard.mv.db");
      migrate(database);
    }
  }
}
