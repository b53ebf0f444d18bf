package io.trainyard.judge;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** What a version answered of one target to all rows of a table, beside the truth. */
final class HeadAnswers {
  private static final Set<String> OF_NUMBERS = Set.of("mse", "rmse", "mae", "mape", "r2");

  private final Head head;
  private final JudgedTable table;
  private final JsonNode encoding;
  private final JsonNode training;
  private final double[][] raw;
  private final double[][] encoded;
  private final Answers answers;

  /** Where a metric of numbers, or an expression, sees something else than the others. */
  private final Answers.@Nullable Numbers numbers;

  /**
   * @param encoding of the target, as the version stores it
   * @param predicted the answer of all rows, with the head's output
   */
  HeadAnswers(
      Head head, JudgedTable table, JsonNode encoding, JsonNode training, JsonNode predicted) {
    this.head = head;
    this.table = table;
    this.encoding = encoding;
    this.training = training;
    raw =
        predicted
            .at("/outputs/" + head.output())
            .valueStream()
            .map(HeadAnswers::flat)
            .toArray(double[][]::new);
    List<JsonNode> rows = predicted.get("predictions").valueStream().toList();
    List<JsonNode> own = rows.stream().map(row -> row.path(head.target())).toList();
    switch (head.kind()) {
      case CLASSES -> {
        Answers.Classes classes = classes(rows, own);
        answers = classes;
        numbers =
            new Answers.Numbers(
                Arrays.stream(classes.truth())
                    .mapToObj(t -> new double[] {t})
                    .toArray(double[][]::new),
                Arrays.stream(classes.scores())
                    .map(p -> new double[] {p[1]})
                    .toArray(double[][]::new));
        encoded = oneHot(classes);
      }
      case BIT, LABELS -> {
        encoded = truths(HeadAnswers::yes);
        double[][] served = own.stream().map(HeadAnswers::flat).toArray(double[][]::new);
        numbers = new Answers.Numbers(encoded, served);
        answers = decided(served);
      }
      case NUMBERS, INPUT -> {
        double[][] truth = truths(JsonNode::doubleValue);
        answers =
            new Answers.Numbers(
                truth, own.stream().map(HeadAnswers::flat).toArray(double[][]::new));
        numbers = null;
        encoded = encoded(truth);
      }
      case SURVIVAL -> {
        double[][] truth = truths(JsonNode::doubleValue);
        answers =
            new Answers.Survival(
                Arrays.stream(truth).mapToDouble(row -> row[0]).toArray(),
                Arrays.stream(truth).mapToInt(row -> (int) row[1]).toArray(),
                own.stream().mapToDouble(row -> flat(row)[0]).toArray());
        numbers = null;
        encoded = truth;
      }
      default -> throw new IllegalStateException(head.kind().toString());
    }
  }

  Head head() {
    return head;
  }

  /** How the answers differ from what the output and the encoding say; null when they agree. */
  @Nullable String served() {
    for (int i = 0; i < raw.length; i++) {
      double[] expected = raw[i];
      double[] given;
      switch (answers) {
        case Answers.Classes it when head.kind() == Head.Kind.CLASSES -> {
          given = it.scores()[i];
          expected = isMargin() ? new double[] {-raw[i][0], raw[i][0]} : shares(raw[i]);
        }
        case Answers.Numbers it -> {
          given = it.predicted()[i];
          expected = unscaled(raw[i]);
        }
        case Answers.Survival it -> given = new double[] {it.risk()[i]};
        default -> given = Objects.requireNonNull(numbers).predicted()[i];
      }
      for (int j = 0; j < given.length; j++) {
        if (!Verdict.isClose(given[j], expected[j])) {
          return "row %d is answered as %s where the output %s means %s"
              .formatted(
                  i, Arrays.toString(given), Arrays.toString(raw[i]), Arrays.toString(expected));
        }
      }
    }
    return null;
  }

  private boolean isMargin() {
    return Judge.type(head.loss()).endsWith("hinge");
  }

  private double[] unscaled(double[] row) {
    JsonNode columns = columnEncodings();
    return IntStream.range(0, head.columns().size())
        .mapToDouble(
            i ->
                row[i] * columns.get(i).path("span").doubleValue()
                    + columns.get(i).path("offset").doubleValue())
        .toArray();
  }

