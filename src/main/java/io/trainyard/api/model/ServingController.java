package io.trainyard.api.model;

import io.trainyard.access.Change;
import io.trainyard.api.EntityTag;
import io.trainyard.error.Violations;
import io.trainyard.json.JsonObject;
import io.trainyard.model.ModelVersion;
import io.trainyard.model.Precondition;
import io.trainyard.model.VersionResolver;
import io.trainyard.model.serving.ServingLimits;
import io.trainyard.model.serving.ServingStore;
import io.trainyard.model.serving.VersionServing;
import io.trainyard.predict.PredictProperties;
import io.trainyard.predict.Predictor;
import io.trainyard.predict.serving.ServedVersions;
import java.time.Duration;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.PutMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;
import tools.jackson.databind.JsonNode;

/** How versions are served by all processes, and the limits of a model. */
@RestController
@RequestMapping("/v1/models/{model}")
record ServingController(
    ServedVersions served,
    ServingStore store,
    VersionResolver resolver,
    Predictor predictor,
    PredictProperties properties) {
  private static final int MOST_ROWS = 1_000_000_000;
  private static final int MOST_PREDICTIONS = 1_000_000;

  /**
   * A version.
   *
   * @param state in this process: loaded, unloaded (refused until it is loaded), or idle (loaded
   *     when it is asked)
   */
  record VersionState(String model, int version, String state, boolean pinned) {}

  /** Null: only the service's own limit. */
  record Limits(
      @Nullable Integer maxBatchRows,
      @Nullable Integer maxConcurrency,
      @Nullable Double timeoutSeconds) {
    static Limits of(ServingLimits limits) {
      Duration timeout = limits.timeout();
      return new Limits(
          limits.maxBatchRows(),
          limits.maxConcurrency(),
          timeout == null ? null : timeout.toMillis() / 1000.0);
    }
  }

  @PostMapping("/versions/{version}:load")
  VersionState load(@PathVariable String model, @PathVariable String version) {
    return change(model, version, served::load);
  }

  @PostMapping("/versions/{version}:unload")
  VersionState unload(@PathVariable String model, @PathVariable String version) {
    return change(model, version, served::unload);
  }

  @PostMapping("/versions/{version}:pin")
  VersionState pin(@PathVariable String model, @PathVariable String version) {
    return change(model, version, served::pin);
  }

  @PostMapping("/versions/{version}:unpin")
  VersionState unpin(@PathVariable String model, @PathVariable String version) {
    return change(model, version, served::unpin);
  }

  private VersionState change(
      String model, String version, Function<ModelVersion, VersionServing> change) {
    VersionServing serving = change.apply(resolver.resolve(model, version));
    Change.note(null, serving);
    boolean loaded = predictor.control().isLoaded(serving.id());
    String state = serving.unloaded() ? "unloaded" : loaded ? "loaded" : "idle";
    return new VersionState(serving.model(), serving.version(), state, serving.pinned());
  }

  @GetMapping("/serving")
  ResponseEntity<Limits> limits(@PathVariable String model) {
    return answer(model, store.limits(model));
  }

  /** Replaces all limits: one that is absent or null is lifted. */
  @PutMapping("/serving")
  ResponseEntity<Limits> limit(
      @PathVariable String model,
      @RequestHeader(name = "If-Match", required = false) @Nullable String ifMatch,
      @RequestBody JsonNode body) {
    ServingLimits limits = read(body);
    Precondition<ServingLimits> precondition =
        EntityTag.matching(ifMatch, current -> tag(model, current));
    ServingLimits before = store.limits(model);
    ServingLimits stored = store.put(model, limits, precondition);
    Change.note(Limits.of(before), Limits.of(stored));
    served.limitsChanged();
    return answer(model, stored);
  }

  private ServingLimits read(JsonNode body) {
    Violations violations = new Violations();
    JsonObject members = JsonObject.of(body, "", violations);
    Integer rows = most(members, "max_batch_rows", MOST_ROWS);
    Integer predictions = most(members, "max_concurrency", MOST_PREDICTIONS);
    Double seconds = members.number("timeout_seconds");
    double most = properties.timeout().toMillis() / 1000.0;
    if (seconds != null && !seconds.isNaN() && !(seconds > 0 && seconds <= most)) {
      members.violate(
          "timeout_seconds",
          "Seconds above 0, at most trainyard.predict.timeout, %s, were expected, got %s"
              .formatted(most, seconds));
      seconds = null;
    }
    members.finish();
    violations.throwIfAny();
    return new ServingLimits(
        rows,
        predictions,
        seconds == null ? null : Duration.ofMillis(Math.max(1, Math.round(seconds * 1000))),
        0);
  }

  private static @Nullable Integer most(JsonObject members, String member, int most) {
    return members.get(member) == null ? null : (Integer) members.integer(member, 1, 1, most);
  }

  private static ResponseEntity<Limits> answer(String model, ServingLimits limits) {
    return ResponseEntity.ok().eTag(tag(model, limits).header()).body(Limits.of(limits));
  }

  private static EntityTag tag(String model, ServingLimits limits) {
    return EntityTag.of("serving", model, limits.revision());
  }
}
