package io.trainyard;

import io.trainyard.model.ModelRegistry;
import io.trainyard.model.VersionImport;
import java.util.Map;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** What takes in versions from elsewhere. */
@Configuration(proxyBeanMethods = false)
class ModelConfiguration {
  @Bean
  VersionImport versionImport(ModelRegistry registry) {
    return new VersionImport(registry, Map.of("java", Runtime.version().toString()));
  }
}
