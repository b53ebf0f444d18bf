package io.trainyard.train;

import io.trainyard.json.StrictJson;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * How far training is.
 *
 * @param epoch the current epoch, or the one just finished, from 1
 * @param step the batch within the epoch, from 1; 0 before the first
 * @param fraction share of all steps done, in 0..1
 * @param etaSeconds estimated time left; NaN before the first step
 */
public record Progress(
    String phase,
    int epoch,
    int epochs,
    long step,
    long stepsPerEpoch,
    double fraction,
    double etaSeconds,
    double rowsPerSecond) {
  /** As it is stored and answered. Kept data folders contain it, so its members never change. */
  public ObjectNode toJson() {
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    json.put("phase", phase.isEmpty() ? null : phase);
    json.put("epoch", epoch);
    json.put("epochs", epochs);
    json.put("step", step);
    json.put("steps_per_epoch", stepsPerEpoch);
    json.set("fraction", StrictJson.number(fraction));
    json.put("eta_seconds", Double.isFinite(etaSeconds) ? etaSeconds : null);
    json.set("rows_per_second", StrictJson.number(rowsPerSecond));
    return json;
  }

  /** The progress of an ended training; a succeeded one is complete, even if it stopped early. */
  public Progress ended(boolean succeeded) {
    return new Progress(
        phase, epoch, epochs, step, stepsPerEpoch, succeeded ? 1 : fraction, 0, rowsPerSecond);
  }
}
