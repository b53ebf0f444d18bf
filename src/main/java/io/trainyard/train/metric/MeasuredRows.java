package io.trainyard.train.metric;

import io.trainyard.engine.BatchObserver;
import io.trainyard.engine.Objective;
import io.trainyard.error.ErrorCode;
import io.trainyard.error.ServiceException;
import io.trainyard.spec.training.Metric;
import io.trainyard.spec.training.MetricSpec;
import io.trainyard.tensor.HostTensor;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/**
 * The outputs and true values of all rows of a part, so that the metrics of some of the rows can be
 * computed, as {@link PartMetrics} computes those of all.
 */
public final class MeasuredRows implements BatchObserver {
  private final List<MeasuredTarget> targets;
  private final int rows;
  private final long mostBytes;
  private final Map<String, Kept> kept = new LinkedHashMap<>();
  private long bytes;

  /**
   * Keeps the targets that have metrics.
   *
   * @param rows of the part
   * @param mostBytes that outputs and true values may take
   */
  public MeasuredRows(List<MeasuredTarget> targets, int rows, long mostBytes) {
    Set<String> paired = QuantilePair.of(targets).keySet();
    this.targets =
        targets.stream()
            .filter(each -> !each.metrics().isEmpty() || paired.contains(each.target()))
            .toList();
    this.rows = rows;
    this.mostBytes = mostBytes;
  }

  /** The tensors of one target, and how many of their rows are filled. */
  private static final class Kept {
    private final HostTensor outputs;
    private final HostTensor truths;
    private int filled;

    Kept(HostTensor output, HostTensor truth, int rows) {
      outputs = HostTensor.allocate(output.type(), output.shape().row().batched(rows));
      truths = HostTensor.allocate(truth.type(), truth.shape().row().batched(rows));
    }

    void add(HostTensor output, HostTensor truth) {
      int count = output.shape().axis(0);
      outputs.rows(filled, count).data().copyFrom(output.data());
      truths.rows(filled, count).data().copyFrom(truth.data());
      filled += count;
    }
  }

  @Override
  public void batch(Objective objective, HostTensor output, HostTensor target) {
    add(objective.target(), output, target);
  }

  /** Adds the rows of one target that follow those added before. */
  public void add(String target, HostTensor output, HostTensor truth) {
    if (targets.stream().noneMatch(each -> each.target().equals(target))) {
      return;
    }
    Kept own = kept.get(target);
    if (own == null) {
      bytes += rows * ((output.bytes() + truth.bytes()) / output.shape().axis(0));
      if (bytes > mostBytes) {
        throw new ServiceException(
            ErrorCode.TOO_MUCH_MEMORY,
            "Slices keep the outputs of all rows, which take at least %d bytes, and at most %d are allowed (a third of trainyard.inspect.rows-memory); slice fewer rows"
                .formatted(bytes, mostBytes));
      }
      own = new Kept(output, truth, rows);
      kept.put(target, own);
    }
    own.add(output, truth);
  }

  /** Whether no target has a metric. */
  public boolean isEmpty() {
    return targets.isEmpty();
  }

  public int rows() {
    return rows;
  }

  /** Measures at most as many rows at a time as there are. Takes twice the memory of the rows. */
  public Sample sample() {
    return new Sample();
  }

  /** Some of the rows, in memory that is used again for the next ones. */
  public final class Sample {
    private final PartMetrics metrics;
    private final Map<String, Kept> drawn = new LinkedHashMap<>();
    private final Set<String> biased = new HashSet<>();

    private Sample() {
      metrics = new PartMetrics(targets, rows);
      kept.forEach((target, all) -> drawn.put(target, new Kept(all.outputs, all.truths, rows)));
      for (MeasuredTarget target : targets) {
        for (MetricSpec metric : target.metrics()) {
          if (metric instanceof MetricSpec.Standard standard && standard.metric() == Metric.ECE) {
            biased.add(target.prefix() + metric.name());
          }
        }
      }
    }

    /** How many rows there are. */
    public int rows() {
      return rows;
    }

    /** The outputs of all targets in each row. */
    long outputs() {
      return kept.values().stream().mapToLong(own -> own.outputs.shape().row().elements()).sum();
    }

    /**
     * Whether a metric of drawn rows is larger than that of the rows: each bin's chance adds to an
     * error of calibration, and rows that come twice are more of it.
     */
    boolean isBiased(String metric) {
      return biased.contains(metric);
    }

    /**
     * The metrics of some rows.
     *
     * @param places of the rows in the part, at most as many as there are; one may come again
     */
    MeasuredValues of(int[] places) {
      metrics.clear();
      drawn.forEach(
          (target, own) -> {
            HostTensor outputs = own.outputs.rows(0, places.length);
            HostTensor truths = own.truths.rows(0, places.length);
            Kept all = Objects.requireNonNull(kept.get(target));
            all.outputs.copyRows(places, outputs);
            all.truths.copyRows(places, truths);
            metrics.add(target, outputs, truths);
          });
      MeasuredValues values = new MeasuredValues();
      metrics.putInto(values, "");
      return values;
    }
  }
}
