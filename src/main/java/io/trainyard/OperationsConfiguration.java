package io.trainyard;

import io.trainyard.engine.Engine;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** Health checks for the platform. */
@Configuration(proxyBeanMethods = false)
class OperationsConfiguration {
  /** Up when the native libraries are loaded. Migrations run before the port opens. */
  @Bean
  HealthIndicator nativesHealthIndicator(Engine engine) {
    return () -> engine.ready() ? Health.up().build() : Health.outOfService().build();
  }
}
