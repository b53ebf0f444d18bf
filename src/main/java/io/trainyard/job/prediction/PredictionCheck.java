package io.trainyard.job.prediction;

import io.trainyard.access.Identity;
import io.trainyard.access.Scope;
import io.trainyard.dataset.Column;
import io.trainyard.dataset.DatasetCatalogue;
import io.trainyard.dataset.DatasetVersion;
import io.trainyard.dataset.DerivedDatasets.NewColumn;
import io.trainyard.dataset.encoding.Encoding;
import io.trainyard.dataset.encoding.KnownColumns;
import io.trainyard.dataset.prepare.DataPlan;
import io.trainyard.dataset.prepare.SkippedRows;
import io.trainyard.error.ErrorCode;
import io.trainyard.error.ServiceException;
import io.trainyard.error.Violation;
import io.trainyard.error.Violations;
import io.trainyard.job.Job;
import io.trainyard.job.JobService;
import io.trainyard.job.Task;
import io.trainyard.job.check.MemoryBudget;
import io.trainyard.job.check.PoolChooser;
import io.trainyard.json.JsonObject;
import io.trainyard.model.ModelVersion;
import io.trainyard.model.VersionDefinition;
import io.trainyard.model.VersionResolver;
import io.trainyard.predict.OutputNames;
import io.trainyard.spec.check.Warning;
import io.trainyard.spec.weights.WeightSpec;
import io.trainyard.tensor.Bytes;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Service;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Turns the body of a batch prediction into a task in which every version is fixed. */
@Service
public final class PredictionCheck {
  private static final int MAX_COLUMNS = 20_000;
  private static final int MAX_NAME = 256;
  private static final Pattern DATASET_NAME = Pattern.compile("/dataset(/name|/version)?");

  private final VersionResolver versions;
  private final DatasetCatalogue datasets;
  private final PredictionRows rows;
  private final PoolChooser pools;
  private final MemoryBudget memory;
  private final JobService jobs;

  PredictionCheck(
      VersionResolver versions,
      DatasetCatalogue datasets,
      PredictionRows rows,
      PoolChooser pools,
      MemoryBudget memory,
      JobService jobs) {
    this.versions = versions;
    this.datasets = datasets;
    this.rows = rows;
    this.pools = pools;
    this.memory = memory;
    this.jobs = jobs;
  }

  /**
   * Checks a batch prediction and queues it.
   *
   * @throws ServiceException FORBIDDEN without the scopes; with all violations; QUEUE_FULL when the
   *     pool's queue is full
   */
  public Job submit(JsonNode body) {
    return jobs.submit(check(body));
  }

  /**
   * What the job does needs the scopes that doing it alone needs; without them, only the faults of
   * the body itself are told.
   */
  private static void requireScopes(PredictionRequest request, Violations violations) {
    Identity caller = Identity.current();
    try {
      caller.require(Set.of(Scope.PREDICT), "A batch prediction");
      caller.require(Set.of(Scope.DATASETS_WRITE), "A batch prediction, which stores a dataset,");
      caller.requireDataset(request.result());
      caller.requirePriority(request.priority());
    } catch (ServiceException e) {
      violations.throwIfAny();
      throw e;
    }
  }

  private Task.Prediction check(JsonNode body) {
    Violations violations = new Violations();
    PredictionRequest request = PredictionRequest.read(body, violations);
    requireScopes(request, violations);
    // What could not be read is not looked up.
    Set<String> unread =
        violations.list().stream().map(Violation::pointer).collect(Collectors.toSet());
    boolean named = body.path("model").isString() && !unread.contains("/version");
    ModelVersion version = named ? version(request, violations) : null;
    boolean hasRows =
        body.at("/dataset/name").isString()
            && unread.stream().noneMatch(DATASET_NAME.asMatchPredicate());
    DatasetVersion dataset = hasRows ? dataset(request, violations) : null;
    String pool = pools.choose(request.resources(), violations);
    if (version != null) {
      check(request, version, dataset, violations);
    }
    violations.throwIfAny();
    ModelVersion found = Objects.requireNonNull(version);
    DatasetVersion source = Objects.requireNonNull(dataset);
    var placement = new Task.Placement(pool, request.priority());
    return new Task.Prediction(
        found.model(),
        found.version(),
        found.spec(),
        resolved(body, request, found, source, placement),
        Task.DatasetReference.of(source),
        placement,
        warnings(found, source));
  }

  /** What a body names and isn't there is a fault of the body. */
  private @Nullable ModelVersion version(PredictionRequest request, Violations violations) {
    try {
      return versions.resolve(request.model(), request.version());
    } catch (ServiceException e) {
      if (e.code().family() != ErrorCode.Family.NOT_FOUND) {
        throw e;
      }
      violations.add(e.code() == ErrorCode.MODEL_NOT_FOUND ? "/model" : "/version", e.detail());
      return null;
    }
  }

  private @Nullable DatasetVersion dataset(PredictionRequest request, Violations violations) {
    Integer number = request.datasetVersion();
    Optional<DatasetVersion> found =
        number == null
            ? datasets.findLatest(request.dataset())
            : datasets.find(request.dataset(), number);
    if (found.isEmpty()) {
      violations.add(
          "/dataset",
          "There is no dataset '%s'%s"
              .formatted(
                  JsonObject.shorten(request.dataset()),
                  number == null ? "" : " with a version " + number));
    }
    return found.orElse(null);
  }

