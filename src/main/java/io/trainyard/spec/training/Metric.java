package io.trainyard.spec.training;

import static io.trainyard.spec.description.MemberSchema.choice;
import static io.trainyard.spec.description.MemberSchema.integer;

import io.trainyard.json.NameAdvice;
import io.trainyard.json.Word;
import io.trainyard.spec.description.Described;
import io.trainyard.spec.description.MemberSchema;
import io.trainyard.spec.training.TrainingSpec.Mode;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * What is reported for each epoch in addition to the loss, in the units of the targets. Each has
 * scikit-learn's value. Sample weights do not enter.
 *
 * <p>A <i>decision</i> is made for each row, or each step of a sequence: the class with the largest
 * output. Of two classes the positive one is decided where its probability is at least the target's
 * {@code threshold}; by default the second class, from one half on. Under a loss of separate
 * outputs, as binary_crossentropy on several units, each unit is a label that decides by itself.
 *
 * <p>precision, recall and f1 of two classes are those of the positive one. Of more classes, or of
 * separate labels, they are averaged: {@link MetricSpec.Average}. A metric that cannot be computed,
 * as precision without a positive prediction, is null with a note; of one class among several that
 * are averaged it counts as 0.
 */
public enum Metric implements Word {
  /** The share of right decisions. Source: sklearn.metrics.accuracy_score. */
  ACCURACY(Compares.DECISIONS, Mode.MAX),
  /**
   * The mean over the classes that occur of the share of their rows that is right. Source:
   * sklearn.metrics.balanced_accuracy_score.
   */
  BALANCED_ACCURACY(Compares.DECISIONS, Mode.MAX),
  /**
   * The share of rows whose true class is among the k classes with the largest outputs. Of equal
   * outputs the later class comes first. Parameter: k, default 5. Source:
   * sklearn.metrics.top_k_accuracy_score.
   */
  TOP_K_ACCURACY(Compares.SCORES, Mode.MAX),
  /** Of the decisions for a class, the share that is right. Source: precision_score. */
  PRECISION(Compares.DECISIONS, Mode.MAX),
  /** Of the rows of a class, the share that is found. Source: recall_score. */
  RECALL(Compares.DECISIONS, Mode.MAX),
  /**
   * 2·TP / (2·TP + FP + FN), the harmonic mean of precision and recall. Source: sklearn's f1_score.
   */
  F1(Compares.DECISIONS, Mode.MAX),
  /**
   * The probability that a row of the class has a larger output than a row of another one; equal
   * outputs count one half. Exact over all rows. Of more than two classes, or of separate labels:
   * each against the rest, then the mean over those of which there are rows of both kinds. Null
   * when there is none, as when all rows are of one class. Source: sklearn.metrics.roc_auc_score.
   */
  AUC(Compares.SCORES, Mode.MAX),
  /**
   * Average precision, Σ (Rₙ − Rₙ₋₁)·Pₙ over the thresholds n, with precision P and recall R; equal
   * outputs are one threshold. Of more than two classes, or of separate labels: the mean over those
   * that occur. Null when none occurs. Source: sklearn.metrics.average_precision_score.
   */
  PR_AUC(Compares.SCORES, Mode.MAX),
  /**
   * Matthews's correlation of true and predicted classes, from −1 to 1; 0 when all rows, or all
   * decisions, are of one class. Source: sklearn.metrics.matthews_corrcoef.
   */
  MCC(Compares.DECISIONS, Mode.MAX),
  /**
   * The mean of −log p of the true class, where p is the probability that is answered, clipped to
   * [ε, 1 − ε] with ε = 2⁻⁵² and divided by the sum over the classes. Separate labels: the mean
   * over rows and labels. Source: sklearn.metrics.log_loss of 64-bit numbers.
   */
  LOG_LOSS(Compares.SCORES, Mode.MIN),
  /**
   * The mean squared error of the probabilities that are answered: (p − y)² of the second of two
   * classes; of more classes the sum over the classes; of separate labels the mean over rows and
   * labels. Source: Brier 1950; sklearn.metrics.brier_score_loss.
   */
  BRIER(Compares.SCORES, Mode.MIN),
  /**
   * Expected calibration error: Σ share of the rows in a bin·|share that is right − mean p|, over
   * 15 bins of equal width of the probability p of the likeliest class, each without its lower end.
   * Separate labels: each is two classes by itself. Source: Guo et al. 2017.
   */
  ECE(Compares.SCORES, Mode.MIN),
  /**
   * The share of true values that lie in their intervals, or of true classes in their sets. Null
   * before the training ends, which is when intervals are learned.
   */
  COVERAGE(Compares.INTERVALS, Mode.MAX),
  /** The mean width of intervals, in the target's units; the mean count of classes in a set. */
  INTERVAL_WIDTH(Compares.INTERVALS, Mode.MIN),
  /** mean((prediction − target)²). Source: sklearn.metrics.mean_squared_error. */
  MSE(Compares.NUMBERS, Mode.MIN),
  /** √(mean((prediction − target)²)). Source: sklearn.metrics.root_mean_squared_error. */
  RMSE(Compares.NUMBERS, Mode.MIN),
  /** mean(|prediction − target|). Source: sklearn.metrics.mean_absolute_error. */
  MAE(Compares.NUMBERS, Mode.MIN),
  /**
   * 100·mean(|prediction − target| / |target|), in percent. Null when some |target| is below 1e-7.
   * Source: sklearn.metrics.mean_absolute_percentage_error.
   */
  MAPE(Compares.NUMBERS, Mode.MIN),
  /**
   * 1 − Σ(prediction − target)² / Σ(target − mean target)² per output, then the mean over outputs.
   * Null when no output of the target varies; one that does not, among others, counts as 1 if it is
   * met, else 0. Source: sklearn.metrics.r2_score with uniform_average.
   */
  R2(Compares.NUMBERS, Mode.MAX),
  /**
   * Of the pairs of rows whose order is known, the share in which the row with the earlier event
   * has the higher risk; equal risks count one half. The order is known when the smaller time is
   * that of an event, or when times are equal and one of the two is an event. Absent without such a
   * pair. Source: Harrell's C; sksurv.metrics.concordance_index_censored.
   */
  CONCORDANCE(Compares.RISKS, Mode.MAX);

