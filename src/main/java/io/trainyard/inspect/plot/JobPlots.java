package io.trainyard.inspect.plot;

import io.trainyard.error.ErrorCode;
import io.trainyard.error.ServiceException;
import io.trainyard.inspect.plot.LinePlot.Series;
import io.trainyard.inspect.plot.LinePlot.Style;
import io.trainyard.model.ModelVersion;
import io.trainyard.tensor.HostTensor;
import io.trainyard.train.EpochRecord;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** Pictures of a job: its epochs, its evaluation and the weights it published. */
public final class JobPlots {
  private static final int MAX_EPOCHS = 1000;
  private static final int MAX_CLASSES = 50;
  private static final int MAX_SIDE = 1024;

  private JobPlots() {}

  /** What a job's pictures show. */
  public enum Kind {
    CURVES,
    CONFUSION,
    ROC,
    RESIDUALS,
    PREDICTED,
    CALIBRATION,
    INTERVALS,
    WEIGHTS
  }

  /**
   * A measure of every epoch, of the training and the validation rows.
   *
   * @param metric the loss or a metric, without the part of the rows
   */
  public static LinePlot curves(Epochs epochs, String metric) {
    List<EpochRecord> drawn = epochs.list();
    List<Series> series = new ArrayList<>();
    for (String part : new String[] {"", "val_"}) {
      List<EpochRecord> own =
          drawn.stream().filter(epoch -> epoch.values().containsKey(part + metric)).toList();
      if (!own.isEmpty()) {
        series.add(
            new Series(
                part.isEmpty() ? "training" : "validation",
                Style.LINE,
                own.stream().mapToDouble(EpochRecord::epoch).toArray(),
                own.stream().mapToDouble(epoch -> value(epoch, part + metric)).toArray()));
      }
    }
    if (series.isEmpty()) {
      Set<String> known = new LinkedHashSet<>();
      for (EpochRecord epoch : drawn) {
        epoch.values().keySet().forEach(name -> known.add(name.replaceFirst("^val_", "")));
      }
      throw new ServiceException(
          ErrorCode.INVALID_PARAMETER,
          known.isEmpty()
              ? "The job has not ended an epoch, so there is no curve yet"
              : "No epoch has a metric '%s'; they have %s".formatted(metric, known));
    }
    return new LinePlot("curves", metric + " by epoch", "epoch", metric, true, series);
  }

  private static double value(EpochRecord epoch, String name) {
    return Objects.requireNonNull(epoch.values().get(name));
  }

  /** Keeps about a thousand epochs of any number, evenly spaced; always the first and the last. */
  public static final class Epochs {
    private final List<EpochRecord> kept = new ArrayList<>();
    private @Nullable EpochRecord last;
    private long seen;
    private long every = 1;

    /** Adds the next epoch. */
    public void add(EpochRecord epoch) {
      last = epoch;
      if (seen++ % every == 0) {
        kept.add(epoch);
      }
      if (kept.size() > MAX_EPOCHS) {
        every *= 2;
        // The epochs at even places are those that the new distance keeps.
        List<EpochRecord> others =
            IntStream.range(0, (kept.size() + 1) / 2).mapToObj(i -> kept.get(2 * i)).toList();
        kept.clear();
        kept.addAll(others);
      }
    }

    List<EpochRecord> list() {
      List<EpochRecord> list = new ArrayList<>(kept);
      if (last != null && !list.getLast().equals(last)) {
        list.add(last);
      }
      return list;
    }
  }

  /**
   * The counts of a target's classes.
   *
   * @param evaluation of the job
   * @param target null: the first one with classes
   */
  public static MatrixPlot confusion(JsonNode evaluation, @Nullable String target) {
    Part part = part(evaluation, "confusion", target, "classes");
    List<String> classes = texts(part.json().get("classes"));
    if (classes.size() > MAX_CLASSES) {
      throw new ServiceException(
          ErrorCode.INVALID_PARAMETER,
          "'%s' has %d classes, and a picture shows at most %d: read the counts in the evaluation"
              .formatted(part.target(), classes.size(), MAX_CLASSES));
    }
    double[][] counts =
        part.json().get("counts").valueStream().map(JobPlots::numbers).toArray(double[][]::new);
    return new MatrixPlot(
        "confusion",
        "Confusion of %s on %s".formatted(part.target(), rows(evaluation)),
        "predicted " + part.target(),
        "true " + part.target(),
        classes,
        classes,
        counts,
        "rows",
        true);
  }

