package io.trainyard.spec.training;

import io.trainyard.json.JsonObject;
import io.trainyard.spec.training.TrainingSpec.Publish;
import io.trainyard.spec.training.optimizer.OptimizerSpec;
import io.trainyard.spec.training.optimizer.TrainingDefaults;
import io.trainyard.spec.training.schedule.LearningRateSchedule;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalLong;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** Reads the training object of a job: losses, optimizer, metrics, stopping and limits. */
public final class TrainingReader {
  static final int MAX_EPOCHS = 1_000_000;
  private static final int MAX_BATCH_SIZE = 1 << 20;

  /** As many outputs as a network has layers at most. */
  private static final int MAX_OUTPUTS = 2_000;

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
    Map<String, LossSpec> losses = smoothed(losses());
    Map<String, Double> lossWeights = lossWeights();
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
    Map<String, List<MetricSpec>> metrics = MetricSpec.read(training, MAX_OUTPUTS);
    String monitor = training.text("monitor");
    Publish publish = training.has("publish") ? training.choice("publish", Publish.BEST) : null;
    StoppingRules stopping = StoppingRules.read(training, defaults, losses.values());
    LearningRateSchedule schedule = LearningRateSchedule.read(training);
    UpdateRules updates = UpdateRules.read(training);
    Precision precision =
        training.choice("precision", defaults.precise() ? Precision.FLOAT64 : Precision.FLOAT32);
    LearningRateRange rateSearch = LearningRateRange.read(training);
    Set<Diagnostic> diagnostics = Diagnostic.read(training);
    Certainty certainty = Certainty.read(training);
    if (optimizer == null || !readable) {
      return null;
    }
    return new TrainingSpec(
        losses,
        lossWeights,
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
        certainty);
  }

  private Map<String, LossSpec> losses() {
    Map<String, LossSpec> losses = new LinkedHashMap<>();
    JsonObject byOutput = training.map("losses");
    if (training.has("loss") && byOutput != null) {
      training.violate("losses", "Either 'loss' or 'losses' was expected, got both");
    }
    if (byOutput != null && hasFew(byOutput, "losses")) {
      for (String output : byOutput.names()) {
        LossSpec loss = LossSpec.read(byOutput, output, byOutput.pointerTo(output));
        if (loss != null) {
          losses.put(output, loss);
        }
      }
    }
    JsonNode given = training.get("losses");
    boolean isEmpty = given == null || (given.isObject() && byOutput == null);
    if (training.has("loss") || isEmpty) {
      LossSpec loss = LossSpec.read(training, "loss", training.pointer("loss"));
      if (loss != null) {
        losses.put("", loss);
      }
    }
    return losses;
  }

  /** Gives the label smoothing to every loss that has labels. */
  private Map<String, LossSpec> smoothed(Map<String, LossSpec> losses) {
    double share = training.number("label_smoothing", 0);
    if (!(share >= 0 && share < 1)) {
      training.violate("label_smoothing", "A number in [0, 1) was expected, got " + share);
    }
    if (!(share > 0 && share < 1)) {
      return losses;
    }
    Map<String, LossSpec> smoothed = new LinkedHashMap<>(losses);
    smoothed.replaceAll(
        (output, loss) -> Objects.requireNonNullElse(loss.withLabelSmoothing(share), loss));
    if (!losses.isEmpty() && smoothed.equals(losses)) {
      training.violate(
          "label_smoothing",
          "%s has no labels to smooth: label_smoothing is for binary_crossentropy, categorical_crossentropy, focal, kl_divergence and nll"
              .formatted(losses.values().iterator().next().type()));
    }
    return smoothed;
  }

  private boolean hasFew(JsonObject byOutput, String member) {
    int given = byOutput.names().size();
    if (given > MAX_OUTPUTS) {
      training.violate(
          member, "At most %d outputs were expected, got %d".formatted(MAX_OUTPUTS, given));
    }
    return given <= MAX_OUTPUTS;
  }

  private Map<String, Double> lossWeights() {
    Map<String, Double> weights = new LinkedHashMap<>();
    JsonObject byOutput = training.map("loss_weights");
    if (byOutput != null && hasFew(byOutput, "loss_weights")) {
      for (String output : byOutput.names()) {
        double weight = byOutput.requiredNumber(output);
        if (weight < 0) {
          byOutput
              .violations()
              .add(
                  byOutput.pointerTo(output), "A number of at least 0 was expected, got " + weight);
        }
        weights.put(output, weight);
      }
    }
    return weights;
  }
}
