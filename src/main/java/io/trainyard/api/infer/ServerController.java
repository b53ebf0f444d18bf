package io.trainyard.api.infer;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.trainyard.error.ErrorCode;
import io.trainyard.error.ServiceException;
import io.trainyard.predict.request.DataType;
import io.trainyard.predict.request.NamedInputs;
import io.trainyard.predict.serving.ServedModels;
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
record ServerController(
    ApplicationAvailability availability, ServedModels models, @Nullable BuildProperties build) {
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
   * @param assumedClasses the targets whose labels an import without classes made up
   */
  record Metadata(
      String name,
      List<String> versions,
      String platform,
      List<TensorMetadata> inputs,
      List<TensorMetadata> outputs,
      @JsonInclude(JsonInclude.Include.NON_EMPTY) List<String> assumedClasses) {
    static Metadata of(ServedModels.Description model) {
      return new Metadata(
          model.name(),
          model.versions(),
          model.platform(),
          model.inputs().stream().map(TensorMetadata::of).toList(),
          model.outputs().stream().map(TensorMetadata::of).toList(),
          model.assumedClasses());
    }
  }

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
    return new Server(
        ServedModels.SERVER,
        build == null ? "unknown" : String.valueOf(build.getVersion()),
        ServedModels.EXTENSIONS);
  }

  @GetMapping("/v2/models")
  Models list() {
    return new Models(models.names());
  }

  @GetMapping({"/v2/models/{model}", "/v2/models/{model}/versions/{version}"})
  Metadata describe(
      @PathVariable String model, @PathVariable(required = false) @Nullable String version) {
    return Metadata.of(models.describe(model, version));
  }

  /** A model that does not answer is an error of the protocol, as it is for {@code infer}. */
  @GetMapping({"/v2/models/{model}/ready", "/v2/models/{model}/versions/{version}/ready"})
  ModelHealth modelReady(
      @PathVariable String model, @PathVariable(required = false) @Nullable String version) {
    if (!models.isReady(model, version)) {
      throw new ServiceException(
          ErrorCode.UNAVAILABLE,
          "'" + model + "' is not ready until it is loaded",
          ServiceException.NEVER);
    }
    return new ModelHealth(model, true);
  }
}
