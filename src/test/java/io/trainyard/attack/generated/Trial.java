package io.trainyard.attack.generated;

import io.trainyard.Http;
import io.trainyard.judge.Routes;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** Validates, stores, submits, trains and predicts, and says what broke a promise. */
final class Trial {
  /** A sweep trains as often as ten jobs. */
  private static final int SWEEP_EVERY = 8;

  /** Rows that are asked about on every route. */
  private static final int INSTANCES = 3;

  private final Http http;
  private final Routes routes;
  private final AtomicInteger trained = new AtomicInteger();
  private final AtomicInteger published = new AtomicInteger();
  private final AtomicInteger answered = new AtomicInteger();
  private final AtomicInteger refused = new AtomicInteger();
  private final AtomicInteger sweeps = new AtomicInteger();
  private final AtomicInteger overflows = new AtomicInteger();

  Trial(Http http, Routes routes) {
    this.http = http;
    this.routes = routes;
  }

  int trained() {
    return trained.get();
  }

  int published() {
    return published.get();
  }

  /** Published versions that gave the same answers on every route. */
  int answered() {
    return answered.get();
  }

  /** Sweeps that were accepted. */
  int sweeps() {
    return sweeps.get();
  }

  int refused() {
    return refused.get();
  }

  /** Valid jobs whose loss became too large for 32 bits. */
  int overflows() {
    return overflows.get();
  }

  /** What is wrong with the answers to a job; empty when all of them agree. */
  Optional<String> fault(GeneratedJobs.Job job) {
    String fault = tried(job);
    return fault == null
        ? Optional.empty()
        : Optional.of("number %d: %s%n  %s".formatted(job.number(), fault, job.body()));
  }

  private @Nullable String tried(GeneratedJobs.Job job) {
    String fault = stored(job.body().path("model"));
    if (fault != null) {
      return fault;
    }
    Http.Answer validated = http.post("/v1/models:validate", job.body().toString());
    Http.Answer submitted = http.post("/v1/jobs", job.body().toString());
    if (validated.status() != 200 && validated.status() != 422) {
      return "validate answered " + validated;
    }
    boolean valid = validated.status() == 200 && validated.json().path("valid").asBoolean(false);
    if (!List.of("model", "dataset", "training").stream().allMatch(job.body()::hasNonNull)) {
      refused.incrementAndGet();
      return submitted.status() == 422 ? null : "less than a job, but jobs answered " + submitted;
    }
    if (!valid) {
      refused.incrementAndGet();
      return submitted.status() != 422
          ? "validate refuses with " + errors(validated) + ", jobs answered " + submitted
          : difference(
              errors(validated), errors(submitted), isPartial(validated) || isPartial(submitted));
    }
    if (submitted.status() != 202) {
      return "valid, but jobs answered " + submitted;
    }
    List<JsonNode> warnings = warnings(submitted, job.body());
    if (!warnings.equals(warnings(validated, job.body()))) {
      return "validate warns %s, the job %s".formatted(validated.json().path("warnings"), warnings);
    }
    JsonNode done = http.await(submitted.location());
    if (!done.path("state").asString("").equals("succeeded")) {
      if (!done.at("/error/code").asString("").equals("non_finite_loss")) {
        return "valid, but the job ended as " + done.path("state") + " " + done.path("error");
      }
      overflows.incrementAndGet();
      return null;
    }
    trained.incrementAndGet();
    String swept = job.number() % SWEEP_EVERY == 0 ? swept(job) : null;
    // A search for a learning rate publishes nothing.
    if (swept != null || !done.path("result").has("version")) {
      return swept;
    }
    published.incrementAndGet();
    return predicted(job, done.path("result"));
  }

  /** Without a seed, the rows of the parts differ, and what is said of them. */
  private static List<JsonNode> warnings(Http.Answer answer, JsonNode job) {
    boolean seeded = job.at("/training/seed").isNumber();
    return answer
        .json()
        .path("warnings")
        .valueStream()
        .filter(each -> seeded || !each.path("code").asString("").equals("class_missing_in_part"))
        .toList();
  }

  /** Of a valid job, a sweep with folds that is accepted has a result; a refusal has a place. */
  private @Nullable String swept(GeneratedJobs.Job job) {
    ObjectNode body = JsonNodeFactory.instance.objectNode();
    body.set("job", job.body());
    ObjectNode parameters = body.putObject("parameters");
    if (job.number() % (2 * SWEEP_EVERY) == 0) {
      parameters.putArray("/training/seed").add(1).add(2);
    }
    body.put("objective", "val_loss").put("cross_validation", 2);
    Http.Answer submitted = http.post("/v1/sweeps", body.toString());
    if (submitted.status() == 422) {
      return submitted.json().path("errors").isEmpty()
          ? "the sweep is refused without a place: " + submitted
          : null;
    }
    if (submitted.status() != 202) {
      return "sweeps answered " + submitted;
    }
    JsonNode done = http.await(submitted.location());
    sweeps.incrementAndGet();
    boolean finite = !done.at("/error/code").asString("").equals("non_finite_loss");
    return done.path("state").asString("").equals("succeeded") || !finite
        ? null
        : "the sweep ended as " + done.path("state") + " " + done.path("error");
  }

