package io.trainyard.judge;

import java.util.ArrayList;
import java.util.List;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;
import tools.jackson.databind.JsonNode;

/**
 * The value of a metric from plain answers. NaN: it cannot be computed. Of n rows, with truth t,
 * answer a and probability p of a class:
 *
 * <ul>
 *   <li>accuracy: #(a = t)/n; of several labels, over rows and labels.
 *   <li>balanced_accuracy: the mean over the classes that occur of #(a = t = c)/#(t = c).
 *   <li>top_k_accuracy: the share of rows of whose classes fewer than k are likelier than t.
 *   <li>precision, recall, f1: TP/(TP + FP), TP/(TP + FN), 2TP/(2TP + FP + FN) of the positive
 *       class, undefined as 0/0; of more classes or with an average: macro, over classes that occur
 *       or are answered; micro, of all counts together; weighted by #(t = c). There, 0/0 of one
 *       class is 0.
 *   <li>auc: the share of pairs (positive, other) with the larger p on the positive; ties count
 *       half. Of more classes: the mean over those against the rest which have both kinds of rows.
 *   <li>pr_auc: Σ over the positives, by falling p, of precision at their p, divided by their
 *       number. Of more classes: the mean over those that occur.
 *   <li>mcc: (c·n − Σ aₖtₖ)/√((n² − Σ aₖ²)(n² − Σ tₖ²)), c the right ones; 0/0 is 0.
 *   <li>log_loss: mean of −log p(t), p clipped to [ε, 1 − ε], ε = 2⁻⁵²; undefined where some p is
 *       not in [0, 1].
 *   <li>mse, rmse, mae, mape: over all elements, in the target's units; mape in percent, undefined
 *       where some t is 0. r2: per output 1 − Σ(a − t)²/Σ(t − mean)², then the mean; an output that
 *       does not vary counts 0, or 1 if it is met, and is undefined alone.
 *   <li>expression: its mean over the elements of a row, then over rows; a class is one-hot, or 0
 *       and 1 for one unit, against probabilities.
 *   <li>concordance: of the pairs whose earlier time is an event, the share with the larger risk on
 *       the earlier; ties of risk count half.
 * </ul>
 */
final class Judge {
  private static final double EPSILON = Math.ulp(1.0);

  private Judge() {}

  static double value(JsonNode metric, Answers answers) {
    return switch (answers) {
      case Answers.Classes classes -> value(metric, classes);
      case Answers.Labels labels -> value(metric, labels);
      case Answers.Numbers numbers -> value(metric, numbers);
      case Answers.Survival survival -> concordance(survival);
    };
  }

  static String type(JsonNode metric) {
    return metric.isString() ? metric.stringValue() : metric.path("type").asString("");
  }

  private static double value(JsonNode metric, Answers.Classes it) {
    int n = it.truth().length;
    return switch (type(metric)) {
      case "accuracy" -> share(n, i -> it.decided()[i] == it.truth()[i]);
      case "balanced_accuracy" ->
          mean(
              IntStream.range(0, it.count())
                  .mapToObj(c -> new Counts(it.truth(), it.decided(), c))
                  .filter(counts -> counts.actual() > 0)
                  .mapToDouble(counts -> counts.hits / counts.actual())
                  .toArray());
      case "top_k_accuracy" -> share(n, i -> rank(it.scores()[i], it.truth()[i]) < k(metric));
      case "precision", "recall", "f1" -> averaged(metric, it);
      case "auc", "pr_auc" -> area(metric, it);
      case "mcc" -> correlation(it);
      case "log_loss" -> mean(n, i -> -Math.log(clipped(it.scores()[i][it.truth()[i]])));
      case "brier" -> brier(it);
      case "expression" ->
          mean(n, i -> Formulas.value(text(metric), oneHot(it, i), predicted(it, i)));
      case String other -> throw new IllegalArgumentException(other);
    };
  }

  private static int k(JsonNode metric) {
    return metric.path("k").asInt(5);
  }

  private static String text(JsonNode metric) {
    return metric.path("expression").asString("");
  }

  /** How many classes are likelier; of equal ones the later come first. */
  private static int rank(double[] scores, int label) {
    return (int)
        IntStream.range(0, scores.length)
            .filter(c -> scores[c] > scores[label] || (scores[c] == scores[label] && c > label))
            .count();
  }

  private static double clipped(double p) {
    return p >= 0 && p <= 1 ? Math.clamp(p, EPSILON, 1 - EPSILON) : Double.NaN;
  }

  private static double[] oneHot(Answers.Classes it, int row) {
    if (it.units() == 1) {
      return new double[] {it.truth()[row]};
    }
    double[] one = new double[it.count()];
    one[it.truth()[row]] = 1;
    return one;
  }

  private static double[] predicted(Answers.Classes it, int row) {
    return it.units() == 1 ? new double[] {it.scores()[row][1]} : it.scores()[row];
  }

