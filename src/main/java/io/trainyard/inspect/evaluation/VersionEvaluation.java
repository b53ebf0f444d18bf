package io.trainyard.inspect.evaluation;

import io.trainyard.dataset.DatasetSelection;
import io.trainyard.dataset.DatasetVersion;
import io.trainyard.dataset.encoding.Encoding;
import io.trainyard.dataset.prepare.DataPlan;
import io.trainyard.dataset.prepare.Preparation;
import io.trainyard.dataset.prepare.PreparedData;
import io.trainyard.dataset.prepare.PreparedData.Part;
import io.trainyard.error.ErrorCode;
import io.trainyard.error.ServiceException;
import io.trainyard.error.Violations;
import io.trainyard.inspect.InspectedRows;
import io.trainyard.inspect.Inspections;
import io.trainyard.model.ModelVersion;
import io.trainyard.predict.Predictor;
import io.trainyard.train.EvaluatedTargets;
import io.trainyard.train.VersionMeasurements;
import io.trainyard.train.metric.MeasuredRows;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * Evaluates versions on datasets: all rows, the rows by the values of a column, and what permuted
 * columns are worth.
 */
@Component
public final class VersionEvaluation {
  private final Inspections inspections;
  private final InspectedRows rows;
  private final SliceReader slices;
  private final Predictor predictor;
  private final VersionMeasurements measurements;

  VersionEvaluation(
      Inspections inspections,
      InspectedRows rows,
      SliceReader slices,
      Predictor predictor,
      VersionMeasurements measurements) {
    this.inspections = inspections;
    this.rows = rows;
    this.slices = slices;
    this.predictor = predictor;
    this.measurements = measurements;
  }

  /** The evaluation that a body asks for, as an answer. */
  public ObjectNode of(ModelVersion version, JsonNode body) {
    Violations violations = new Violations();
    EvaluationRequest request = EvaluationRequest.read(body, violations);
    return inspections.run(
        stopped -> {
          Encoding encoding = learned(version);
          EvaluatedTargets targets = targets(version, encoding, request.metrics(), violations);
          DatasetSelection selection = request.dataset();
          Preparation all = selection == null ? null : InspectedRows.all(version, selection);
          Question question =
              new Question(version, encoding, targets, all, Part.TRAINING, request.details(), true);
          return answer(question, violations, stopped);
        });
  }

  /**
   * The details of a part of a training's rows, as an answer without its other members.
   *
   * @param version that the training published
   * @param selection the rows of the training
   * @param seed of the training
   */
  public ObjectNode ofPart(
      ModelVersion version,
      DatasetSelection selection,
      long seed,
      Part part,
      EvaluationDetails details) {
    return inspections.run(
        stopped -> {
          Violations violations = new Violations();
          Encoding encoding = learned(version);
          EvaluatedTargets targets = targets(version, encoding, null, violations);
          Preparation divided = InspectedRows.divided(version, selection, seed);
          Question question =
              new Question(version, encoding, targets, divided, part, details, false);
          try {
            return answer(question, violations, stopped);
          } catch (ServiceException e) {
            EvaluationDetails.throwAsParameter(violations);
            throw e;
          }
        });
  }

  /**
   * What is asked about which rows.
   *
   * @param targets null when the violations say what is wrong with the metrics
   * @param rows null when they say what is wrong with the dataset
   * @param isWhole whether the evaluation of all rows is asked for, too
   */
  private record Question(
      ModelVersion version,
      Encoding encoding,
      @Nullable EvaluatedTargets targets,
      @Nullable Preparation rows,
      Part part,
      EvaluationDetails details,
      boolean isWhole) {}

  /**
   * Answers a question.
   *
   * @param violations what is wrong with the request already
   */
  private ObjectNode answer(Question asked, Violations violations, BooleanSupplier stopped) {
    ModelVersion version = asked.version();
    EvaluatedTargets targets = asked.targets();
    if (targets != null && targets.measured().isEmpty()) {
      throw new ServiceException(
          ErrorCode.NO_TARGETS,
          "%s has no targets of its outputs' shapes: what its losses compare, only a training measures"
              .formatted(version.reference()));
    }
    EvaluationDetails details = asked.details();
    PermutationImportance importance = details.importance();
    List<String> columns =
        importance == null ? List.of() : importance.columns(asked.encoding(), violations);
    Preparation selected = asked.rows();
    String fewer =
        asked.isWhole()
            ? "select fewer with 'where'"
            : "evaluate the version on fewer, with 'where': POST …/versions/{version}/evaluation";
    DataPlan plan = selected == null ? null : rows.plan(version, selected, fewer, violations);
    if (plan != null) {
      SliceReader.check(details.slices(), dataset(plan, asked.part()), violations);
    }
    violations.throwIfAny();
    String sampleWeight = Objects.requireNonNull(targets).sampleWeight();
    Map<String, SliceGroups> groups = new LinkedHashMap<>();
    Measured measured;
    try (PreparedData all =
        rows.prepare(
            Objects.requireNonNull(selected),
            Objects.requireNonNull(plan),
            sampleWeight,
            stopped)) {
      PreparedData data = all.only(asked.part());
      if (!details.slices().isEmpty()) {
        groups.putAll(groups(details.slices(), plan, asked.part(), data, violations, stopped));
      }
      violations.throwIfAny();
      measured = measured(asked, targets, data, columns, stopped);
    }
    // Not on a thread that computes networks, and without the encoded rows.
    ObjectNode json = measured.json();
    MeasuredRows kept = measured.kept();
    if (kept != null) {
      if (kept.isEmpty()) {
        throw new ServiceException(
            ErrorCode.NO_TARGETS,
            "%s has no target with a metric, so there is nothing to slice"
                .formatted(version.reference()));
      }
      json.set(EvaluationDetails.SLICES, new Slices(kept.sample(), stopped).toJson(groups));
    }
    return json;
  }

