package io.trainyard;

import io.trainyard.engine.Engine;
import io.trainyard.job.supervise.Supervisor;
import io.trainyard.store.DataDirectory;
import io.trainyard.store.DiskReserve;
import io.trainyard.store.database.DatabaseMonitor;
import io.trainyard.store.s3.ObjectStoreMonitor;
import java.time.Duration;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.actuate.endpoint.ApiVersion;
import org.springframework.boot.actuate.endpoint.SecurityContext;
import org.springframework.boot.actuate.endpoint.web.WebEndpointResponse;
import org.springframework.boot.actuate.endpoint.web.WebServerNamespace;
import org.springframework.boot.health.actuate.endpoint.HealthDescriptor;
import org.springframework.boot.health.actuate.endpoint.HealthEndpointGroups;
import org.springframework.boot.health.actuate.endpoint.HealthEndpointWebExtension;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.boot.health.registry.HealthContributorRegistry;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** Health checks for the platform. None waits for the database. */
@Configuration(proxyBeanMethods = false)
class OperationsConfiguration {
  /** A check that takes longer is logged. */
  private static final Duration SLOW = Duration.ofSeconds(10);

  /** Spring fails on a path that goes on below one that is unknown. */
  @Bean
  HealthEndpointWebExtension healthEndpointWebExtension(
      HealthContributorRegistry contributors, HealthEndpointGroups groups) {
    return new HealthEndpointWebExtension(contributors, null, groups, SLOW) {
      @Override
      public WebEndpointResponse<HealthDescriptor> health(
          ApiVersion version,
          @Nullable WebServerNamespace server,
          SecurityContext caller,
          boolean showsAll,
          String... path) {
        for (int length = 1; length < path.length; length++) {
          WebEndpointResponse<HealthDescriptor> above =
              super.health(version, server, caller, showsAll, Arrays.copyOf(path, length));
          if (above.getStatus() == WebEndpointResponse.STATUS_NOT_FOUND) {
            return above;
          }
        }
        return super.health(version, server, caller, showsAll, path);
      }
    };
  }

  /** Up when the native libraries are loaded. Migrations run before the port opens. */
  @Bean
  HealthIndicator nativesHealthIndicator(Engine engine) {
    return () -> engine.ready() ? Health.up().build() : Health.outOfService().build();
  }

  /**
   * Up while all workers of this process take jobs, also in a process without workers. Else
   * unknown, which leaves the service up: it answers callers, and another worker starts.
   */
  @Bean
  HealthIndicator workersHealthIndicator(Supervisor supervisor) {
    return () -> supervisor.isComplete() ? Health.up().build() : Health.unknown().build();
  }

  /** Up while the database answers queries and stores changes. */
  @Bean
  HealthIndicator dbHealthIndicator(DatabaseMonitor database) {
    return () ->
        database.state() == DatabaseMonitor.State.AVAILABLE
            ? Health.up().build()
            : Health.down().build();
  }

  /**
   * Up while the object store can be used, or none is configured. Else unknown, which leaves the
   * service up: loaded models answer, and a restart would not help.
   */
  @Bean
  HealthIndicator objectStoreHealthIndicator(ObjectStoreMonitor objects) {
    return () ->
        objects
            .away()
            .map(away -> Health.unknown().withDetail("reason", away.reason()).build())
            .orElseGet(() -> Health.up().build());
  }

  /** Up while files may be written, that is, while more than the database's reserve is free. */
  @Bean
  HealthIndicator diskSpaceHealthIndicator(DataDirectory directory) {
    DiskReserve reserve = directory.reserve();
    return () -> reserve.available() > 0 ? Health.up().build() : Health.down().build();
  }

  /**
   * Up while the database file can be reopened. An outage that ends without help leaves it up,
   * because loaded models still answer.
   */
  @Bean
  HealthIndicator databaseFileHealthIndicator(DatabaseMonitor database) {
    return () -> database.isLost() ? Health.outOfService().build() : Health.up().build();
  }
}
