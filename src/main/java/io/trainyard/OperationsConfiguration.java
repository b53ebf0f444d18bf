package io.trainyard;

import io.trainyard.engine.Engine;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** What tells a platform how this process is. */
@Configuration(proxyBeanMethods = false)
class OperationsConfiguration {
  /** Up once the natives are loaded; migrations are done before the port is open. */
  @Bean
  HealthIndicator nativesHealthIndicator(Engine engine) {
    return () -> engine.ready() ? Health.up().build() : Health.outOfService().build();
  }
}
