package io.trainyard.store.database;

import io.trainyard.error.FailureClassifier;
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

/** An embedded H2 database, unless {@code spring.datasource.url} names another one. */
@Configuration(proxyBeanMethods = false)
class DatabaseConfiguration {
  @Bean
  @Conditional(NoUrlConfigured.class)
  JdbcConnectionDetails embeddedDatabase(DataDirectory directory) {
    // By default H2 writes a commit up to half a second after it acknowledged it: a kill loses it.
    String url =
        "jdbc:h2:file:"
            + directory.folder("database").resolve("trainyard")
            + ";WRITE_DELAY=0;DB_CLOSE_ON_EXIT=FALSE;LOCK_TIMEOUT=10000";
    return new Embedded(url);
  }

  /** An embedded database uses this process's own clock. */
  @Bean
  Clock clock(DataSource dataSource) throws SQLException {
    return DatabaseKind.isEmbedded(dataSource)
        ? Clock.systemUTC()
        : new DatabaseClock(dataSource, System::nanoTime);
  }

  @Bean
  FailureClassifier outages() {
    return Outage::classify;
  }

  static final class NoUrlConfigured implements Condition {
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
