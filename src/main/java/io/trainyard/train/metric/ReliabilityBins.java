package io.trainyard.train.metric;

import io.trainyard.spec.training.MeasuredOutput;
import io.trainyard.spec.training.MetricSpec;
import io.trainyard.tensor.HostTensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/**
 * ece, and the bins of its picture. Counts how often the likeliest class is right, by its
 * probability: 15 bins of equal width, each without its lower end. Of separate labels each is two
 * classes by itself. Source: Guo et al. 2017.
 */
final class ReliabilityBins implements MetricPart {
  private static final int BINS = 15;

  /** The rows, the sum of probabilities and the right ones of each bin, then what fits none. */
  private static final int SUMS = 3 * BINS + 1;

  private final MeasuredOutput output;
  private final double[] sums = new double[SUMS];

  ReliabilityBins(MeasuredOutput output) {
    this.output = output;
  }

  @Override
  public String name() {
    return "reliability";
  }

  @Override
  public void clear() {
    Arrays.fill(sums, 0);
  }

  @Override
  public void add(RowBlock block) {
    double[] probabilities = block.probabilities();
    if (!output.isSeparate()) {
      for (int i = 0; i < block.positions; i++) {
        int likeliest = i * block.width;
        for (int k = i * block.width; k < (i + 1) * block.width; k++) {
          likeliest = probabilities[k] > probabilities[likeliest] ? k : likeliest;
        }
        add(probabilities[likeliest], likeliest - i * block.width == block.label(i));
      }
      return;
    }
    double[] truths = block.truths();
    for (int i = 0; i < block.positions * block.width; i++) {
      double p = probabilities[i];
      boolean isYes = p >= 0.5;
      // As the other class is answered, a 32-bit number.
      add(isYes ? p : 1 - (float) p, isYes == truths[i] >= 0.5);
    }
  }

  private void add(double p, boolean isRight) {
    if (!(p >= 0 && p <= 1)) {
      sums[SUMS - 1]++;
      return;
    }
    int bin = Math.clamp((int) Math.ceil(p * BINS) - 1, 0, BINS - 1);
    sums[bin]++;
    sums[BINS + bin] += p;
    sums[2 * BINS + bin] += isRight ? 1 : 0;
  }

  /** Σ share of the rows·|share that is right − mean probability|; NaN without probabilities. */
  @Override
  public double value(MetricSpec metric) {
    double rows = 0;
    double error = 0;
    for (int bin = 0; bin < BINS; bin++) {
      rows += sums[bin];
      error += Math.abs(sums[2 * BINS + bin] - sums[BINS + bin]);
    }
    return sums[SUMS - 1] > 0 ? Double.NaN : error / rows;
  }

  /** The bins that have rows. */
  List<ClassReport.Bin> bins() {
    List<ClassReport.Bin> bins = new ArrayList<>();
    for (int bin = 0; bin < BINS; bin++) {
      if (sums[bin] > 0) {
        bins.add(
            new ClassReport.Bin(
                (long) sums[bin], sums[BINS + bin] / sums[bin], sums[2 * BINS + bin] / sums[bin]));
      }
    }
    return sums[SUMS - 1] > 0 ? List.of() : bins;
  }

  @Override
  public String whyUndefined(MetricSpec metric) {
    return LogLoss.NO_PROBABILITY;
  }

  @Override
  public Map<String, HostTensor> state() {
    return MetricPart.state(sums);
  }

  @Override
  public void restore(Map<String, HostTensor> stored) {
    System.arraycopy(MetricPart.sums(stored, SUMS), 0, sums, 0, SUMS);
  }
}
