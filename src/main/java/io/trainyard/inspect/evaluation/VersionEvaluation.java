package io.trainyard.inspect.evaluation;

import io.trainyard.dataset.DatasetSelection;
import io.trainyard.dataset.encoding.ColumnEncoding;
import io.trainyard.dataset.encoding.Encoding;
import io.trainyard.dataset.prepare.PreparedData;
import io.trainyard.dataset.prepare.PreparedData.Part;
import io.trainyard.error.ErrorCode;
import io.trainyard.error.ServiceException;
import io.trainyard.error.Violations;
import io.trainyard.inspect.InspectedRows;
import io.trainyard.inspect.Inspections;
import io.trainyard.json.StrictJson;
import io.trainyard.model.ModelVersion;
import io.trainyard.predict.Predictor;
import io.trainyard.train.EvaluatedTargets;
import io.trainyard.train.VersionMeasurements;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** Evaluates versions on datasets, and permutes columns to see what they are worth. */
@Component
public final class VersionEvaluation {
  private static final String IMPORTANCE = "permutation_importance";

  private final Inspections inspections;
  private final InspectedRows rows;
  private final Predictor predictor;
  private final VersionMeasurements measurements;

  VersionEvaluation(
      Inspections inspections,
      InspectedRows rows,
      Predictor predictor,
      VersionMeasurements measurements) {
    this.inspections = inspections;
    this.rows = rows;
    this.predictor = predictor;
    this.measurements = measurements;
  }

  /** The evaluation that a body asks for, as an answer. */
  public ObjectNode of(ModelVersion version, JsonNode body) {
    Violations violations = new Violations();
    EvaluationRequest request = EvaluationRequest.read(body, violations);
    return inspections.run(stopped -> evaluate(version, request, violations, stopped));
  }

  /**
   * Evaluates a version.
   *
   * @param violations what is wrong with the request already
   */
  private ObjectNode evaluate(
      ModelVersion version,
      EvaluationRequest request,
      Violations violations,
      BooleanSupplier stopped) {
    Encoding encoding = version.requireIndependentRows().learnedEncoding();
    if (encoding == null || version.modelSpec().targets().isEmpty()) {
      throw new ServiceException(
          ErrorCode.NO_TARGETS,
          version.reference() + " has no targets that its outputs could be compared with");
    }
    EvaluatedTargets targets = targets(version, encoding, request.metrics(), violations);
    if (targets != null && targets.measured().isEmpty()) {
      throw new ServiceException(
          ErrorCode.NO_TARGETS,
          "%s has no targets of its outputs' shapes: what its losses compare, only a training measures"
              .formatted(version.reference()));
    }
    EvaluationRequest.Importance importance = request.importance();
    List<String> columns =
        importance == null ? List.of() : columns(encoding, importance, violations);
    DatasetSelection selection = request.dataset();
    if (!violations.isEmpty() && selection != null) {
      boolean _ = rows.plan(version, selection, violations) != null;
    }
    violations.throwIfAny();
    Objects.requireNonNull(targets);
    try (PreparedData data =
        rows.prepare(version, Objects.requireNonNull(selection), targets.sampleWeight(), stopped)) {
      PermutedInputs permuted = new PermutedInputs(encoding.inputs(), data.training().inputs());
      int count = data.training().rows();
      if (targets.plan() != null) {
        return measurements.of(
            version,
            targets,
            data,
            stopped,
            measured -> {
              ObjectNode json = measured.report().toJson();
              if (importance != null) {
                double before = measured.loss(permuted.inputs());
                json.set(
                    IMPORTANCE,
                    importance(
                        "loss",
                        (column, order) ->
                            measured.loss(permuted.batch(column, order, 0, count)) - before,
                        count,
                        columns,
                        importance));
              }
              return allRows(json);
            });
      }
      EvaluatedRows evaluated =
          new EvaluatedRows(predictor, version, targets, data.training(), stopped);
      ObjectNode json = evaluated.report(places -> data.rowNumbers(Part.TRAINING, places)).toJson();
      if (importance != null) {
        json.set(
            IMPORTANCE,
            importance(
                "error",
                (column, order) ->
                    evaluated.error((from, some) -> permuted.batch(column, order, from, some))
                        - evaluated.error(),
                count,
                columns,
                importance));
      }
      return allRows(json);
    }
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

  /** All rows are one part, which is none of a training's. */
  private static ObjectNode allRows(ObjectNode json) {
    return json.put("part", "all");
  }

  /** How much a number grows when a column has the values of other rows. */
  @FunctionalInterface
  private interface Growth {
    double of(String column, int[] order);
  }

  private static List<String> columns(
      Encoding encoding, EvaluationRequest.Importance importance, Violations violations) {
    List<String> known =
        encoding.inputColumns().stream().map(ColumnEncoding::column).distinct().toList();
    List<String> asked = importance.columns();
    if (asked == null) {
      return known;
    }
    for (int i = 0; i < asked.size(); i++) {
      if (!known.contains(asked.get(i))) {
        violations.add(
            "/permutation_importance/columns/" + i,
            "No input reads a column '%s'; they read %s".formatted(asked.get(i), known));
      }
    }
    return asked.stream().distinct().toList();
  }

  private static ObjectNode importance(
      String metric,
      Growth growthOf,
      int rows,
      List<String> columns,
      EvaluationRequest.Importance asked) {
    Map<String, double[]> growth = new LinkedHashMap<>();
    for (String column : columns) {
      // Each column's orders depend on the seed alone, not on which others are asked for.
      Random random = new Random(asked.seed());
      double[] losses = new double[asked.repeats()];
      for (int i = 0; i < losses.length; i++) {
        losses[i] = growthOf.of(column, order(rows, random));
      }
      growth.put(column, losses);
    }
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    json.put("metric", metric).put("repeats", asked.repeats());
    ObjectNode byColumn = json.putObject("columns");
    growth.entrySet().stream()
        .sorted(Comparator.comparingDouble(each -> -mean(each.getValue())))
        .forEach(each -> put(byColumn.putObject(each.getKey()), each.getValue()));
    return json;
  }

  private static void put(ObjectNode json, double[] losses) {
    double mean = mean(losses);
    double squares = 0;
    for (double loss : losses) {
      squares += (loss - mean) * (loss - mean);
    }
    json.set("mean", StrictJson.number(mean));
    json.set("std", StrictJson.number(Math.sqrt(squares / losses.length)));
  }

  private static double mean(double[] numbers) {
    return Arrays.stream(numbers).average().orElse(Double.NaN);
  }

  private static int[] order(int rows, Random random) {
    int[] order = new int[rows];
    for (int i = 0; i < rows; i++) {
      int j = random.nextInt(i + 1);
      order[i] = order[j];
      order[j] = i;
    }
    return order;
  }
}