  /** Numbers of an epoch that are no metrics. */
  private static final Set<String> EPOCH = Set.of("epoch", "learning_rate", "seconds");

  private static final String NAME = "Its name in results and monitors. Default: its type.";

  private final Compares compares;
  private final Mode better;

  Metric(Compares compares, Mode better) {
    this.compares = compares;
    this.better = better;
  }

  /** What is compared with the true values. */
  private enum Compares {
    /** A class for each row, which depends on the threshold. */
    DECISIONS,
    /** What an output says of each class. */
    SCORES,
    /** Intervals and sets, which are learned when a training ends. */
    INTERVALS,
    NUMBERS,
    RISKS
  }

  /**
   * The names of the metrics without parameters that say something about an output, whether or not
   * it has intervals.
   */
  public static List<String> fitting(MeasuredOutput output) {
    return Arrays.stream(values())
        .filter(metric -> !metric.isOfIntervals() && metric.fits(output, MetricSpec.K))
        .map(Metric::word)
        .toList();
  }

  /**
   * Whether it says something about an output. A class that is trained as the number 0 or 1 has
   * errors too, and numbers that are trained as probabilities are right or wrong.
   *
   * @param k of {@link #TOP_K_ACCURACY}
   */
  boolean fits(MeasuredOutput output, int k) {
    return switch (this) {
      case ACCURACY, PRECISION, RECALL, F1, AUC, PR_AUC -> output.decides();
      case BALANCED_ACCURACY, MCC -> output.decides() && !output.hasSeparateLabels();
      case TOP_K_ACCURACY -> output.decides() && !output.isSeparate() && output.width() > k;
      // Of numbers outside 0 to 1 it is null with a note, whatever trains them.
      case LOG_LOSS, BRIER, ECE -> output.decides() && output.scores().hasProbabilities();
      case COVERAGE, INTERVAL_WIDTH -> output.mayHaveIntervals();
      case MSE, RMSE, MAE, MAPE, R2 ->
          !output.isSurvival() && (!output.classes() || output.loss().isRegression());
      case CONCORDANCE -> output.isSurvival();
    };
  }

