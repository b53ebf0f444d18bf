package io.trainyard.api.infer;

import io.trainyard.model.Model;
import io.trainyard.model.ModelCatalogue;
import io.trainyard.model.ModelVersion;
import io.trainyard.model.VersionDefinition;
import io.trainyard.model.VersionResolver;
import io.trainyard.model.VersionStore;
import io.trainyard.predict.request.NamedInputs;
import io.trainyard.predict.request.NamedOutputs;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.availability.ApplicationAvailability;
import org.springframework.boot.availability.ReadinessState;
import org.springframework.boot.info.BuildProperties;
import org.springframework.http.HttpStatus;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RestController;

/** Health and metadata of the server and of its models. */
@RestController
class ServerController {
  static final List<String> EXTENSIONS =
      List.of("binary_tensor_data", "model_repository", "statistics");

  private static final int MOST_MODELS = 10_000;
  private static final int MOST_VERSIONS = 1000;

  private final ApplicationAvailability availability;
  private final ModelCatalogue models;
  private final VersionStore versions;
  private final VersionResolver resolver;
  private final String release;

  ServerController(
      ApplicationAvailability availability,
      ModelCatalogue models,
      VersionStore versions,
      VersionResolver resolver,
      @Nullable BuildProperties build) {
    this.availability = availability;
    this.models = models;
    this.versions = versions;
    this.resolver = resolver;
    this.release = build == null ? "unknown" : String.valueOf(build.getVersion());
  }

  /** The body of the server's health. */
  record Health(boolean live, boolean ready) {}

  /** The body of a model's health. */
  record ModelHealth(String name, boolean ready) {}

  record Server(String name, String version, List<String> extensions) {}

  /** The names of all models. */
  record Models(List<String> models) {}

  /**
   * A model as the protocol describes it.
   *
   * @param versions all that can be asked for, oldest first
   */
  record Metadata(
      String name,
      List<String> versions,
      String platform,
      List<TensorMetadata> inputs,
      List<TensorMetadata> outputs) {}

  /** A tensor; −1 stands for the batch axis. */
  record TensorMetadata(String name, String datatype, List<Integer> shape) {
    static TensorMetadata of(NamedInputs.Described tensor) {
      return new TensorMetadata(
          tensor.name(),
          DataType.of(tensor.type()).name(),
          Stream.concat(Stream.of(-1), tensor.row().dims().stream()).toList());
    }
  }

  @GetMapping("/v2/health/live")
  Health live() {
    return new Health(true, isReady());
  }

  @GetMapping("/v2/health/ready")
  ResponseEntity<Health> ready() {
    boolean ready = isReady();
    return ResponseEntity.status(ready ? HttpStatus.OK : HttpStatus.SERVICE_UNAVAILABLE)
        .body(new Health(true, ready));
  }

  private boolean isReady() {
    return availability.getReadinessState() == ReadinessState.ACCEPTING_TRAFFIC;
  }

  @GetMapping({"/v2", "/v2/"})
  Server server() {
    return new Server("trainyard", release, EXTENSIONS);
  }

  @GetMapping("/v2/models")
  Models list() {
    return new Models(all().map(Model::name).toList());
  }

  private Stream<Model> all() {
    List<Model> all = new ArrayList<>();
    Long before = null;
    while (all.size() < MOST_MODELS) {
      List<Model> page = models.list(1000, before);
      if (page.isEmpty()) {
        break;
      }
      all.addAll(page);
      before = page.getLast().id();
    }
    return all.stream();
  }

  @GetMapping("/v2/models/{model}")
  Metadata describe(@PathVariable String model) {
    return describe(resolver.resolve(model, null));
  }

  @GetMapping("/v2/models/{model}/versions/{version}")
  Metadata describe(@PathVariable String model, @PathVariable String version) {
    return describe(resolver.resolve(model, version));
  }

  private Metadata describe(ModelVersion version) {
    VersionDefinition definition = VersionDefinition.of(version);
    List<Integer> known = versions.numbers(version.model(), MOST_VERSIONS);
    return new Metadata(
        version.model(),
        known.reversed().stream().map(String::valueOf).toList(),
        "trainyard_libtorch",
        NamedInputs.of(definition).stream().map(TensorMetadata::of).toList(),
        NamedOutputs.describe(definition).stream().map(TensorMetadata::of).toList());
  }

  /** A version that exists is loaded when it is asked. */
  @GetMapping("/v2/models/{model}/ready")
  ModelHealth modelReady(@PathVariable String model) {
    return new ModelHealth(resolver.resolve(model, null).model(), true);
  }

  @GetMapping("/v2/models/{model}/versions/{version}/ready")
  ModelHealth modelReady(@PathVariable String model, @PathVariable String version) {
    return new ModelHealth(resolver.resolve(model, version).model(), true);
  }
}
