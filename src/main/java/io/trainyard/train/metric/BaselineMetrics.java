package io.trainyard.train.metric;

import io.trainyard.dataset.prepare.PreparedData;
import io.trainyard.dataset.prepare.PreparedData.Part;
import io.trainyard.dataset.prepare.Subset;
import io.trainyard.engine.Objective;
import io.trainyard.spec.TargetSpec;
import io.trainyard.spec.training.MeasuredOutput;
import io.trainyard.spec.training.MetricSpec;
import io.trainyard.tensor.ElementType;
import io.trainyard.tensor.HostTensor;
import io.trainyard.tensor.Shape;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The metrics of an answer that needs no network, on the rows of the evaluation: the largest class
 * of the training rows, with the shares of their classes as probabilities, or their mean. Source:
 * scikit-learn's DummyClassifier(strategy="prior") and DummyRegressor(strategy="mean").
 *
 * @param metrics by the names of the evaluation; null where one cannot be computed
 * @param notes why, by the name of such a metric
 */
public record BaselineMetrics(
    Part part, int rows, Map<String, @Nullable Double> metrics, Map<String, String> notes) {
  /** Rows measured at once. */
  private static final int ROWS = 4096;

  /** The logit of a probability of 0 or 1. */
  private static final float SURE = 60;

  public BaselineMetrics {
    metrics = Collections.unmodifiableMap(new LinkedHashMap<>(metrics));
    notes = Collections.unmodifiableMap(new LinkedHashMap<>(notes));
  }

  /**
   * Measures the baseline.
   *
   * @param measured what is measured of each objective, in their order
   */
  public static BaselineMetrics of(
      List<Objective> objectives, List<MeasuredTarget> measured, PreparedData data, Part part) {
    Subset rows =
        switch (part) {
          case TRAINING, OUT_OF_FOLD -> data.training();
          case VALIDATION -> data.validation();
          case TEST -> data.test();
        };
    Map<String, @Nullable Double> metrics = new LinkedHashMap<>();
    Map<String, String> notes = new LinkedHashMap<>();
    for (int i = 0; i < measured.size(); i++) {
      MeasuredTarget target = measured.get(i).unsure();
      HostTensor training = truth(objectives.get(i), data.training());
      HostTensor truth = truth(objectives.get(i), rows);
      target.metrics().forEach(metric -> metrics.put(target.prefix() + metric.name(), null));
      if (training != null && truth != null && rows.rows() > 0) {
        Constant constant = new Constant(target.output(), training, data.training().rows());
        MeasuredValues values = new MeasuredValues();
        measure(target, false, constant.shares(), truth, rows.rows(), values);
        measure(target, true, constant.decided(), truth, rows.rows(), values);
        values
            .values()
            .forEach((name, number) -> metrics.put(name, Double.isNaN(number) ? null : number));
        notes.putAll(values.notes());
      } else {
        String why =
            training == null
                ? "The target is the output of a layer, which changes as it learns"
                : "There are no rows";
        target.metrics().forEach(metric -> notes.put(target.prefix() + metric.name(), why));
      }
    }
    return new BaselineMetrics(part, rows.rows(), metrics, notes);
  }

  /** What the output is compared with; null when that is another layer's output. */
  private static @Nullable HostTensor truth(Objective objective, Subset rows) {
    return switch (objective.source()) {
      case TargetSpec.Source.Input(String input) -> rows.inputs().get(input);
      case TargetSpec.Source.LayerOutput _ -> null;
      case TargetSpec.Source.Columns _ -> rows.targets().get(objective.target());
    };
  }

  /** Adds the metrics of decisions, or the others. */
  private static void measure(
      MeasuredTarget target,
      boolean decisions,
      float[] answer,
      HostTensor truth,
      int rows,
      MeasuredValues values) {
    List<MetricSpec> wanted =
        target.metrics().stream().filter(metric -> decides(metric) == decisions).toList();
    if (wanted.isEmpty()) {
      return;
    }
    TargetMetrics sums = new TargetMetrics(target.measuring(wanted), rows);
    float[] outputs = new float[Math.min(rows, ROWS) * answer.length];
    for (int i = 0; i < outputs.length; i++) {
      outputs[i] = answer[i % answer.length];
    }
    for (int from = 0; from < rows; from += ROWS) {
      int count = Math.min(ROWS, rows - from);
      HostTensor output =
          HostTensor.ofFloats(Shape.of(Math.min(rows, ROWS), answer.length), outputs);
      sums.add(output.rows(0, count), truth.rows(from, count));
    }
    sums.putInto(values, "");
  }

  private static boolean decides(MetricSpec metric) {
    return metric instanceof MetricSpec.Standard standard && standard.metric().isOfDecisions();
  }

  /** The same outputs for every row, as the network would give them. */
  private static final class Constant {
    private final MeasuredOutput output;
    private final int elements;

    /** By element: the mean, which for labels is the share of the class. */
    private final double[] means;

    private Constant(MeasuredOutput output, HostTensor training, int rows) {
      this.output = output;
      elements = Math.max(1, Math.toIntExact(output.row().elements()));
      means = new double[elements];
      int width = output.width();
      long given = training.shape().elements() / rows;
      boolean labelled =
          width > 1 && training.type() == ElementType.INT64 && given * width == elements;
      for (long i = 0; i < rows * given; i++) {
        if (labelled) {
          means[Math.toIntExact(i % given) * width + (int) training.longAt(i)] += 1;
        } else {
          means[(int) (i % elements)] += training.doubleAt(i);
        }
      }
      for (int i = 0; i < elements; i++) {
        means[i] /= rows;
      }
    }

    /** The means, or the shares of the classes as probabilities. */
    float[] shares() {
      float[] answer = new float[elements];
      for (int i = 0; i < elements; i++) {
        answer[i] = (float) (output.decides() ? score(means[i]) : means[i]);
      }
      return answer;
    }

    /** The largest class alone. */
    float[] decided() {
      if (!output.decides()) {
        return shares();
      }
      float[] answer = new float[elements];
      int width = output.width();
      for (int from = 0; from < elements; from += width) {
        int largest = from;
        for (int i = from; i < from + width; i++) {
          largest = means[i] > means[largest] ? i : largest;
        }
        for (int i = from; i < from + width; i++) {
          // Of two equal classes the first, as scikit-learn.
          boolean yes = output.isSeparate() ? means[i] > 0.5 : i == largest;
          answer[i] = score(yes ? 1 : 0);
        }
      }
      return answer;
    }

    /** The output that means a probability. */
    private float score(double probability) {
      return switch (output.scores()) {
        case NUMBER, PROBABILITY -> (float) probability;
        case MARGIN -> (float) (2 * probability - 1);
        case LOGIT ->
            output.isSeparate()
                ? (float) Math.clamp(Math.log(probability) - Math.log1p(-probability), -SURE, SURE)
                : (float) Math.max(Math.log(probability), -SURE);
      };
    }
  }
}