  /** Whether it is about classes, not about numbers. */
  public boolean isOfClasses() {
    return compares == Compares.DECISIONS || compares == Compares.SCORES;
  }

  /** Whether it compares decisions with true classes, so that it depends on their threshold. */
  public boolean isOfDecisions() {
    return compares == Compares.DECISIONS;
  }

  /** Whether it is about intervals and sets. */
  public boolean isOfIntervals() {
    return compares == Compares.INTERVALS;
  }

  /** Whether it is averaged over classes in a way that a caller may choose. */
  boolean hasAverage() {
    return this == PRECISION || this == RECALL || this == F1;
  }

  /** Whether it needs the outputs of all rows at once. */
  public boolean ranksRows() {
    return this == AUC || this == PR_AUC || this == CONCORDANCE;
  }

  public static Optional<Metric> of(String word) {
    return Word.of(Metric.class, word);
  }

  /** The name of the metric that somebody means by a word: {@code acc} is accuracy. */
  public static Optional<String> meant(String word) {
    return NameAdvice.meant(word, words());
  }

  /**
   * Whether jobs measure a value of this name: the loss, a metric of the service, or another number
   * of an epoch; for a part of the rows and a target, or for all.
   */
  public static boolean names(String measured) {
    String name = measured.replaceFirst("^(val|test)_", "");
    return EPOCH.contains(measured)
        || Stream.concat(Stream.of("loss"), words().stream())
            .anyMatch(word -> name.equals(word) || name.endsWith("_" + word));
  }

  static List<String> words() {
    return Arrays.stream(values()).map(Metric::word).toList();
  }

