package io.trainyard.store.database;

import com.zaxxer.hikari.HikariDataSource;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.binder.MeterBinder;
import io.trainyard.error.FailureClassifier;
import io.trainyard.job.process.Supervision;
import io.trainyard.job.process.WorkerDatabase;
import io.trainyard.store.DataDirectory;
import java.sql.SQLException;
import java.time.Clock;
import java.util.Map;
import javax.sql.DataSource;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.configuration.FluentConfiguration;
import org.flywaydb.core.api.output.MigrateResult;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.config.BeanPostProcessor;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.flyway.autoconfigure.FlywayMigrationStrategy;
import org.springframework.boot.sql.init.dependency.DependsOnDatabaseInitialization;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Condition;
import org.springframework.context.annotation.ConditionContext;
import org.springframework.context.annotation.Conditional;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.type.AnnotatedTypeMetadata;

/** An embedded H2 database, unless {@code spring.datasource.url} names another one. */
@Configuration(proxyBeanMethods = false)
class DatabaseConfiguration {
  private static final Logger log = LoggerFactory.getLogger(DatabaseConfiguration.class);

  @Bean
  @Conditional(NoUrlConfigured.class)
  EmbeddedDatabase embeddedDatabase(DataDirectory directory) {
    return EmbeddedDatabase.open(directory);
  }

  @Bean
  @Conditional(NoUrlConfigured.class)
  @ConfigurationProperties("spring.datasource.hikari")
  HikariDataSource dataSource(EmbeddedDatabase database) {
    return database.pool();
  }

  /** Stands between the pool and everyone but the monitor. */
  @Bean
  static BeanPostProcessor databaseBreaker() {
    return new BeanPostProcessor() {
      @Override
      public Object postProcessAfterInitialization(Object bean, String name) {
        return bean instanceof HikariDataSource pool ? new DatabaseBreaker(pool) : bean;
      }
    };
  }

  /** Says what it did: of a start this takes longest. */
  @Bean
  FlywayMigrationStrategy loggedMigration(ObjectProvider<EmbeddedDatabase> embedded) {
    return flyway -> {
      MigrateResult result = migrate(flyway, embedded.getIfAvailable());
      if (result.migrationsExecuted > 0) {
        log.info("The database was migrated to version {}", result.targetSchemaVersion);
      } else {
        log.info("The database is open");
      }
    };
  }

  /** Migrates so that a kill at any time leaves a database which the next start can migrate. */
  static MigrateResult migrate(Flyway flyway, @Nullable EmbeddedDatabase embedded) {
    FluentConfiguration configuration =
        new FluentConfiguration().configuration(flyway.getConfiguration());
    DataSource source = configuration.getDataSource();
    if (embedded == null || flyway.info().pending().length == 0) {
      return flyway.migrate();
    }
    try {
      HikariDataSource pool = source.unwrap(HikariDataSource.class);
      return embedded.migrate(
          copy -> configuration.dataSource(copy).load().migrate(),
          () -> pool.getHikariPoolMXBean().softEvictConnections());
    } catch (SQLException e) {
      throw new IllegalStateException("The migrated database cannot be opened", e);
    }
  }

  @Bean(initMethod = "start")
  @DependsOnDatabaseInitialization
  DatabaseMonitor databaseMonitor(
      DataSource dataSource,
      ObjectProvider<EmbeddedDatabase> embedded,
      DataDirectory directory,
      Supervision supervision)
      throws SQLException {
    OutageLog.install();
    DatabaseMonitor monitor =
        monitor(
            DatabaseBreaker.behind(dataSource),
            embedded.getIfAvailable(),
            directory,
            supervision.present());
    DatabaseBreaker.follow(dataSource, monitor);
    return monitor;
  }

  private static DatabaseMonitor monitor(
      DataSource dataSource,
      @Nullable EmbeddedDatabase database,
      DataDirectory directory,
      boolean supervised)
      throws SQLException {
    if (database == null) {
      return new DatabaseMonitor(dataSource, null, supervised);
    }
    HikariDataSource pool = dataSource.unwrap(HikariDataSource.class);
    DatabaseMonitor monitor =
        new DatabaseMonitor(
            dataSource,
            new DatabaseRepair(
                database,
                directory.reserve(),
                () -> pool.getHikariPoolMXBean().softEvictConnections(),
                System::nanoTime));
    database.whenClosed(monitor::checkSoon);
    return monitor;
  }

  @Bean
  MeterBinder databaseMetrics(DatabaseMonitor monitor) {
    return meters ->
        Gauge.builder(
                "trainyard.database.available",
                () -> monitor.state() == DatabaseMonitor.State.AVAILABLE ? 1 : 0)
            .description("1 while the database answers this process and can be written, else 0")
            .register(meters);
  }

  /** The database of one installation has the clock of its machine. */
  @Bean
  Clock clock(DataSource dataSource) throws SQLException {
    return DatabaseKind.isOfOneInstallation(dataSource)
        ? Clock.systemUTC()
        : new DatabaseClock(dataSource, System::nanoTime);
  }

  /** The embedded database is served; any other one, workers reach by their own configuration. */
  @Bean
  WorkerDatabase workerDatabase(ObjectProvider<EmbeddedDatabase> embedded) {
    EmbeddedDatabase database = embedded.getIfAvailable();
    return database == null ? Map::of : database::serve;
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
}