  private static double brier(Answers.Classes it) {
    return mean(
        it.truth().length,
        i -> {
          double sum = 0;
          for (int c = 0; c < it.count(); c++) {
            double error = it.scores()[i][c] - (c == it.truth()[i] ? 1 : 0);
            sum += it.count() > 2 || c == it.positive() ? error * error : 0;
          }
          return sum;
        });
  }

  private static final class Counts {
    private double hits;
    private double wrong;
    private double missed;

    Counts(int[] truth, int[] decided, int label) {
      for (int i = 0; i < truth.length; i++) {
        boolean is = truth[i] == label;
        boolean said = decided[i] == label;
        hits += is && said ? 1 : 0;
        wrong += !is && said ? 1 : 0;
        missed += is && !said ? 1 : 0;
      }
    }

    double actual() {
      return hits + missed;
    }

    /** NaN where nothing is counted. */
    double value(String kind) {
      return switch (kind) {
        case "precision" -> hits / (hits + wrong);
        case "recall" -> hits / (hits + missed);
        default -> 2 * hits / (2 * hits + wrong + missed);
      };
    }

    double valueOrZero(String kind) {
      double value = value(kind);
      return Double.isNaN(value) ? 0 : value;
    }
  }

  private static double averaged(JsonNode metric, Answers.Classes it) {
    boolean binary = it.count() == 2 && !metric.has("average");
    if (binary) {
      return new Counts(it.truth(), it.decided(), it.positive()).value(type(metric));
    }
    List<Counts> counts =
        IntStream.range(0, it.count())
            .mapToObj(c -> new Counts(it.truth(), it.decided(), c))
            .filter(each -> each.hits + each.wrong + each.missed > 0)
            .toList();
    return averaged(metric, counts);
  }

  private static double averaged(JsonNode metric, List<Counts> counts) {
    String kind = type(metric);
    return switch (metric.path("average").asString("macro")) {
      case "micro" -> {
        Counts all = new Counts(new int[0], new int[0], 0);
        for (Counts each : counts) {
          all.hits += each.hits;
          all.wrong += each.wrong;
          all.missed += each.missed;
        }
        yield all.value(kind);
      }
      case "weighted" ->
          counts.stream().mapToDouble(each -> each.actual() * each.valueOrZero(kind)).sum()
              / counts.stream().mapToDouble(Counts::actual).sum();
      default -> mean(counts.stream().mapToDouble(each -> each.valueOrZero(kind)).toArray());
    };
  }

  private static double correlation(Answers.Classes it) {
    double n = it.truth().length;
    double right = 0;
    double products = 0;
    double answered = 0;
    double actual = 0;
    for (int c = 0; c < it.count(); c++) {
      Counts counts = new Counts(it.truth(), it.decided(), c);
      double said = counts.hits + counts.wrong;
      right += counts.hits;
      products += said * counts.actual();
      answered += said * said;
      actual += counts.actual() * counts.actual();
    }
    return ratio(right * n - products, Math.sqrt((n * n - answered) * (n * n - actual)));
  }

  private static double area(JsonNode metric, Answers.Classes it) {
    int n = it.truth().length;
    List<Double> areas = new ArrayList<>();
    for (int c = 0; c < it.count(); c++) {
      if (it.count() == 2 && c != it.positive()) {
        continue;
      }
      int label = c;
      boolean[] positives = new boolean[n];
      double[] scores = new double[n];
      for (int i = 0; i < n; i++) {
        positives[i] = it.truth()[i] == label;
        scores[i] = it.scores()[i][label];
      }
      areas.add(area(type(metric), positives, scores));
    }
    return mean(areas.stream().mapToDouble(a -> a).filter(a -> !Double.isNaN(a)).toArray());
  }

  private static double area(String kind, boolean[] positives, double[] scores) {
    double sum = 0;
    int count = 0;
    for (int i = 0; i < scores.length; i++) {
      if (!positives[i]) {
        continue;
      }
      count++;
      double below = 0;
      double found = 0;
      double said = 0;
      int others = 0;
      for (int j = 0; j < scores.length; j++) {
        double tie = scores[j] == scores[i] ? 0.5 : 0;
        others += positives[j] ? 0 : 1;
        below += positives[j] ? 0 : scores[j] < scores[i] ? 1 : tie;
        said += scores[j] >= scores[i] ? 1 : 0;
        found += positives[j] && scores[j] >= scores[i] ? 1 : 0;
      }
      // Without other rows there is no pair: 0/0 is NaN.
      sum += kind.equals("auc") ? below / others : found / said;
    }
    return sum / count;
  }

