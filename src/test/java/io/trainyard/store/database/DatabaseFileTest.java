package io.trainyard.store.database;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.trainyard.error.StartRefusedException;
import io.trainyard.store.DataDirectory;
import io.trainyard.store.DatabaseMarker;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A start that is not possible is refused in one sentence with the file and the way out. */
@Timeout(60)
class DatabaseFileTest {
  @TempDir Path data;

  private Path file() {
    return data.resolve("database").resolve("trainyard.mv.db");
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
    Files.createDirectories(file().getParent());
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
}