  /** A model alone is stored if, and only if, it is valid. */
  private @Nullable String stored(JsonNode model) {
    ObjectNode body = JsonNodeFactory.instance.objectNode();
    body.set("model", model);
    Http.Answer validated = http.post("/v1/models:validate", body.toString());
    if (validated.status() != 200) {
      return validated.status() == 422 ? null : "validate of the model answered " + validated;
    }
    boolean valid = validated.json().path("valid").asBoolean(false);
    if (!model.isObject()) {
      return null;
    }
    Http.Answer stored = http.post("/v1/models", model.toString());
    if (valid) {
      return stored.status() == 201 || stored.status() == 409
          ? null
          : "a valid model, but models answered " + stored;
    }
    return stored.status() == 422
        ? difference(
            errors(validated).stream().map(error -> error.replaceFirst("^/model", "")).toList(),
            errors(stored),
            isPartial(validated) || isPartial(stored))
        : "validate refuses the model with " + errors(validated) + ", models answered " + stored;
  }

  private static List<String> errors(Http.Answer answer) {
    List<String> errors = new ArrayList<>();
    for (JsonNode error : answer.json().path("errors")) {
      errors.add(error.path("pointer").asString("") + " " + error.path("detail").asString(""));
    }
    return errors;
  }

  /**
   * Whether an answer says that it did not look for all errors, which takes long on a busy machine.
   */
  private static boolean isPartial(Http.Answer answer) {
    String detail = answer.json().path("detail").asString("");
    return detail.contains("(and at least ")
        || detail.endsWith("(there may be more)")
        || answer
            .json()
            .path("warnings")
            .valueStream()
            .anyMatch(each -> each.path("code").asString("").equals("more_errors"));
  }

  private static @Nullable String difference(
      List<String> validated, List<String> refused, boolean partial) {
    boolean same =
        partial
            ? validated.containsAll(refused) || refused.containsAll(validated)
            : validated.equals(refused);
    return same ? null : "validate says %s, the other %s".formatted(validated, refused);
  }

  private @Nullable String predicted(GeneratedJobs.Job job, JsonNode result) {
    String model = result.path("model").asString("");
    String path = "/v1/models/%s/versions/%s".formatted(model, result.path("version"));
    JsonNode inputs = http.get(path).json().at("/encoding/inputs");
    List<ObjectNode> instances = instances(inputs, job.table());
    if (instances.isEmpty()) {
      return null;
    }
    ObjectNode request = JsonNodeFactory.instance.objectNode();
    instances.forEach(request.putArray("instances")::add);
    Http.Answer answer = http.post(path + "/predict", request.toString());
    if (answer.text().contains("known categories") && job.body().at("/dataset").has("where")) {
      // A row that was not selected may have a category that is not known.
      return null;
    }
    if (answer.status() != 200 || answer.json().path("predictions").size() != instances.size()) {
      return "trained, but predict answered %s to %s".formatted(answer, request);
    }
    String fault = analysed(path, request);
    fault =
        fault != null
            ? fault
            : routes.fault(
                model, result.path("version").intValue(), instances, job.number() % 4 == 1);
    boolean all = !job.body().path("dataset").hasNonNull("where");
    if (fault == null && all && job.number() % 4 == 0) {
      fault = predictedAll(job, result);
    }
    if (fault == null) {
      answered.incrementAndGet();
    }
    return fault;
  }

  /** Samples and shares are given, or refused for a reason. */
  private @Nullable String analysed(String path, ObjectNode request) {
    for (String asked : List.of("samples", "explain")) {
      ObjectNode body = request.deepCopy();
      if (asked.equals("samples")) {
        body.put("samples", 4).put("seed", 1);
      } else {
        body.putObject("explain").put("steps", 8);
      }
      Http.Answer answer = http.post(path + "/predict", body.toString());
      if (answer.status() != 200 && answer.status() != 422) {
        return "trained, but predict answered %s to %s".formatted(answer, body);
      }
    }
    return null;
  }

  /** The rows that the model was trained on can be predicted as a job. */
  private @Nullable String predictedAll(GeneratedJobs.Job job, JsonNode result) {
    ObjectNode body = JsonNodeFactory.instance.objectNode();
    body.put("model", result.path("model").asString("")).set("version", result.path("version"));
    body.putObject("dataset").set("name", job.body().at("/dataset/name"));
    body.putObject("result").put("dataset", "all-of-" + job.name());
    Http.Answer submitted = http.post("/v1/batch-predictions", body.toString());
    if (submitted.status() != 202) {
      return "trained, but its rows cannot be predicted: " + submitted;
    }
    JsonNode done = http.await(submitted.location());
    return done.path("state").asString("").equals("succeeded")
        ? null
        : "its rows were not predicted: " + done.path("error");
  }

  /** The first rows of the table without holes, as instances; none when there are too few. */
  private static List<ObjectNode> instances(JsonNode inputs, Table table) {
    List<ObjectNode> instances = new ArrayList<>();
    for (int first = 0; first < INSTANCES; first++) {
      ObjectNode instance = instance(inputs, table, first);
      if (instance == null) {
        break;
      }
      instances.add(instance);
    }
    return instances;
  }

  private static @Nullable ObjectNode instance(JsonNode inputs, Table table, int first) {
    ObjectNode instance = JsonNodeFactory.instance.objectNode();
    for (JsonNode input : inputs) {
      int length = input.at("/window/length").asInt(0);
      for (JsonNode column : input.path("columns")) {
        String name = column.path("column").asString("");
        List<JsonNode> values =
            table.rows().stream()
                .map(row -> row.path(name))
                .filter(value -> !value.isNull())
                .skip(first)
                .limit(Math.max(1, length))
                .toList();
        if (values.size() < Math.max(1, length)) {
          return null;
        }
        if (length == 0) {
          instance.set(name, values.getFirst());
        } else {
          ArrayNode series = instance.putArray(name);
          values.forEach(series::add);
        }
      }
    }
    return instance;
  }
}