  private static double value(JsonNode metric, Answers.Labels it) {
    int n = it.truth().length;
    int labels = it.truth()[0].length;
    return switch (type(metric)) {
      case "accuracy" -> mean(labels, c -> share(n, i -> it.decided()[i][c] == it.truth()[i][c]));
      case "log_loss" ->
          mean(
              labels,
              c ->
                  mean(
                      n,
                      i ->
                          -Math.log(
                              clipped(
                                  it.truth()[i][c] == 1
                                      ? it.scores()[i][c]
                                      : 1 - it.scores()[i][c]))));
      case "precision", "recall", "f1" ->
          averaged(
              metric,
              IntStream.range(0, labels)
                  .mapToObj(c -> new Counts(column(it.truth(), c), column(it.decided(), c), 1))
                  .toList());
      case "auc", "pr_auc" ->
          mean(
              IntStream.range(0, labels)
                  .mapToDouble(c -> area(type(metric), yes(it, c), scores(it, c)))
                  .filter(area -> !Double.isNaN(area))
                  .toArray());
      default -> value(metric, new Answers.Numbers(numbers(it.truth()), it.scores()));
    };
  }

  private static int[] column(int[][] rows, int column) {
    return IntStream.range(0, rows.length).map(i -> rows[i][column]).toArray();
  }

  private static boolean[] yes(Answers.Labels it, int column) {
    boolean[] yes = new boolean[it.truth().length];
    for (int i = 0; i < yes.length; i++) {
      yes[i] = it.truth()[i][column] == 1;
    }
    return yes;
  }

  private static double[] scores(Answers.Labels it, int column) {
    return IntStream.range(0, it.scores().length)
        .mapToDouble(i -> it.scores()[i][column])
        .toArray();
  }

  static double[][] numbers(int[][] integers) {
    double[][] numbers = new double[integers.length][];
    for (int i = 0; i < numbers.length; i++) {
      numbers[i] = IntStream.of(integers[i]).asDoubleStream().toArray();
    }
    return numbers;
  }

  private static double value(JsonNode metric, Answers.Numbers it) {
    int n = it.truth().length;
    return switch (type(metric)) {
      case "mse" -> errors(it, error -> error[1] * error[1]);
      case "rmse" -> Math.sqrt(errors(it, error -> error[1] * error[1]));
      case "mae" -> errors(it, error -> Math.abs(error[1]));
      case "mape" ->
          errors(
              it,
              error ->
                  Math.abs(error[0]) < 1e-7
                      ? Double.NaN
                      : 100 * Math.abs(error[1]) / Math.abs(error[0]));
      case "r2" ->
          IntStream.range(0, it.truth()[0].length).allMatch(c -> variation(it, c) == 0)
              ? Double.NaN
              : mean(it.truth()[0].length, c -> explained(it, c));
      case "expression" ->
          mean(n, i -> Formulas.value(text(metric), it.truth()[i], it.predicted()[i]));
      case String other -> throw new IllegalArgumentException(other);
    };
  }

  /** The mean over all elements of a function of the truth and the error. */
  private static double errors(Answers.Numbers it, ToDoubleFunction<double[]> of) {
    return mean(
        it.truth().length,
        i ->
            mean(
                it.truth()[i].length,
                c -> {
                  double truth = it.truth()[i][c];
                  return of.applyAsDouble(new double[] {truth, it.predicted()[i][c] - truth});
                }));
  }

  private static double variation(Answers.Numbers it, int column) {
    int n = it.truth().length;
    double mean = mean(n, i -> it.truth()[i][column]);
    return mean(n, i -> Math.pow(it.truth()[i][column] - mean, 2));
  }

  private static double explained(Answers.Numbers it, int column) {
    int n = it.truth().length;
    double variation = variation(it, column);
    double left = mean(n, i -> Math.pow(it.predicted()[i][column] - it.truth()[i][column], 2));
    return variation > 0 ? 1 - left / variation : left == 0 ? 1 : 0;
  }

  private static double concordance(Answers.Survival it) {
    double right = 0;
    double pairs = 0;
    for (int i = 0; i < it.time().length; i++) {
      for (int j = 0; j < it.time().length; j++) {
        boolean first =
            it.time()[i] < it.time()[j] || (it.time()[i] == it.time()[j] && it.event()[j] == 0);
        if (it.event()[i] == 1 && first) {
          pairs++;
          right += it.risk()[i] > it.risk()[j] ? 1 : it.risk()[i] == it.risk()[j] ? 0.5 : 0;
        }
      }
    }
    return right / pairs;
  }

  private static double ratio(double above, double below) {
    return below == 0 ? 0 : above / below;
  }

  private static double share(int count, java.util.function.IntPredicate one) {
    return mean(count, i -> one.test(i) ? 1 : 0);
  }

  private static double mean(int count, java.util.function.IntToDoubleFunction each) {
    return IntStream.range(0, count).mapToDouble(each).sum() / count;
  }

  private static double mean(double[] values) {
    return values.length == 0 ? Double.NaN : mean(values.length, i -> values[i]);
  }
}
