package io.trainyard.train.metric;

import io.trainyard.dataset.prepare.PreparedData.Part;
import io.trainyard.json.StrictJson;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * What a network does on one part of the data.
 *
 * @param measured the loss and the metrics, without the part's prefix
 * @param form of these values
 * @param classes by target with classes
 * @param numbers by target with numbers
 * @param intervals by the names that predictions give them
 * @param worstRows the rows with the largest loss, worst first
 * @param hasLosses whether these are losses of a training, not errors of another kind
 */
public record Evaluation(
    Part part,
    int rows,
    MeasuredValues measured,
    MeasuredForm form,
    Map<String, ClassReport> classes,
    Map<String, NumberReport> numbers,
    Map<String, IntervalReport> intervals,
    List<WorstRow> worstRows,
    boolean hasLosses) {
  public Evaluation {
    classes = Collections.unmodifiableMap(new LinkedHashMap<>(classes));
    numbers = Collections.unmodifiableMap(new LinkedHashMap<>(numbers));
    intervals = Collections.unmodifiableMap(new LinkedHashMap<>(intervals));
    worstRows = List.copyOf(worstRows);
  }

  /**
   * A row and its loss.
   *
   * @param row its number among the selected rows of the dataset, from 1
   */
  public record WorstRow(int row, double loss) {}

  /** The evaluation as it is stored and answered. A number that JSON lacks becomes a string. */
  public ObjectNode toJson() {
    return toJson(form);
  }

  /** As {@link #toJson}, of all rows of a dataset: they are one part, but none of a training's. */
  public ObjectNode toJsonOfAll() {
    return toJson(ofAll());
  }

  /** The form of the values where the rows are all those of a dataset. */
  public MeasuredForm ofAll() {
    return form.of("all", rows);
  }

  private ObjectNode toJson(MeasuredForm own) {
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    json.put("part", own.part());
    json.put("rows", rows);
    ObjectNode metrics = json.putObject("metrics");
    measured.putInto(metrics, json);
    json.set(MeasuredForm.MEMBER, MeasuredForm.toJson(Map.of("", own)));
    ObjectNode confusion = json.putObject("confusion");
    ObjectNode roc = json.putObject("roc");
    ObjectNode perClass = json.putObject("per_class");
    ObjectNode decisions = json.putObject("decisions");
    classes.forEach(
        (target, report) -> {
          write(report, confusion.putObject(target));
          report
              .curves()
              .forEach((label, curve) -> write(curve, roc.withObjectProperty(target), label));
          writePerClass(report, perClass.putObject(target));
          if (report.decision() != null) {
            decisions.set(target, report.decision().toJson());
          }
        });
    ObjectNode regression = json.putObject("regression");
    numbers.forEach((target, report) -> write(report, regression.putObject(target)));
    ObjectNode calibration = json.putObject("calibration");
    classes.forEach(
        (target, report) -> {
          if (!report.reliability().isEmpty()) {
            write(report.reliability(), calibration.putObject(target).putArray("bins"));
          }
        });
    ObjectNode held = json.putObject("intervals");
    intervals.forEach((name, report) -> write(report, held.putObject(name)));
    ArrayNode worst = json.putArray("worst_rows");
    for (WorstRow row : worstRows) {
      put(worst.addObject().put("row", row.row()), hasLosses ? "loss" : "error", row.loss());
    }
    return json;
  }

  /** A stored evaluation as it is answered. Earlier releases had other names of coverages. */
  public static String answered(String stored) {
    if (!stored.contains("\"held\"")) {
      return stored;
    }
    ObjectNode json = (ObjectNode) StrictJson.parse(stored);
    for (JsonNode each : json.path("intervals")) {
      if (each instanceof ObjectNode own && own.has("held")) {
        own.set("wanted_coverage", own.get("coverage"));
        own.set("coverage", own.remove("held"));
      }
    }
    return json.toString();
  }

  private static void write(ClassReport report, ObjectNode json) {
    ArrayNode classes = json.putArray("classes");
    report.classes().forEach(classes::add);
    json.set("counts", report.confusion().toJson());
  }

  private static void write(RocCurve curve, ObjectNode target, String label) {
    ObjectNode json = target.putObject(label);
    putDefined(json, "auc", curve.area());
    ArrayNode points = json.putArray("points");
    for (RocCurve.Point point : curve.points()) {
      ObjectNode each = points.addObject();
      each.put("false_positive_rate", point.falsePositiveRate());
      each.put("true_positive_rate", point.truePositiveRate());
      put(each, "threshold", point.threshold());
    }
  }

  private static void writePerClass(ClassReport report, ObjectNode json) {
    ConfusionMatrix matrix = report.confusion();
    for (int label = 0; label < report.classes().size(); label++) {
      ObjectNode each = json.putObject(report.classes().get(label));
      putDefined(each, "precision", matrix.precision(label));
      putDefined(each, "recall", matrix.recall(label));
      putDefined(each, "f1", matrix.f1(label));
      each.put("support", matrix.support(label));
    }
  }

  private static void write(List<ClassReport.Bin> bins, ArrayNode json) {
    for (ClassReport.Bin bin : bins) {
      json.addObject()
          .put("rows", bin.rows())
          .put("confidence", bin.confidence())
          .put("accuracy", bin.accuracy());
    }
  }

  private static void write(IntervalReport report, ObjectNode json) {
    put(json, "coverage", report.coverage());
    json.put("wanted_coverage", report.wantedCoverage());
    put(json, "width", report.width());
    if (!report.sizes().isEmpty()) {
      report.sizes().forEach(json.putArray("sizes")::add);
      return;
    }
    ArrayNode points = json.putArray("points");
    for (IntervalReport.Point point : report.points()) {
      ObjectNode each = points.addObject().put("row", point.row());
      put(each, "true", point.truth());
      put(each, "low", point.low());
      put(each, "high", point.high());
    }
  }

  private static void write(NumberReport report, ObjectNode json) {
    put(json, "mae", report.mae());
    put(json, "rmse", report.rmse());
    putDefined(json, "r2", report.r2());
    put(json, "mean_residual", report.meanResidual());
    put(json, "std_residual", report.stdResidual());
    ArrayNode points = json.putArray("points");
    for (NumberReport.Point point : report.points()) {
      ObjectNode each = points.addObject().put("row", point.row());
      put(each, "true", point.truth());
      put(each, "predicted", point.predicted());
    }
  }

  /**
   * Puts null for what is not defined, such as the precision of a class that is never predicted.
   */
  private static void putDefined(ObjectNode json, String name, double number) {
    if (Double.isNaN(number)) {
      json.putNull(name);
    } else {
      put(json, name, number);
    }
  }

  private static void put(ObjectNode json, String name, double number) {
    json.set(name, StrictJson.number(number));
  }
}
