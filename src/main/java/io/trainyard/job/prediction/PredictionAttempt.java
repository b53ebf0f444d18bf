package io.trainyard.job.prediction;

import io.trainyard.dataset.DatasetVersion;
import io.trainyard.dataset.DerivedDatasets.Extension;
import io.trainyard.dataset.encoding.Encoding;
import io.trainyard.dataset.encoding.IndexRange;
import io.trainyard.dataset.prepare.PreparedData;
import io.trainyard.dataset.prepare.PreparedData.Part;
import io.trainyard.dataset.prepare.SkippedRows;
import io.trainyard.dataset.prepare.Subset;
import io.trainyard.engine.Engine;
import io.trainyard.error.ErrorCode;
import io.trainyard.error.ServiceException;
import io.trainyard.error.Violations;
import io.trainyard.job.Attempts.Predicted;
import io.trainyard.job.prediction.PredictionMeasurement.Measured;
import io.trainyard.model.LoadedNetwork;
import io.trainyard.model.ModelVersion;
import io.trainyard.model.VersionDefinition;
import io.trainyard.spec.ForwardPlan;
import io.trainyard.spec.ForwardPlan.RowCost;
import io.trainyard.tensor.HostTensor;
import io.trainyard.train.EvaluatedTargets;
import io.trainyard.train.Progress;
import io.trainyard.train.TrainingListener;
import io.trainyard.train.VersionMeasurement;
import io.trainyard.train.VersionMeasurements;
import java.time.Duration;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * One attempt at a batch prediction. The rows lie encoded in memory or in a mapped file; their
 * predictions go to disk in parts, behind which the next attempt goes on.
 */
final class PredictionAttempt {
  /** The values of the layers of one batch. */
  static final long BATCH_BYTES = 16 << 20;

  private static final int MAX_BATCH = 4096;

  /** A batch of less work than this gains nothing from a second thread. */
  private static final long THREADS_FROM = 50_000_000;

  private final ModelVersion version;
  private final Encoding encoding;
  private final DatasetVersion source;
  private final PredictionRequest request;
  private final PredictionRows rows;
  private final LoadedNetwork network;
  private final Engine engine;
  private final VersionMeasurements measurements;
  private final Duration keepEvery;
  private final TrainingListener listener;
  private final BooleanSupplier givenUp;
  private final PredictedColumns columns;
  private final List<String> wanted;
  private final int batch;
  private final int threads;
  private final IndexRange indices;
  private SkippedRows skipped = new SkippedRows();
  private final long begin = System.nanoTime();

  /** What an attempt is about. */
  record Subject(
      ModelVersion version,
      VersionDefinition definition,
      Encoding encoding,
      DatasetVersion source,
      PredictionRequest request) {}

  /** With what an attempt computes. */
  record Means(
      PredictionRows rows,
      LoadedNetwork network,
      Engine engine,
      VersionMeasurements measurements,
      int threads,
      Duration keepEvery,
      TrainingListener listener,
      BooleanSupplier givenUp) {}

  PredictionAttempt(Subject subject, PredictedColumns columns, Means means) {
    this.version = subject.version();
    this.encoding = subject.encoding();
    this.source = subject.source();
    this.request = subject.request();
    this.columns = columns;
    this.rows = means.rows();
    this.network = means.network();
    this.engine = means.engine();
    this.measurements = means.measurements();
    this.keepEvery = means.keepEvery();
    this.listener = means.listener();
    this.givenUp = means.givenUp();
    this.indices =
        new IndexRange(
            subject.definition().spec().network(), subject.definition().shapes(), encoding);
    this.wanted = wanted(subject.definition(), request.outputs());
    RowCost cost =
        ForwardPlan.of(subject.definition().spec().network(), wanted)
            .cost(subject.definition().shapes());
    this.batch = Math.clamp(BATCH_BYTES / Math.max(1, cost.bytes()), 1, MAX_BATCH);
    this.threads = cost.multiplyAdds() > THREADS_FROM / batch ? means.threads() : 1;
  }

  /** The values that a batch prediction computes. */
  static List<String> wanted(VersionDefinition definition, List<String> outputs) {
    Set<String> wanted = new LinkedHashSet<>(definition.outputsWithMembers());
    wanted.addAll(outputs);
    return List.copyOf(wanted);
  }

  /** Predicts, compares with the targets if the dataset has them, and stores the new version. */
  Predicted run(Extension extension) {
    boolean comparable = PredictionRows.hasTargets(encoding, source);
    boolean windows = encoding.inputs().values().stream().anyMatch(each -> each.window() != null);
    String why = comparable ? PredictionRows.whyNotComparable(encoding, source) : null;
    EvaluatedTargets targets = comparable && why == null ? targets() : null;
    Measured measured = null;
    // Windows behind which the target is not known yet are predicted too, and measured apart; so is
    // what only the training's own computation measures.
    if (targets != null && targets.plan() == null && !windows && extension.keptRows() == 0) {
      measured = measure(targets, extension);
    }
    if (measured == null || measured.json() == null) {
      try (PreparedData data =
          rows.prepareInputs(version, encoding, source, request.skips(), givenUp)) {
        skipped = skipped(data);
        each(
            data.training(),
            skipped,
            extension.keptRows(),
            true,
            keeping(extension, numbers(data, windows)));
      }
      measured = targets == null ? Measured.none(why) : measure(targets, null);
    }
    return new Predicted(
        extension.finish(request.result(), !windows),
        measured.json(),
        measured.values(),
        measured.forms(),
        request.skips() ? skipped : null,
        encoding.decisions());
  }

