package io.trainyard.api.infer;

import io.trainyard.model.Model;
import io.trainyard.model.ModelCatalogue;
import io.trainyard.model.VersionResolver;
import io.trainyard.model.VersionStore;
import io.trainyard.predict.Predictor;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RestController;

/** Triton's model repository: what there is, and what is in memory. */
@RestController
class RepositoryController {
  private static final int MOST_ENTRIES = 10_000;
  private static final int PAGE = 1000;

  private final ModelCatalogue models;
  private final VersionStore versions;
  private final VersionResolver resolver;
  private final Predictor predictor;

  RepositoryController(
      ModelCatalogue models, VersionStore versions, VersionResolver resolver, Predictor predictor) {
    this.models = models;
    this.versions = versions;
    this.resolver = resolver;
    this.predictor = predictor;
  }

  /** A version; each can be asked, and is loaded then. */
  record Entry(String name, String version, String state, String reason) {}

  @PostMapping("/v2/repository/index")
  List<Entry> index() {
    List<Entry> entries = new ArrayList<>();
    List<Model> page = models.list(PAGE, null);
    while (!page.isEmpty() && entries.size() < MOST_ENTRIES) {
      for (Model model : page) {
        for (int version : versions.numbers(model.name(), PAGE)) {
          entries.add(new Entry(model.name(), String.valueOf(version), "READY", ""));
        }
      }
      page = models.list(PAGE, page.getLast().id());
    }
    return entries;
  }

  /** Loads the version that is answered from when none is named. */
  @PostMapping("/v2/repository/models/{model}/load")
  Map<String, String> load(@PathVariable String model) {
    predictor.load(resolver.resolve(model, null));
    return Map.of();
  }

  /** Frees the memory of a model's versions; the next request loads one again. */
  @PostMapping("/v2/repository/models/{model}/unload")
  Map<String, String> unload(@PathVariable String model) {
    predictor.forget(models.get(model).name(), null);
    return Map.of();
  }
}
