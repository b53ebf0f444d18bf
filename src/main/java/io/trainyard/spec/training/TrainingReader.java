package io.trainyard.spec.training;

import io.trainyard.json.JsonObject;
import io.trainyard.spec.training.TrainingSpec.Publish;
import io.trainyard.spec.training.optimizer.OptimizerSpec;
import io.trainyard.spec.training.optimizer.TrainingDefaults;
import io.trainyard.spec.training.schedule.LearningRateSchedule;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Reads the training object of a job: losses, optimizer, metrics, stopping and limits. */
public final class TrainingReader {
  static final int MAX_EPOCHS = 1_000_000;
  private static final int MAX_BATCH_SIZE = 1 << 20;

  /** The largest whole number that every JSON reader keeps exactly. */
  private static final long MAX_SEED = (1L << 53) - 1;

  private final JsonObject training;

  TrainingReader(JsonObject training) {
    this.training = training;
  }

  /**
   * Reads a training. Members with a fault have their defaults.
   *
   * @return null when losses or optimizer cannot be read
   */
  public static @Nullable TrainingSpec read(JsonObject training) {
    if (training.has("phases")) {
      return PhasesReader.read(training);
    }
    if (training.has("repeat_phases")) {
      training.violate(
          "repeat_phases", "There are no 'phases' to repeat; write more 'epochs', or give phases");
    }
    TrainingSpec spec = new TrainingReader(training).read(Phases.NONE, true);
    training.finish();
    return spec;
  }

  /**
   * Reads the members of a training, or of a phase with those that it inherits.
   *
   * @param penalties whether regularizers add to the loss
   */
  @Nullable TrainingSpec read(Phases phases, boolean penalties) {
    long before = training.violations().count();
    OutputLosses losses = OutputLosses.read(training);
    RowWeights rowWeights = RowWeights.read(training);
    OptimizerSpec optimizer = OptimizerSpec.read(training);
    boolean readable = training.violations().count() == before;
    TrainingDefaults defaults = optimizer == null ? TrainingDefaults.NONE : optimizer.defaults();
    int epochs =
        OptimizerSpec.hasDefaultEpochs(training)
            ? training.integer("epochs", defaults.epochs(), 1, MAX_EPOCHS)
            : training.requiredInteger("epochs", 1, MAX_EPOCHS);
    int batchSize = training.integer("batch_size", defaults.batchSize(), 1, MAX_BATCH_SIZE);
    OptionalLong seed =
        training.has("seed")
            ? OptionalLong.of(training.integer("seed", 0L, 0, MAX_SEED))
            : OptionalLong.empty();
    boolean shuffle = training.bool("shuffle", true);
    Map<String, List<MetricSpec>> metrics = MetricSpec.read(training, OutputLosses.MAX_OUTPUTS);
    String monitor = training.text("monitor");
    Publish publish = training.has("publish") ? training.choice("publish", Publish.BEST) : null;
    StoppingRules stopping = StoppingRules.read(training, defaults, losses.byOutput().values());
    LearningRateSchedule schedule = LearningRateSchedule.read(training);
    UpdateRules updates = UpdateRules.read(training);
    Precision precision =
        training.choice("precision", defaults.precise() ? Precision.FLOAT64 : Precision.FLOAT32);
    LearningRateRange rateSearch = LearningRateRange.read(training);
    Set<Diagnostic> diagnostics = Diagnostic.read(training);
    FramesSpec frames = FramesSpec.read(training);
    Certainty certainty = Certainty.read(training);
    Ensemble ensemble = Ensemble.read(training);
    if (optimizer == null || !readable) {
      return null;
    }
    return new TrainingSpec(
        losses,
        rowWeights,
        optimizer,
        epochs,
        batchSize,
        seed,
        shuffle,
        metrics,
        monitor,
        publish,
        stopping,
        schedule,
        updates,
        precision,
        penalties,
        phases,
        rateSearch,
        diagnostics,
        frames,
        certainty,
        ensemble);
  }
}
