package io.trainyard.store.database;

import io.trainyard.store.DataDirectory;
import java.sql.SQLException;
import java.time.Clock;
import javax.sql.DataSource;
import org.springframework.boot.jdbc.autoconfigure.JdbcConnectionDetails;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Condition;
import org.springframework.context.annotation.ConditionContext;
import org.springframework.context.annotation.Conditional;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.type.AnnotatedTypeMetadata;

/** The embedded database, unless {@code spring.datasource.url} names another one. */
@Configuration(proxyBeanMethods = false)
class DatabaseConfiguration {
  @Bean
  @Conditional(NoneNamed.class)
  JdbcConnectionDetails embeddedDatabase(DataDirectory directory) {
    // By default H2 acknowledges a commit half a second before it is on disk: a kill loses it.
    String url =
        "jdbc:h2:file:"
            + directory.folder("database").resolve("trainyard")
            + ";WRITE_DELAY=0;DB_CLOSE_ON_EXIT=FALSE;LOCK_TIMEOUT=10000";
    return new Embedded(url);
  }

  /** An embedded database has no other time than this process. */
  @Bean
  Clock clock(DataSource dataSource) throws SQLException {
    return DatabaseKind.isEmbedded(dataSource)
        ? Clock.systemUTC()
        : new DatabaseClock(dataSource, System::nanoTime);
  }

  /** Whether the settings leave the database to us. */
  static final class NoneNamed implements Condition {
    @Override
    public boolean matches(ConditionContext context, AnnotatedTypeMetadata metadata) {
      return context.getEnvironment().getProperty("spring.datasource.url", "").isBlank();
    }
  }

  private record Embedded(String url) implements JdbcConnectionDetails {
    @Override
    public String getJdbcUrl() {
      return url;
    }

    @Override
    public String getUsername() {
      return "sa";
    }

    @Override
    public String getPassword() {
      return "";
    }
  }
}
