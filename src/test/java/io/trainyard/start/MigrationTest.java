package io.trainyard.start;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.datasource.DriverManagerDataSource;

@Tag("service")
class MigrationTest {
  @TempDir private Path data;

  @Test
  void migratesAnEmptyDatabaseAndLetsItGo() {
    String[] args = {"migrate", "--trainyard.data-dir=" + data, "--logging.level.root=warn"};

    assertThat(Migration.isAsked(args)).isTrue();
    Migration.run(args);

    String url = "jdbc:h2:file:" + data.resolve("database").resolve("trainyard");
    String tables =
        JdbcClient.create(new DriverManagerDataSource(url, "sa", ""))
            .sql("select count(*) from information_schema.tables where table_name = 'JOBS'")
            .query(String.class)
            .single();
    assertThat(tables).isEqualTo("1");
  }

  @Test
  void otherArgumentsStartTheService() {
    assertThat(Migration.isAsked(new String[] {})).isFalse();
    assertThat(Migration.isAsked(new String[] {"--server.port=1", "migrate"})).isFalse();
  }
}
