package io.trainyard;

import io.trainyard.dataset.DatasetPlanner;
import io.trainyard.dataset.DatasetStore;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.scheduling.annotation.EnableScheduling;

@Configuration(proxyBeanMethods = false)
@EnableScheduling
class DatasetConfiguration {
  @Bean
  DatasetPlanner datasetPlanner(DatasetStore store) {
    return new DatasetPlanner(store);
  }
}