  private EvaluatedTargets targets() {
    Violations violations = new Violations();
    EvaluatedTargets targets = EvaluatedTargets.of(version, encoding, null, violations);
    violations.throwIfAny();
    return targets;
  }

  /** The rows that cannot be encoded, and those whose indices no embedding looks up. */
  private SkippedRows skipped(PreparedData data) {
    if (!request.skips()) {
      return data.skipped();
    }
    SkippedRows all = data.skipped().copy();
    int[] places = new int[data.training().rows()];
    Arrays.setAll(places, place -> place);
    int[] numbers = data.rowNumbers(Part.TRAINING, places);
    indices.check(
        data.training().inputs(),
        (place, column, detail) -> all.add(place, numbers[place], column, detail));
    return all;
  }

  /**
   * Compares outputs with targets.
   *
   * @param extension takes the predictions; null: they are known already
   * @return without an evaluation when the targets cannot be encoded, or none has the shape of its
   *     output
   */
  private Measured measure(EvaluatedTargets targets, @Nullable Extension extension) {
    if (targets.measured().isEmpty()) {
      return Measured.none("No target has the shape of its output");
    }
    PreparedData data;
    try {
      data =
          rows.prepare(version, encoding, source, targets.sampleWeight(), request.skips(), givenUp);
    } catch (ServiceException e) {
      if (e.code() == ErrorCode.INVALID_ROWS || e.code() == ErrorCode.INVALID_BODY) {
        return Measured.none(reason(e));
      }
      throw e;
    }
    try (data) {
      SkippedRows own = skipped(data);
      SkippedRows left = own.copy();
      left.addAll(data.withoutTarget());
      if (left.count() == data.training().rows()) {
        return Measured.none(
            own.count() == left.count()
                ? "The version can read none of the rows"
                : PredictionRows.NO_TARGETS);
      }
      if (targets.plan() != null) {
        return Measured.of(
            measurements.of(
                version, targets, data.without(left), givenUp, VersionMeasurement::report),
            left,
            own.count());
      }
      if (extension != null) {
        skipped = own;
      }
      PredictionMeasurement measurement =
          new PredictionMeasurement(targets, encoding, data, left, own.count());
      Batch keeping = extension == null ? null : keeping(extension, numbers(data, false));
      each(
          data.training(),
          own,
          0,
          keeping != null,
          (outputs, from, count) -> {
            measurement.add(outputs, from, count);
            if (keeping != null) {
              keeping.take(outputs, from, count);
            }
          });
      return measurement.measured();
    }
  }

  /** What is wrong with the targets, as an unseen label is. */
  private static String reason(ServiceException e) {
    return e.violations().isEmpty()
        ? String.valueOf(e.getMessage())
        : e.violations().getFirst().detail();
  }

  /** The numbers of all rows of the source that are predicted; null when they are all in order. */
  private static int @Nullable [] numbers(PreparedData data, boolean windows) {
    if (!windows) {
      return null;
    }
    int[] places = new int[data.training().rows()];
    Arrays.setAll(places, place -> place);
    return data.rowNumbers(Part.TRAINING, places);
  }

  /** Takes the outputs of some consecutive rows. */
  @FunctionalInterface
  private interface Batch {
    void take(Map<String, HostTensor> outputs, int from, int count);
  }

  /** Adds predictions to the new columns, and keeps them on disk now and then. */
  private Batch keeping(Extension extension, int @Nullable [] numbers) {
    long[] next = {System.nanoTime() + keepEvery.toNanos()};
    return (outputs, from, count) -> {
      int[] own = new int[count];
      for (int i = 0; i < count; i++) {
        own[i] = numbers == null ? from + i + 1 : numbers[from + i];
      }
      extension.add(own, columns.values(outputs, count, row -> skipped.has(from + row)));
      if (System.nanoTime() - next[0] >= 0) {
        extension.keep();
        next[0] = System.nanoTime() + keepEvery.toNanos();
      }
    };
  }

  private void each(Subset subset, SkippedRows left, long first, boolean reported, Batch taker) {
    int all = subset.rows();
    for (int from = Math.toIntExact(first); from < all; from += batch) {
      if (givenUp.getAsBoolean()) {
        throw new CancellationException();
      }
      int start = from;
      int count = Math.min(batch, all - from);
      Map<String, HostTensor> inputs = new LinkedHashMap<>();
      subset
          .inputs()
          .forEach(
              (name, tensor) -> inputs.put(name, without(left, tensor.rows(start, count), start)));
      Map<String, HostTensor> outputs =
          engine.threads().call(threads, () -> network.forward(inputs, wanted, givenUp));
      taker.take(outputs, from, count);
      if (reported) {
        report(first, from + count, all);
      }
    }
  }

  /** Rows with zeros in place of those that are left out: their indices may be beyond a table. */
  private static HostTensor without(SkippedRows left, HostTensor rows, int from) {
    int count = rows.shape().axis(0);
    if (!left.hasAny(from, count)) {
      return rows;
    }
    HostTensor copy = HostTensor.allocate(rows.type(), rows.shape());
    copy.data().copyFrom(rows.data());
    long bytes = rows.bytes() / count;
    for (int row = 0; row < count; row++) {
      if (left.has(from + row)) {
        copy.data().asSlice(row * bytes, bytes).fill((byte) 0);
      }
    }
    return copy;
  }

  private void report(long first, long done, long all) {
    double seconds = (System.nanoTime() - begin) / 1e9;
    double speed = (done - first) / Math.max(seconds, 1e-9);
    double fraction = (double) done / all;
    listener.progress(new Progress("", 1, 1, done, all, fraction, (all - done) / speed, speed));
  }
}