  /** The probability of each class. */
  private double[] shares(double[] row) {
    boolean logits = head.loss().path("from_logits").asBoolean(false);
    if (row.length == 1) {
      double yes = logits ? 1 / (1 + Math.exp(-row[0])) : row[0];
      return new double[] {1 - yes, yes};
    }
    boolean exponents = logits || head.activation().equals("log_softmax");
    double[] shares = Arrays.stream(row).map(x -> exponents ? Math.exp(x) : x).toArray();
    double sum = exponents ? Arrays.stream(shares).sum() : 1;
    return Arrays.stream(shares).map(share -> share / sum).toArray();
  }

  static double[] flat(JsonNode value) {
    List<Double> numbers = new ArrayList<>();
    flatten(value, numbers);
    return numbers.stream().mapToDouble(each -> each).toArray();
  }

  private static void flatten(JsonNode value, List<Double> numbers) {
    if (value.isNumber()) {
      numbers.add(value.doubleValue());
    } else if (value.isString()) {
      numbers.add(Double.valueOf(value.stringValue()));
    } else if (value.isBoolean()) {
      numbers.add(yes(value));
    } else {
      value.forEach(each -> flatten(each, numbers));
    }
  }

  private static double yes(JsonNode value) {
    return value.isBoolean() ? (value.booleanValue() ? 1 : 0) : value.doubleValue();
  }

  private double[][] truths(ToDoubleFunction<JsonNode> number) {
    return IntStream.range(0, JudgedTable.ROWS)
        .mapToObj(
            row ->
                head.columns().stream()
                    .mapToDouble(column -> number.applyAsDouble(table.value(row, column)))
                    .toArray())
        .toArray(double[][]::new);
  }

  private JsonNode columnEncodings() {
    return encoding.at(head.kind() == Head.Kind.INPUT ? "/columns" : "/values/columns");
  }

  private double[][] encoded(double[][] truth) {
    JsonNode columns = columnEncodings();
    return Arrays.stream(truth)
        .map(
            row ->
                IntStream.range(0, row.length)
                    .mapToDouble(
                        i ->
                            (row[i] - columns.get(i).path("offset").doubleValue())
                                / columns.get(i).path("span").doubleValue())
                    .toArray())
        .toArray(double[][]::new);
  }

  private Answers.Classes classes(List<JsonNode> rows, List<JsonNode> own) {
    List<String> labels =
        encoding.get("classes").valueStream().map(label -> label.asString("")).toList();
    int count = labels.size();
    int[] truth =
        IntStream.range(0, rows.size())
            .map(i -> labels.indexOf(table.value(i, head.columns().getFirst()).asString("")))
            .toArray();
    int[] decided = own.stream().mapToInt(label -> labels.indexOf(label.asString(""))).toArray();
    int positive =
        head.spec().has("positive") ? labels.indexOf(head.spec().get("positive").asString("")) : 1;
    double[][] scores = new double[rows.size()][];
    double[] nearly = new double[rows.size()];
    for (int i = 0; i < scores.length; i++) {
      JsonNode all = rows.get(i).path("probabilities");
      JsonNode shares = all.path(head.target()).isObject() ? all.get(head.target()) : all;
      boolean some = shares.isObject() && shares.has(labels.getFirst());
      scores[i] =
          some
              ? labels.stream().mapToDouble(label -> shares.path(label).doubleValue()).toArray()
              : new double[] {-raw[i][0], raw[i][0]};
      double threshold = head.spec().path("threshold").asDouble(some ? 0.5 : 0);
      nearly[i] = count == 2 ? Math.abs(scores[i][positive] - threshold) : lead(scores[i]);
    }
    return new Answers.Classes(count, truth, decided, scores, positive, raw[0].length, nearly);
  }

  private static double lead(double[] scores) {
    double[] sorted = scores.clone();
    Arrays.sort(sorted);
    return sorted[sorted.length - 1] - sorted[sorted.length - 2];
  }

