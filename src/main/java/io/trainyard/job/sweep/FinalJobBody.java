package io.trainyard.job.sweep;

import io.trainyard.dataset.encoding.Decision;
import io.trainyard.train.EpochRecord;
import java.util.List;
import java.util.Objects;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * The body of the job that a sweep ends in: a refit of the best trial on all rows but the test
 * part, or an ensemble of the trials.
 */
final class FinalJobBody {
  private FinalJobBody() {}

  /**
   * Changes the job of a trial. Phases train for all of their epochs: the best epoch of the last
   * one says nothing of those before.
   *
   * @param trial the body of a trial's training
   * @param job the job of the sweep, whose resources, {@code calibration} and {@code on_success}
   *     count
   */
  static ObjectNode refit(JsonNode trial, JsonNode job, int epochs) {
    ObjectNode refit = (ObjectNode) trial.deepCopy();
    ObjectNode training = (ObjectNode) refit.get("training");
    withoutValidation(training);
    if (training.has("phases")) {
      training.get("phases").forEach(phase -> withoutValidation((ObjectNode) phase));
    } else {
      training.put("epochs", epochs);
      shortenWarmUp(training, epochs);
    }
    takeCalibration(training, job);
    ObjectNode dataset = (ObjectNode) refit.get("dataset");
    dataset.remove("validation_dataset");
    ObjectNode split = dataset.withObjectProperty("split");
    int folds = split.at("/fold/of").asInt(1);
    split.putObject("fold").put("number", 0).put("of", folds);
    JsonNode threads = job.at("/resources/threads");
    if (refit.get("resources") instanceof ObjectNode resources) {
      if (threads.isNumber()) {
        resources.set("threads", threads);
      } else {
        resources.remove("threads");
      }
    }
    if (job.has("on_success")) {
      refit.set("on_success", job.get("on_success"));
    }
    return refit;
  }

  /**
   * The job that makes an ensemble, with the training of a trial: what it says of itself is learned
   * on the rows of all folds.
   *
   * @param trial the body of a trial's training
   * @param job the job of the sweep, whose {@code calibration} and {@code on_success} count
   */
  static ObjectNode ensemble(JsonNode trial, JsonNode job) {
    ObjectNode made = (ObjectNode) trial.deepCopy();
    ((ObjectNode) made.at("/dataset/split/fold")).put("number", 0);
    takeCalibration((ObjectNode) made.get("training"), job);
    if (job.has("on_success")) {
      made.set("on_success", job.get("on_success"));
    }
    return made;
  }

  /** The trials do not have it: the last training learns it. */
  private static void takeCalibration(ObjectNode training, JsonNode job) {
    JsonNode calibration = job.at("/training/calibration");
    if (!calibration.isMissingNode()) {
      training.set("calibration", calibration);
    }
  }

  /**
   * A job that trains the folds of a trial as the members of one ensemble: what keeps them from
   * answering together keeps it from being valid.
   *
   * @param trial the body of a trial's training
   */
  static ObjectNode asMembers(JsonNode trial, JsonNode job, int folds) {
    ObjectNode members = ensemble(trial, job);
    ((ObjectNode) members.at("/dataset/split")).remove("fold");
    ((ObjectNode) members.get("training")).putObject("ensemble").put("folds", folds);
    return members;
  }

  /**
   * The model of a refit. There are no rows to choose a threshold on, so it has the mean of those
   * that the folds chose.
   *
   * @param folds the published epochs of the trial's trainings; empty: the threshold is the default
   */
  static JsonNode refitSpec(JsonNode trial, List<EpochRecord> folds) {
    JsonNode spec = trial.deepCopy();
    spec.path("targets")
        .properties()
        .forEach(
            target -> {
              if (target.getValue() instanceof ObjectNode own && own.path("threshold").isObject()) {
                own.remove("threshold");
                folds.stream()
                    .map(fold -> fold.decisions().get(target.getKey()))
                    .filter(Objects::nonNull)
                    .mapToDouble(Decision.Named::threshold)
                    .average()
                    .ifPresent(mean -> own.put("threshold", mean));
              }
            });
    return spec;
  }

  /** The best epoch may be one of the warm-up's. */
  private static void shortenWarmUp(ObjectNode training, int epochs) {
    if (training.get("learning_rate_schedule") instanceof ObjectNode schedule
        && schedule.path("warmup_epochs").asInt(0) >= epochs) {
      schedule.put("warmup_epochs", epochs - 1);
    }
  }

  /** There are no rows to validate on. */
  private static void withoutValidation(ObjectNode training) {
    training.remove("early_stopping");
    training.remove("monitor");
    training.remove("publish");
    training.remove("max_fail");
    if (training.get("learning_rate_schedule") instanceof ObjectNode schedule
        && schedule.path("monitor").asString("").startsWith("val_")) {
      schedule.put("monitor", schedule.get("monitor").stringValue().substring("val_".length()));
    }
  }
}
