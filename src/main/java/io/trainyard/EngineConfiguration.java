package io.trainyard;

import io.trainyard.engine.Engine;
import io.trainyard.engine.EngineProperties;
import io.trainyard.train.Trainer;
import java.nio.file.Path;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** The engine and the trainer. The engine loads native libraries while the service starts. */
@Configuration(proxyBeanMethods = false)
class EngineConfiguration {
  @Bean(destroyMethod = "close")
  Engine engine(
      EngineProperties properties, @Value("${trainyard.data-dir:./data}") Path dataDirectory) {
    return Engine.start(properties, dataDirectory);
  }

  @Bean
  Trainer trainer(Engine engine) {
    return new Trainer(engine);
  }
}