  private double[][] oneHot(Answers.Classes classes) {
    return Arrays.stream(classes.truth())
        .mapToObj(
            truth -> {
              if (raw[0].length == 1) {
                return new double[] {truth};
              }
              double[] one = new double[raw[0].length];
              one[truth] = 1;
              return one;
            })
        .toArray(double[][]::new);
  }

  private Answers decided(double[][] served) {
    boolean logits = head.loss().path("from_logits").asBoolean(false);
    double[][] p =
        Arrays.stream(served)
            .map(row -> Arrays.stream(row).map(x -> logits ? 1 / (1 + Math.exp(-x)) : x).toArray())
            .toArray(double[][]::new);
    int[][] truth = integers(encoded, 0.5);
    int[][] decided = integers(p, 0.5);
    if (head.kind() == Head.Kind.LABELS) {
      return new Answers.Labels(truth, decided, p);
    }
    return new Answers.Classes(
        2,
        Arrays.stream(truth).mapToInt(row -> row[0]).toArray(),
        Arrays.stream(decided).mapToInt(row -> row[0]).toArray(),
        Arrays.stream(p).map(row -> new double[] {1 - row[0], row[0]}).toArray(double[][]::new),
        1,
        1,
        Arrays.stream(p).mapToDouble(row -> Math.abs(row[0] - 0.5)).toArray());
  }

  private static int[][] integers(double[][] rows, double threshold) {
    return Arrays.stream(rows)
        .map(row -> Arrays.stream(row).mapToInt(x -> x >= threshold ? 1 : 0).toArray())
        .toArray(int[][]::new);
  }

  /** What a metric sees of some rows. */
  Answers of(JsonNode metric, int[] rows) {
    Answers.Numbers own = numbers;
    String type = Judge.type(metric);
    boolean served =
        type.equals("expression") && !(answers instanceof Answers.Classes it && isClass(it));
    return own != null && (OF_NUMBERS.contains(type) || served)
        ? own.rows(rows)
        : answers.rows(rows);
  }

  /**
   * What a metric sees where the truth has gone through its encoding, whose 32 bits are few for the
   * percentages of numbers near 0; null for other metrics.
   */
  @Nullable Answers stored(JsonNode metric, int[] rows) {
    if (!Judge.type(metric).equals("mape") || !(answers instanceof Answers.Numbers it)) {
      return null;
    }
    double[][] truth =
        Arrays.stream(encoded)
            .map(row -> unscaled(Arrays.stream(row).map(x -> (float) x).toArray()))
            .toArray(double[][]::new);
    return new Answers.Numbers(truth, it.predicted()).rows(rows);
  }

  private boolean isClass(Answers.Classes it) {
    return head.kind() == Head.Kind.CLASSES && it.count() > 0;
  }

  /** The loss of some rows, without penalties. */
  double loss(int[] rows) {
    JsonNode weight = training.path("sample_weight");
    double[] weights =
        weight.isString()
            ? Arrays.stream(rows)
                .mapToDouble(row -> table.value(row, weight.stringValue()).doubleValue())
                .toArray()
            : null;
    return new LossJudge(smoothed(), head.activation(), head.kind() == Head.Kind.CLASSES)
        .value(Answers.pick(encoded, rows), Answers.pick(raw, rows), weights);
  }

  /** The loss with the smoothing that the training has for all. */
  private JsonNode smoothed() {
    if (!training.has("label_smoothing")) {
      return head.loss();
    }
    ObjectNode loss =
        head.loss() instanceof ObjectNode own
            ? own.deepCopy()
            : HeadDraw.object("{}").put("type", head.loss().stringValue());
    return loss.set("label_smoothing", training.get("label_smoothing"));
  }

  /** The counts of true and answered classes of some rows; null when there are none. */
  int @Nullable [][] confusion(int[] rows) {
    if (!(answers.rows(rows) instanceof Answers.Classes it) || head.kind() == Head.Kind.BIT) {
      return null;
    }
    int[][] counts = new int[it.count()][it.count()];
    for (int i = 0; i < it.truth().length; i++) {
      counts[it.truth()[i]][it.decided()[i]]++;
    }
    return Arrays.stream(it.nearly()).anyMatch(near -> near < 1e-5) ? null : counts;
  }

  Map<String, JsonNode> metrics() {
    return head.metrics();
  }
}
