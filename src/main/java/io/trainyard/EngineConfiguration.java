package io.trainyard;

import io.trainyard.engine.Engine;
import io.trainyard.engine.EngineProperties;
import io.trainyard.model.WeightStore;
import io.trainyard.store.DataDirectory;
import io.trainyard.store.file.DriverLibrary;
import io.trainyard.train.Trainer;
import io.trainyard.train.VersionMeasurements;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/**
 * The engine and the trainer. The engine loads native libraries while the service starts. DuckDB's
 * library is unpacked into the same folder, when it is first used.
 */
@Configuration(proxyBeanMethods = false)
class EngineConfiguration {
  private final DataDirectory directory;

  EngineConfiguration(EngineProperties properties, DataDirectory directory) {
    this.directory = directory;
    DriverLibrary.unpackInto(properties.libraryFolder(directory.dataDir()));
  }

  @Bean(destroyMethod = "close")
  Engine engine(EngineProperties properties) {
    return Engine.start(properties, directory.dataDir());
  }

  @Bean
  VersionMeasurements versionMeasurements(WeightStore weights, Engine engine) {
    return new VersionMeasurements(weights, engine);
  }

  @Bean
  Trainer trainer(Engine engine) {
    return new Trainer(engine);
  }
}
