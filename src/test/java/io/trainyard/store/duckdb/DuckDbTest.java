package io.trainyard.store.duckdb;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.trainyard.store.DataDirectory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.util.unit.DataSize;

@Timeout(60)
class DuckDbTest {
  static final DatasetProperties PROPERTIES =
      new DatasetProperties(
          DataSize.ofMegabytes(64),
          DataSize.ofMegabytes(64),
          1,
          Duration.ofSeconds(5),
          0,
          64,
          Duration.ofSeconds(3),
          Duration.ofMinutes(1));

  @TempDir Path folder;

  @ParameterizedTest
  @ValueSource(
      strings = {
        "SELECT * FROM read_text('/etc/hostname')",
        "SELECT * FROM read_csv('%s/secret.csv')",
        "SELECT * FROM glob('%s/*')",
        "COPY (SELECT 1) TO '%s/out.csv'",
        "ATTACH '%s/other.db'",
        "INSTALL httpfs",
        "LOAD httpfs",
        "SET enable_external_access = true",
        "SET memory_limit = '1TB'",
        "SET threads = 64",
        "RESET lock_configuration"
      })
  void otherFilesAndSettingsAreOutOfReach(String sql) throws Exception {
    Path own = Files.writeString(folder.resolve("own.csv"), "a\n1\n");
    Files.writeString(folder.resolve("secret.csv"), "a\n1\n");
    try (DuckDb duck =
        DuckDb.open(PROPERTIES, folder, new DataDirectory(folder).reserve(), List.of(own))) {
      assertThat(
              duck.query(
                  "SELECT count(*) FROM read_csv(" + DuckDb.literal(own) + ")", DuckDb::firstLong))
          .isEqualTo(1);
      assertThatThrownBy(() -> duck.execute(sql.formatted(folder)))
          .isInstanceOf(SQLException.class);
    }
    assertThat(folder.resolve("out.csv")).doesNotExist();
  }
}