  /** The curves of a target's classes. */
  public static LinePlot roc(JsonNode evaluation, @Nullable String target) {
    Part part = part(evaluation, "roc", target, "classes");
    List<Series> series = new ArrayList<>();
    part.json()
        .properties()
        .forEach(
            curve -> {
              JsonNode points = curve.getValue().get("points");
              JsonNode area = curve.getValue().get("auc");
              if (!points.isEmpty()) {
                series.add(
                    new Series(
                        "%s (AUC %.3f)".formatted(curve.getKey(), area.doubleValue()),
                        Style.LINE,
                        members(points, "false_positive_rate"),
                        members(points, "true_positive_rate")));
              }
            });
    series.add(new Series("chance", Style.GUIDE, new double[] {0, 1}, new double[] {0, 1}));
    return new LinePlot(
        "roc",
        "ROC of %s on %s".formatted(part.target(), rows(evaluation)),
        "false positive rate",
        "true positive rate",
        false,
        series);
  }

  /** What is left of a target's numbers, over the predicted ones. */
  public static LinePlot residuals(JsonNode evaluation, @Nullable String target) {
    Part part = part(evaluation, "regression", target, "numbers");
    double[] truths = members(part.json().get("points"), "true");
    double[] predicted = members(part.json().get("points"), "predicted");
    double[] left = new double[truths.length];
    Arrays.setAll(left, i -> truths[i] - predicted[i]);
    double[] ends = ends(predicted);
    return new LinePlot(
        "residuals",
        "Residuals of %s on %s".formatted(part.target(), rows(evaluation)),
        "predicted " + part.target(),
        "true − predicted",
        false,
        List.of(
            new Series("rows", Style.POINTS, predicted, left),
            new Series("no error", Style.GUIDE, ends, new double[] {0, 0})));
  }

  /** A target's predicted numbers over the true ones. */
  public static LinePlot predicted(JsonNode evaluation, @Nullable String target) {
    Part part = part(evaluation, "regression", target, "numbers");
    double[] truths = members(part.json().get("points"), "true");
    double[] ends = ends(truths);
    return new LinePlot(
        "predicted",
        "Predicted against true %s on %s".formatted(part.target(), rows(evaluation)),
        "true " + part.target(),
        "predicted " + part.target(),
        false,
        List.of(
            new Series(
                "rows", Style.POINTS, truths, members(part.json().get("points"), "predicted")),
            new Series("no error", Style.GUIDE, ends, ends)));
  }

  /** How often the likeliest class of a target is right, over its probability. */
  public static LinePlot calibration(JsonNode evaluation, @Nullable String target) {
    Part part = part(evaluation, "calibration", target, "probabilities");
    JsonNode bins = part.json().get("bins");
    return new LinePlot(
        "calibration",
        "Calibration of %s on %s".formatted(part.target(), rows(evaluation)),
        "probability of the likeliest class",
        "share that is right",
        false,
        List.of(
            new Series(
                "bins", Style.POINTS, members(bins, "confidence"), members(bins, "accuracy")),
            new Series("perfect", Style.GUIDE, new double[] {0, 1}, new double[] {0, 1})));
  }

  /** The intervals of a target's numbers by their middle; of a class, the sizes of its sets. */
  public static LinePlot intervals(JsonNode evaluation, @Nullable String target) {
    Part part = part(evaluation, "intervals", target, "intervals");
    String title =
        "%s of %s on %s: %.1f %% of %.1f %%"
            .formatted(
                part.json().has("sizes") ? "Sets" : "Intervals",
                part.target(),
                rows(evaluation),
                100 * part.json().get("coverage").doubleValue(),
                100 * part.json().get("wanted_coverage").doubleValue());
    if (part.json().has("sizes")) {
      double[] counts = numbers(part.json().get("sizes"));
      double[] sizes = new double[counts.length];
      Arrays.setAll(sizes, i -> i);
      return new LinePlot(
          "intervals",
          title,
          "classes in the set",
          "rows",
          true,
          List.of(new Series("rows", Style.POINTS, sizes, counts)));
    }
    JsonNode points = part.json().get("points");
    double[] low = members(points, "low");
    double[] high = members(points, "high");
    double[] truths = members(points, "true");
    int[] order =
        IntStream.range(0, low.length)
            .boxed()
            .sorted(Comparator.comparingDouble(i -> low[i] + high[i]))
            .mapToInt(Integer::intValue)
            .toArray();
    double[] middle = Arrays.stream(order).mapToDouble(i -> (low[i] + high[i]) / 2).toArray();
    return new LinePlot(
        "intervals",
        title,
        "middle of the interval",
        part.target(),
        false,
        List.of(
            new Series("true", Style.POINTS, middle, sorted(truths, order)),
            new Series("low", Style.LINE, middle, sorted(low, order)),
            new Series("high", Style.LINE, middle, sorted(high, order))));
  }

