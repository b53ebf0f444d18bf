package io.trainyard.spec.training;

import io.trainyard.json.JsonObject;
import io.trainyard.spec.training.optimizer.OptimizerSpec;
import io.trainyard.spec.training.optimizer.TrainingDefaults;
import io.trainyard.spec.training.schedule.LearningRateSchedule;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * How a network is trained.
 *
 * @param rowWeights how much each row counts
 * @param metrics by target name; a list for all targets is stored under ""
 * @param seed empty: drawn and recorded at submission
 * @param monitor the value that decides which epoch is best; null: early stopping's, else val_loss
 * @param publish which weights become the version; null: the best when there are validation rows or
 *     a monitor, else the last
 * @param penalties whether the regularizers of trained layers add to the loss
 * @param phases of a training in phases, whose other members are then the final phase's
 * @param rateSearch the test that finds a learning rate first; null: none
 * @param diagnostics the numbers of each layer in the records of its epochs
 * @param frames what is kept of the network while it learns; null: nothing
 * @param certainty how sure a version says it is
 * @param ensemble the trainings that answer together; null: there is one
 */
public record TrainingSpec(
    OutputLosses losses,
    RowWeights rowWeights,
    OptimizerSpec optimizer,
    int epochs,
    int batchSize,
    OptionalLong seed,
    boolean shuffle,
    Map<String, List<MetricSpec>> metrics,
    @Nullable String monitor,
    @Nullable Publish publish,
    StoppingRules stopping,
    LearningRateSchedule schedule,
    UpdateRules updates,
    Precision precision,
    boolean penalties,
    Phases phases,
    @Nullable LearningRateRange rateSearch,
    Set<Diagnostic> diagnostics,
    @Nullable FramesSpec frames,
    Certainty certainty,
    @Nullable Ensemble ensemble) {
  /** The batch size of one batch of all rows. */
  public static final int ALL_ROWS = TrainingDefaults.ALL_ROWS;

  /** A batch size to show costs with while the rows are unknown. */
  private static final int USUAL_BATCH = 32;

  public TrainingSpec {
    diagnostics = Set.copyOf(diagnostics);
    Map<String, List<MetricSpec>> copied = new LinkedHashMap<>();
    metrics.forEach((target, listed) -> copied.put(target, List.copyOf(listed)));
    metrics = Collections.unmodifiableMap(copied);
  }

  /**
   * The rows of the largest batch.
   *
   * @param trained the rows to train on; {@code Long.MAX_VALUE} while they are unknown
   */
  public int batchRows(long trained) {
    boolean unknown = trained == Long.MAX_VALUE;
    int most = batchSize == ALL_ROWS && unknown ? USUAL_BATCH : batchSize;
    return Math.clamp(trained, 1, most);
  }

  /** The same with a batch of these rows in place of one of all rows. */
  public TrainingSpec onRows(int rows) {
    return batchSize != ALL_ROWS && phases.isEmpty()
        ? this
        : with(
            batchSize == ALL_ROWS ? Math.max(1, rows) : batchSize,
            monitor,
            publish,
            phases.onRows(rows),
            certainty,
            ensemble);
  }

  /** The same with another choice of the published epoch. */
  public TrainingSpec choosing(@Nullable String newMonitor, @Nullable Publish newPublish) {
    return with(batchSize, newMonitor, newPublish, phases, certainty, ensemble);
  }

  /** The same, whose version says otherwise how sure it is. */
  public TrainingSpec saying(Certainty other) {
    return with(batchSize, monitor, publish, phases, other, ensemble);
  }

  /** The training of one member of the ensemble; the ensemble says how sure it is. */
  public TrainingSpec ofMember() {
    return with(batchSize, monitor, publish, phases, Certainty.NONE, null);
  }

  private TrainingSpec with(
      int newBatchSize,
      @Nullable String newMonitor,
      @Nullable Publish newPublish,
      Phases newPhases,
      Certainty newCertainty,
      @Nullable Ensemble newEnsemble) {
    return new TrainingSpec(
        losses,
        rowWeights,
        optimizer,
        epochs,
        newBatchSize,
        seed,
        shuffle,
        metrics,
        newMonitor,
        newPublish,
        stopping,
        schedule,
        updates,
        precision,
        penalties,
        newPhases,
        rateSearch,
        diagnostics,
        frames,
        newCertainty,
        newEnsemble);
  }

  /**
   * The same losses and rows, with other metrics, for weights that are not trained any more.
   *
   * @param idle a training that changes nothing, whose other members are taken
   */
  public TrainingSpec measuring(Map<String, List<MetricSpec>> others, TrainingSpec idle) {
    return new TrainingSpec(
        losses,
        rowWeights,
        idle.optimizer,
        1,
        batchSize,
        seed,
        false,
        others,
        null,
        Publish.LAST,
        idle.stopping,
        idle.schedule,
        idle.updates,
        precision,
        penalties,
        idle.phases,
        idle.rateSearch,
        idle.diagnostics,
        null,
        Certainty.NONE,
        null);
  }

  /** The epochs that the learning rate schedule spans: those of all repeats of a phase. */
  public int scheduledEpochs() {
    return epochs * phases.repeats();
  }

  /** Whether it only finds a learning rate. */
  public boolean publishesNothing() {
    return rateSearch != null && !rateSearch.apply();
  }

  public @Nullable EarlyStopping earlyStopping() {
    return stopping.earlyStopping();
  }

  /**
   * The tensors as large as all weights together that training keeps besides weights and gradients.
   */
  public int stateTensors() {
    int average = updates.averageDecay() == null ? 0 : 2;
    int accumulated = updates.accumulation() == 1 ? 0 : 1;
    int before = diagnostics.contains(Diagnostic.UPDATE_RATIOS) ? 1 : 0;
    return Math.max(2, optimizer.stateTensors() + average + accumulated + before);
  }

  /** How often one step computes a batch's loss and gradient at most. */
  public int evaluationsPerStep() {
    return 1 + optimizer.maxEvaluations();
  }

  /** The metrics of a target: those listed for it, or those listed for all. */
  public List<MetricSpec> metrics(String target) {
    List<MetricSpec> own = metrics.get(target);
    return own == null ? metrics.getOrDefault("", List.of()) : own;
  }

  /** As {@link #metrics(String)}; of those listed for all targets, the ones that fit its output. */
  public List<MetricSpec> metrics(String target, MeasuredOutput output) {
    return metrics(target).stream().filter(metric -> metric.fits(output)).toList();
  }

  /** Whether another training would give the same weights the same values. */
  public boolean measuresAs(TrainingSpec other) {
    return seed.equals(other.seed)
        && losses.equals(other.losses)
        && rowWeights.equals(other.rowWeights)
        && metrics.equals(other.metrics)
        && bestBy().equals(other.bestBy());
  }

  /** The value that decides which epoch is best. */
  public String bestBy() {
    if (monitor != null) {
      return monitor;
    }
    EarlyStopping early = earlyStopping();
    return early == null ? "val_loss" : early.monitor();
  }

  /**
   * Which weights become the version.
   *
   * @param validated whether there are validation rows
   */
  public Publish publishes(boolean validated) {
    if (publish != null) {
      return publish;
    }
    return validated || monitor != null ? Publish.BEST : Publish.LAST;
  }

  public enum Publish {
    BEST,
    LAST
  }

  /** Whether a smaller or a larger monitored value is better. */
  public enum Mode {
    MIN,
    MAX
  }

  /** Stops when the monitored value has not improved by more than minDelta in patience epochs. */
  public record EarlyStopping(String monitor, @Nullable Mode mode, int patience, double minDelta) {
    public EarlyStopping {
      JsonObject.require(patience >= 1, "patience must be at least 1", patience);
      JsonObject.require(minDelta >= 0, "min_delta must be at least 0", minDelta);
    }
  }
}