  private void check(
      PredictionRequest request,
      ModelVersion version,
      @Nullable DatasetVersion dataset,
      Violations violations) {
    VersionDefinition definition = VersionDefinition.of(version);
    Encoding encoding = definition.encoding();
    if (encoding == null) {
      violations.add(
          "/model",
          version.reference() + " takes tensors and cannot read the columns of a dataset");
      return;
    }
    var _ = request.encoding(encoding, violations);
    try {
      var _ = version.requireIndependentRows();
    } catch (ServiceException e) {
      violations.add("/model", e.detail());
    }
    try {
      OutputNames.check(request.outputs(), definition);
      if (dataset != null) {
        checkNames(
            new PredictedColumns(definition, encoding, request.outputs(), request.prefix())
                .columns(),
            dataset,
            violations);
      }
    } catch (ServiceException e) {
      violations.addAll(e.violations());
    }
    if (dataset == null) {
      return;
    }
    int before = violations.size();
    DataPlan plan = rows.plan(version, encoding, dataset, request.skips(), violations);
    if (violations.size() > before && !request.skips()) {
      for (SkippedRows.Reason refused : rows.refused(version, encoding, dataset)) {
        violations.add(
            "/dataset",
            "Row %d, column '%s': %s; \"on_error\": \"skip\" leaves such rows out"
                .formatted(refused.row(), refused.column(), refused.detail()));
      }
    }
    if (plan != null && violations.isEmpty()) {
      long weights = Bytes.ofFloats(WeightSpec.elements(definition.shapes().weights()));
      memory.check(new MemoryBudget.Need(plan.bytes(), weights, PredictionAttempt.BATCH_BYTES, 0));
    }
  }

  private static void checkNames(
      List<NewColumn> columns, DatasetVersion dataset, Violations violations) {
    Set<String> taken = dataset.columns().stream().map(Column::name).collect(Collectors.toSet());
    if (columns.size() + taken.size() > MAX_COLUMNS) {
      violations.add(
          "/result",
          "%d columns of the dataset and %d new ones are more than %d"
              .formatted(taken.size(), columns.size(), MAX_COLUMNS));
      return;
    }
    Set<String> own = new HashSet<>();
    for (NewColumn column : columns) {
      if (taken.contains(column.name())) {
        violations.add(
            "/result/prefix",
            "The dataset has a column '%s' already: give the new columns another 'prefix'"
                .formatted(JsonObject.shorten(column.name())));
        return;
      }
      if (column.name().isBlank() || column.name().length() > MAX_NAME || !own.add(column.name())) {
        violations.add(
            "/result",
            "'%s' cannot be the name of a new column: it is empty, longer than %d, or taken"
                .formatted(JsonObject.shorten(column.name()), MAX_NAME));
        return;
      }
    }
  }

  private static ObjectNode resolved(
      JsonNode body,
      PredictionRequest request,
      ModelVersion version,
      DatasetVersion dataset,
      Task.Placement placement) {
    ObjectNode resolved = (ObjectNode) body.deepCopy();
    resolved.put("model", version.model());
    resolved.put("version", version.version());
    resolved.putObject("dataset").put("name", dataset.name()).put("version", dataset.version());
    ((ObjectNode) resolved.get("result")).put("prefix", request.prefix());
    ObjectNode resources = resolved.withObjectProperty("resources");
    resources.put("device", request.resources().device().code());
    resources.put("pool", placement.pool());
    resolved.put("priority", placement.priority());
    return resolved;
  }

  private static List<Warning> warnings(ModelVersion version, DatasetVersion dataset) {
    List<Warning> warnings = new ArrayList<>(missing(version, dataset));
    for (String target : VersionDefinition.of(version).assumedClasses()) {
      warnings.add(
          new Warning(
              "/model",
              "assumed_classes",
              "The labels of '%s' are assumed, as %s was imported without 'classes': import it again with 'classes', in the order of its outputs, or with 'encoding'"
                  .formatted(target, version.reference())));
    }
    return warnings;
  }

  /** Rows without a target are not compared; nothing is where a column of the targets is absent. */
  private static List<Warning> missing(ModelVersion version, DatasetVersion dataset) {
    Encoding encoding = Objects.requireNonNull(version.learnedEncoding());
    if (!PredictionRows.hasTargets(encoding, dataset)) {
      return List.of();
    }
    List<Warning> warnings = new ArrayList<>();
    for (String name : encoding.targetColumns()) {
      Column column = dataset.column(name).orElse(null);
      if (column == null) {
        warnings.add(
            targetsMissing(
                "The dataset has no column '%s', which the targets need, so no prediction is compared"
                    .formatted(name)));
      } else if (column.profile().nulls() > 0) {
        warnings.add(
            targetsMissing(
                "%s: these are predicted and not compared"
                    .formatted(KnownColumns.missing(column))));
      }
    }
    return warnings;
  }

  private static Warning targetsMissing(String detail) {
    return new Warning("/dataset", "targets_missing", detail);
  }
}