  /** What callers are told of it. */
  Described described() {
    return switch (this) {
      case ACCURACY ->
          as("The share of right decisions.")
              .formula("right/all")
              .names(
                  "torchmetrics.Accuracy",
                  "keras.metrics.CategoricalAccuracy, BinaryAccuracy",
                  "accuracyMetric")
              .source("scikit-learn's accuracy_score");
      case BALANCED_ACCURACY ->
          as("The mean over classes of the share that is right.")
              .formula("mean over classes of right/rows")
              .names("torchmetrics.Accuracy(average=\"macro\")", null, null)
              .source("scikit-learn's balanced_accuracy_score");
      case TOP_K_ACCURACY ->
          as("The share of rows whose class is among the k largest outputs.")
              .formula("rows with the class among the k largest/all")
              .names(
                  "torchmetrics.Accuracy(top_k)",
                  "keras.metrics.TopKCategoricalAccuracy",
                  "accuracyMetric(NumTopKClasses=k)")
              .source("scikit-learn's top_k_accuracy_score")
              .member(
                  "k", integer(1, Integer.MAX_VALUE).or(MetricSpec.K), "The outputs that count.")
              .example("k", 2);
      case PRECISION ->
          as("Of the decisions for a class, the share that is right.")
              .formula("TP/(TP + FP)")
              .names("torchmetrics.Precision", "keras.metrics.Precision", "precisionMetric")
              .source("scikit-learn's precision_score")
              .member("average", average());
      case RECALL ->
          as("Of the rows of a class, the share that is found.")
              .formula("TP/(TP + FN)")
              .names("torchmetrics.Recall", "keras.metrics.Recall", "recallMetric")
              .source("scikit-learn's recall_score")
              .member("average", average());
      case F1 ->
          as("The harmonic mean of precision and recall.")
              .formula("2·TP/(2·TP + FP + FN)")
              .names("torchmetrics.F1Score", "keras.metrics.F1Score", "fScoreMetric")
              .source("scikit-learn's f1_score")
              .member("average", average())
              .example("average", "weighted");
      case AUC ->
          as("The probability that a row of the class has a larger output than one of another.")
              .formula("the area under the ROC curve, exact")
              .names("torchmetrics.AUROC", "keras.metrics.AUC", "aucMetric")
              .source("scikit-learn's roc_auc_score");
      case PR_AUC ->
          as("Average precision.")
              .formula("Σ(Rₙ − Rₙ₋₁)·Pₙ over the thresholds")
              .names("torchmetrics.AveragePrecision", "keras.metrics.AUC(curve=\"PR\")", null)
              .source("scikit-learn's average_precision_score");
      case MCC ->
          as("The correlation of true and predicted classes, from −1 to 1.")
              .formula("Matthews's correlation")
              .names("torchmetrics.MatthewsCorrCoef", null, null)
              .source("scikit-learn's matthews_corrcoef");
      case LOG_LOSS ->
          as("The mean of −log p of the true class, of the probabilities that are answered. A value"
                  + " outside 0 to 1 has none.")
              .formula("mean(−log p), p clipped to [ε, 1 − ε], ε = 2⁻⁵²")
              .names(null, "keras.metrics.CategoricalCrossentropy", null)
              .source("scikit-learn's log_loss");
      case BRIER ->
          as("The mean squared error of the probabilities that are answered. Of two classes that of"
                  + " the second; of more the sum over the classes.")
              .formula("mean((p − y)²), or mean(Σ over classes of (p − y)²)")
              .names(null, null, null)
              .source("scikit-learn's brier_score_loss");
      case ECE ->
          as("The expected calibration error: how far the probability of the likeliest class is"
                  + " from how often it is right, over 15 bins of equal width.")
              .formula("Σ over bins of rows in it/all·|share that is right − mean p|")
              .names("torchmetrics.CalibrationError(n_bins=15)", null, null)
              .source("Guo et al. 2017, On Calibration of Modern Neural Networks");
      case COVERAGE ->
          as("The share of true values in their intervals, or of true classes in their sets. Needs"
                  + " intervals; they are learned when a training ends, so no epoch has it.")
              .formula("values in their interval/all")
              .names(null, null, null)
              .source("Vovk et al. 2005; Romano et al. 2019");
      case INTERVAL_WIDTH ->
          as("The mean width of intervals, in the target's units, or the mean count of classes in a"
                  + " set. Needs intervals, as coverage.")
              .formula("mean(high − low), or mean(classes in the set)")
              .names(null, null, null)
              .source("Vovk et al. 2005");
      case MSE ->
          as("The mean squared error, in the target's units.")
              .formula("mean((p − t)²)")
              .names("torchmetrics.MeanSquaredError", "keras.metrics.MeanSquaredError", null)
              .source("scikit-learn's mean_squared_error");
      case RMSE ->
          as("The root of the mean squared error.")
              .formula("√mean((p − t)²)")
              .names(
                  "torchmetrics.MeanSquaredError(squared=False)",
                  "keras.metrics.RootMeanSquaredError",
                  "rmseMetric")
              .source("scikit-learn's root_mean_squared_error");
      case MAE ->
          as("The mean absolute error.")
              .formula("mean(|p − t|)")
              .names("torchmetrics.MeanAbsoluteError", "keras.metrics.MeanAbsoluteError", null)
              .source("scikit-learn's mean_absolute_error");
      case MAPE ->
          as("The mean absolute error in percent.")
              .formula("100·mean(|p − t|/|t|); null where a true value is 0")
              .names(
                  "torchmetrics.MeanAbsolutePercentageError",
                  "keras.metrics.MeanAbsolutePercentageError",
                  null)
              .source("scikit-learn's mean_absolute_percentage_error");
      case R2 ->
          as("The share of the target's variance that is explained.")
              .formula("1 − Σ(p − t)²/Σ(t − mean t)² per output, then the mean")
              .names("torchmetrics.R2Score", "keras.metrics.R2Score", null)
              .source("scikit-learn's r2_score");
      case CONCORDANCE ->
          as("How well log risks order the times of events: 1 is perfect, 0.5 is chance. Two events"
                  + " at one time are not compared; a row that leaves at the time of an event"
                  + " outlived it; equal risks count one half.")
              .formula("(pairs in order + half the pairs of equal risk)/pairs whose order is known")
              .names(null, null, null)
              .source("Harrell's C, as scikit-survival's concordance_index_censored");
    };
  }

  private static MemberSchema average() {
    return choice("macro", "micro", "weighted")
        .says(
            "How the classes become one number. Default: of two classes the positive one, else"
                + " macro.");
  }

  private Described as(String summary) {
    return Described.as(word(), summary)
        .member("name", MetricSpec.nameBut(MetricSpec.RESERVED), NAME);
  }

  /** Whether a larger value is better. */
  public boolean rises() {
    return better == Mode.MAX;
  }
}
