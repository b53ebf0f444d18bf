package io.trainyard;

import io.trainyard.job.process.Roles;
import io.trainyard.model.ModelCatalogue;
import io.trainyard.model.VersionResolver;
import io.trainyard.model.VersionStore;
import io.trainyard.model.serving.ServingStore;
import io.trainyard.predict.AnswerRoute;
import io.trainyard.predict.PredictProperties;
import io.trainyard.predict.Predictor;
import io.trainyard.predict.serving.ServedModels;
import io.trainyard.predict.serving.ServedVersions;
import org.springframework.boot.context.event.ApplicationReadyEvent;
import org.springframework.context.ApplicationListener;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

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
  ServedModels servedModels(
      ModelCatalogue models,
      VersionStore versions,
      VersionResolver resolver,
      Predictor predictor,
      ServedVersions served) {
    return new ServedModels(models, versions, resolver, predictor, served);
  }

  /** Versions are loaded in advance once the service is ready, which does not wait for them. */
  @Bean
  ApplicationListener<ApplicationReadyEvent> servedFromTheStart(
      ServedVersions served, Roles roles) {
    return event -> {
      if (roles.api()) {
        served.start();
      }
    };
  }
}