  private static double[] sorted(double[] numbers, int[] order) {
    return Arrays.stream(order).mapToDouble(i -> numbers[i]).toArray();
  }

  /**
   * A weight, its rows the units of its layer.
   *
   * @param tensors of the version, by name
   * @param layer or the name of a tensor; null: the first weight with two axes
   */
  public static MatrixPlot weights(
      ModelVersion version, Map<String, HostTensor> tensors, @Nullable String layer) {
    List<String> names =
        tensors.entrySet().stream()
            .filter(each -> each.getValue().shape().rank() >= 2)
            .map(Map.Entry::getKey)
            .toList();
    String name =
        names.stream()
            .filter(each -> layer == null || each.equals(layer) || each.startsWith(layer + "."))
            .findFirst()
            .orElseThrow(
                () ->
                    new ServiceException(
                        ErrorCode.INVALID_PARAMETER,
                        layer == null
                            ? version.reference() + " has no weight with two axes"
                            : "%s has no weight of '%s' to draw; it has %s"
                                .formatted(version.reference(), layer, names)));
    HostTensor tensor = Objects.requireNonNull(tensors.get(name));
    int rows = tensor.shape().axis(0);
    long columns = tensor.shape().elements() / rows;
    if (rows > MAX_SIDE || columns > MAX_SIDE) {
      throw new ServiceException(
          ErrorCode.INVALID_PARAMETER,
          "'%s' has %d × %d numbers, and a picture shows at most %d × %d: read it under /weights"
              .formatted(name, rows, columns, MAX_SIDE, MAX_SIDE));
    }
    double[][] values = new double[rows][(int) columns];
    for (int row = 0; row < rows; row++) {
      for (int column = 0; column < columns; column++) {
        values[row][column] = tensor.doubleAt(row * columns + column);
      }
    }
    return new MatrixPlot(
        "weights",
        "%s of %s".formatted(name, version.reference()),
        "input",
        "unit",
        numbered((int) columns),
        numbered(rows),
        values,
        "weight",
        false);
  }

  private static List<String> numbered(int count) {
    return IntStream.range(0, count).mapToObj(String::valueOf).toList();
  }

  /** What an evaluation has of one target. */
  private record Part(String target, JsonNode json) {}

  private static Part part(
      JsonNode evaluation, String member, @Nullable String target, String what) {
    JsonNode parts = evaluation.path(member);
    String name = target == null ? parts.propertyNames().stream().findFirst().orElse("") : target;
    JsonNode found = parts.path(name);
    if (found.isMissingNode()) {
      throw new ServiceException(
          ErrorCode.INVALID_PARAMETER,
          parts.isEmpty()
              ? "The job has no target with %s that are drawn so".formatted(what)
              : "There is no target '%s' with %s; there are %s"
                  .formatted(name, what, parts.propertyNames()));
    }
    return new Part(name, found);
  }

  private static String rows(JsonNode evaluation) {
    return "%d %s rows"
        .formatted(evaluation.get("rows").intValue(), evaluation.get("part").stringValue());
  }

  private static List<String> texts(JsonNode list) {
    return list.valueStream().map(JsonNode::stringValue).toList();
  }

  private static double[] members(JsonNode list, String member) {
    return list.valueStream().mapToDouble(each -> number(each.get(member))).toArray();
  }

  private static double[] numbers(JsonNode list) {
    return list.valueStream().mapToDouble(JobPlots::number).toArray();
  }

  private static double number(JsonNode json) {
    return json.isString() ? Double.parseDouble(json.stringValue()) : json.doubleValue();
  }

  private static double[] ends(double[] numbers) {
    return new double[] {
      Arrays.stream(numbers).min().orElse(0), Arrays.stream(numbers).max().orElse(1)
    };
  }
}
