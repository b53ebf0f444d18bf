package io.trainyard;

import io.micrometer.core.instrument.MeterRegistry;
import io.trainyard.engine.Engine;
import io.trainyard.model.VersionResolver;
import io.trainyard.model.WeightStore;
import io.trainyard.predict.ComputeQueue;
import io.trainyard.predict.PredictMetrics;
import io.trainyard.predict.PredictProperties;
import io.trainyard.predict.Predictor;
import io.trainyard.predict.VersionLoader;
import java.util.concurrent.Executors;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** The predictor, with compute threads that training does not use. */
@Configuration(proxyBeanMethods = false)
class PredictConfiguration {
  @Bean
  Predictor predictor(
      VersionResolver versions,
      WeightStore weights,
      Engine engine,
      MeterRegistry meters,
      PredictProperties properties) {
    ComputeQueue queue =
        new ComputeQueue(
            properties.threadCount(), properties.queueCapacity(), engine.threads()::start);
    return new Predictor(
        versions,
        new VersionLoader(weights, engine::load),
        queue,
        new PredictMetrics(meters),
        properties,
        Executors.newThreadPerTaskExecutor(Thread.ofVirtual().name("load-", 0).factory()));
  }
}
