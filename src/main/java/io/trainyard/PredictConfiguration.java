package io.trainyard;

import io.micrometer.core.instrument.MeterRegistry;
import io.trainyard.access.Identity;
import io.trainyard.engine.Engine;
import io.trainyard.job.prediction.PredictedColumns;
import io.trainyard.model.VersionResolver;
import io.trainyard.model.WeightStore;
import io.trainyard.onnx.host.Hosts;
import io.trainyard.predict.AnswerRoute;
import io.trainyard.predict.PredictMetrics;
import io.trainyard.predict.PredictProperties;
import io.trainyard.predict.Predictor;
import io.trainyard.predict.Rehearsal;
import io.trainyard.predict.VersionLoader;
import io.trainyard.predict.compute.ComputeQueue;
import io.trainyard.predict.request.AnsweredTensors;
import io.trainyard.trace.Spans;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** The predictor, with compute threads that training does not use. */
@Configuration(proxyBeanMethods = false)
class PredictConfiguration {
  /** More loads than this are refused with 503. */
  private static final int MAX_WAITING_LOADS = 256;

  @Bean
  VersionLoader versionLoader(
      WeightStore weights, Engine engine, Hosts hosts, PredictProperties properties) {
    return new VersionLoader(weights, engine::load, hosts::load, properties.limits());
  }

  /** All ways in which predictions are answered. */
  @Bean
  AnswerRoute answerRoutes() {
    return AnswerRoute.all(AnsweredTensors::answer, PredictedColumns::answer);
  }

  @Bean
  Rehearsal rehearsal(Engine engine, AnswerRoute routes) {
    return new Rehearsal(
        engine::load,
        weights -> engine.initialWeights(weights, 0),
        work -> engine.threads().run(1, work),
        routes);
  }

  @Bean
  Predictor predictor(
      VersionResolver versions,
      VersionLoader loader,
      Engine engine,
      MeterRegistry meters,
      Spans spans,
      PredictProperties properties) {
    ComputeQueue queue =
        new ComputeQueue(
            properties.threadCount(), properties.queueCapacity(), engine.threads()::start);
    return new Predictor(
        versions,
        loader,
        queue,
        new PredictMetrics(meters, spans),
        properties,
        loading(properties.loadThreads()));
  }

  /** Platform threads, because loading hashes files and copies native memory. */
  private static ThreadPoolExecutor loading(int threads) {
    ThreadPoolExecutor loading =
        new ThreadPoolExecutor(
            threads,
            threads,
            1,
            TimeUnit.MINUTES,
            new ArrayBlockingQueue<>(MAX_WAITING_LOADS),
            Identity.service().threads(Thread.ofPlatform().daemon().name("load-", 0)));
    loading.allowCoreThreadTimeOut(true);
    return loading;
  }
}
