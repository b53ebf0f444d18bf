package io.trainyard.api.infer;

import io.trainyard.predict.serving.ServedModels;
import java.util.List;
import java.util.Map;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RestController;

/** Triton's model repository: what there is, and what is in memory. */
@RestController
record RepositoryController(ServedModels models) {
  /** A version; each can be asked, and is loaded then. */
  record Entry(String name, String version, String state, String reason) {
    static Entry of(ServedModels.Entry entry) {
      return new Entry(
          entry.name(), entry.version(), entry.ready() ? "READY" : "UNAVAILABLE", entry.reason());
    }
  }

  @PostMapping("/v2/repository/index")
  List<Entry> index() {
    return models.index().stream().map(Entry::of).toList();
  }

  /** Loads the version that is answered from when none is named. */
  @PostMapping("/v2/repository/models/{model}/load")
  Map<String, String> load(@PathVariable String model) {
    models.load(model);
    return Map.of();
  }

  /** Frees the memory of a model's versions; the next request loads one again. */
  @PostMapping("/v2/repository/models/{model}/unload")
  Map<String, String> unload(@PathVariable String model) {
    models.unload(model);
    return Map.of();
  }
}
