package io.trainyard;

import io.micrometer.core.instrument.MeterRegistry;
import io.trainyard.job.AliasPromises;
import io.trainyard.job.Outages;
import io.trainyard.job.PromisedAliases;
import io.trainyard.job.process.Roles;
import io.trainyard.job.process.Supervision;
import io.trainyard.model.ModelCatalogue;
import io.trainyard.model.VersionResolver;
import io.trainyard.model.VersionStore;
import io.trainyard.model.serving.ServingStore;
import io.trainyard.onnx.host.Checkers;
import io.trainyard.onnx.host.Hosts;
import io.trainyard.predict.AnswerRoute;
import io.trainyard.predict.PredictProperties;
import io.trainyard.predict.Predictor;
import io.trainyard.predict.serving.ServedModels;
import io.trainyard.predict.serving.ServedVersions;
import java.time.Clock;
import java.time.Duration;
import java.util.Set;
import org.springframework.boot.ApplicationRunner;
import org.springframework.boot.context.event.ApplicationReadyEvent;
import org.springframework.context.ApplicationListener;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;

/** What is served, in a process that answers callers. */
@Configuration(proxyBeanMethods = false)
class ServingConfiguration {
  @Bean
  ServedVersions servedVersions(
      ServingStore store,
      VersionStore versions,
      Predictor predictor,
      PredictProperties properties,
      AnswerRoute routes) {
    return new ServedVersions(
        store, versions, predictor, properties.resolvedFor().dividedBy(2), routes);
  }

  @Bean
  AliasPromises aliasPromises(
      PromisedAliases promises,
      VersionStore versions,
      ServedVersions served,
      Outages outages,
      Roles roles,
      Supervision supervision,
      Clock clock) {
    return new AliasPromises(
        promises, versions, served::admit, outages, clock, roles.api() && !supervision.present());
  }

  @Bean
  ServedModels servedModels(
      ModelCatalogue models,
      VersionStore versions,
      VersionResolver resolver,
      Predictor predictor,
      ServedVersions served) {
    return new ServedModels(models, versions, resolver, predictor, served);
  }

  /** What follows when a process ends that computes files of callers. */
  @Bean
  HostMetrics hostMetrics(
      Hosts hosts,
      Checkers checkers,
      Predictor predictor,
      ServedVersions served,
      MeterRegistry meters) {
    HostMetrics.HOSTS.register(meters);
    HostMetrics.count(meters, hosts, checkers);
    hosts.listen(
        new Hosts.Listener() {
          @Override
          public void died(String kind) {
            HostMetrics.HOSTS.died(meters, kind);
          }

          @Override
          public void lost(Set<String> files) {
            predictor.control().reload(files);
          }

          @Override
          public void quarantine(String file, String reason) {
            served.quarantine(file, reason);
          }
        });
    return HostMetrics.HOSTS;
  }

  /** A start of more processes beside the first requests would make them wait. */
  private static final Duration AFTER_FIRST_REQUESTS = Duration.ofSeconds(20);

  /** Versions are loaded in advance. */
  @Bean
  @Order(Ordered.HIGHEST_PRECEDENCE)
  ApplicationRunner servedFromTheStart(ServedVersions served, Roles roles) {
    return _ -> {
      if (roles.api()) {
        served.start();
      }
    };
  }

  @Bean
  ApplicationListener<ApplicationReadyEvent> checkersFromTheStart(Checkers checkers, Roles roles) {
    return _ -> {
      if (roles.api()) {
        checkers.start(AFTER_FIRST_REQUESTS);
      }
    };
  }
}
