package io.trainyard;

import io.trainyard.dataset.encoding.Encoding.LearnedEncodings;
import io.trainyard.model.AliasStore;
import io.trainyard.model.ForeignNetworks;
import io.trainyard.model.ModelCatalogue;
import io.trainyard.model.NestedModels;
import io.trainyard.model.VersionImport;
import io.trainyard.model.VersionProof;
import io.trainyard.model.VersionResolver;
import io.trainyard.model.VersionStore;
import io.trainyard.model.WeightStore;
import io.trainyard.predict.PredictProperties;
import java.util.Map;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** Looks up, nests and imports stored versions. */
@Configuration(proxyBeanMethods = false)
class ModelConfiguration {
  @Bean
  VersionResolver versionResolver(
      ModelCatalogue models, VersionStore versions, AliasStore aliases) {
    return new VersionResolver(models, versions, aliases);
  }

  @Bean
  NestedModels nestedModels(VersionResolver versions, WeightStore weights) {
    return new NestedModels(versions, weights);
  }

  @Bean
  VersionImport versionImport(
      VersionStore versions,
      WeightStore weights,
      NestedModels nested,
      LearnedEncodings learned,
      VersionProof proof,
      ForeignNetworks foreign,
      PredictProperties properties) {
    return new VersionImport(
        versions,
        weights,
        nested,
        learned,
        properties.limits(),
        proof,
        foreign,
        Map.of("java", Runtime.version().toString()));
  }
}