  /**
   * What needs the encoded rows.
   *
   * @param kept the outputs to slice, or null
   */
  private record Measured(ObjectNode json, @Nullable MeasuredRows kept) {}

  /** Whether the rows of a part are all of a dataset of their own. */
  private static boolean isSeparate(DataPlan plan, Part part) {
    return part == Part.VALIDATION && plan.validationVersion() != null;
  }

  /** The dataset version that has the rows of a part. */
  private static DatasetVersion dataset(DataPlan plan, Part part) {
    DatasetVersion validation = plan.validationVersion();
    return validation != null && isSeparate(plan, part) ? validation : plan.version();
  }

  private Map<String, SliceGroups> groups(
      List<String> names,
      DataPlan plan,
      Part part,
      PreparedData data,
      Violations violations,
      BooleanSupplier stopped) {
    int[] places = new int[data.training().rows()];
    for (int i = 0; i < places.length; i++) {
      places[i] = i;
    }
    return slices.groups(
        names,
        dataset(plan, part),
        isSeparate(plan, part) ? null : plan.selection().where(),
        data.rowNumbers(Part.TRAINING, places),
        violations,
        stopped);
  }

  private Measured measured(
      Question asked,
      EvaluatedTargets targets,
      PreparedData data,
      List<String> columns,
      BooleanSupplier stopped) {
    int count = data.training().rows();
    PermutedInputs permuted =
        new PermutedInputs(asked.encoding().inputs(), data.training().inputs());
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    Function<Measurement, @Nullable MeasuredRows> work =
        measurement -> {
          if (asked.isWhole()) {
            json.setAll(measurement.report().toJsonOfAll());
          }
          PermutationImportance importance = asked.details().importance();
          if (importance != null) {
            double before = measurement.loss((from, some) -> permuted.asTheyAre(from, some));
            json.set(
                importance.name(),
                importance.measure(
                    columns,
                    count,
                    measurement.lossName(),
                    measurement.whyUnweighted(),
                    before,
                    (column, order) ->
                        measurement.loss((from, some) -> permuted.batch(column, order, from, some)),
                    stopped));
          }
          // Rows that are drawn take as much again, and so do scores that are ranked.
          return asked.details().slices().isEmpty()
              ? null
              : measurement.rows(inspections.rowsMemory() / 3);
        };
    MeasuredRows kept =
        targets.plan() == null
            ? work.apply(
                new EvaluatedRows(
                    predictor,
                    asked.version(),
                    targets,
                    data.training(),
                    places -> data.rowNumbers(Part.TRAINING, places),
                    stopped))
            : measurements.of(
                asked.version(),
                targets,
                data,
                stopped,
                version -> work.apply(new Measurement.OfTraining(version, count)));
    return new Measured(json, kept);
  }

  /** Refuses a version that cannot be evaluated. */
  private static Encoding learned(ModelVersion version) {
    Encoding encoding = version.requireIndependentRows().learnedEncoding();
    if (encoding == null || version.modelSpec().targets().isEmpty()) {
      throw new ServiceException(
          ErrorCode.NO_TARGETS,
          version.reference() + " has no targets that its outputs could be compared with");
    }
    return encoding;
  }

  /** Null when the violations say what is wrong with the metrics. */
  private static @Nullable EvaluatedTargets targets(
      ModelVersion version, Encoding encoding, @Nullable JsonNode metrics, Violations violations) {
    Violations ofMetrics = new Violations();
    try {
      return EvaluatedTargets.of(version, encoding, metrics, ofMetrics);
    } catch (ServiceException e) {
      if (ofMetrics.isEmpty()) {
        throw e;
      }
      return null;
    } finally {
      violations.addAll(ofMetrics.list());
    }
  }
}
