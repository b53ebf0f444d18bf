package io.trainyard.model;

import io.trainyard.access.Identity;
import io.trainyard.spec.SpecReferences;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * The trials that a sweep's ensemble was made of, and what it gains. All values are of the rows of
 * the folds, each as members say that have not seen it.
 *
 * @param objective the value that was compared, such as {@code val_loss}
 * @param value of the ensemble
 * @param bestTrial the best trial by itself, whose fold members answer for it
 * @param bestValue of that trial
 * @param gain by how much the ensemble is better, at least 0; it was chosen on the same rows
 * @param rows that were compared
 * @param picks how often a trial was added, and the same one may be again
 * @param trials those that were chosen, by their number
 */
public record EnsembleChoice(
    String objective,
    double value,
    int bestTrial,
    double bestValue,
    double gain,
    int rows,
    int picks,
    List<ChosenTrial> trials) {
  public EnsembleChoice {
    trials = List.copyOf(trials);
  }

  /**
   * A trial of an ensemble.
   *
   * @param picks how often it was added
   * @param weight its share of the mean, which the members of its folds divide equally
   * @param parameters its values by JSON pointer into the job
   */
  public record ChosenTrial(int trial, int picks, double weight, JsonNode parameters) {
    private ChosenTrial asSeenBy(Identity caller) {
      return SpecReferences.modelsIn(parameters).stream().allMatch(caller::permitsModel)
          ? this
          : new ChosenTrial(trial, picks, weight, JsonNodeFactory.instance.objectNode());
    }
  }

  /** The same without the values of trials that name a model which a caller may not know. */
  EnsembleChoice asSeenBy(Identity caller) {
    return new EnsembleChoice(
        objective,
        value,
        bestTrial,
        bestValue,
        gain,
        rows,
        picks,
        trials.stream().map(trial -> trial.asSeenBy(caller)).toList());
  }

  /** As it is stored and answered. */
  public ObjectNode toJson() {
    ObjectNode json =
        JsonNodeFactory.instance
            .objectNode()
            .put("objective", objective)
            .put("value", value)
            .put("best_trial", bestTrial)
            .put("best_value", bestValue)
            .put("gain", gain)
            .put("rows", rows)
            .put("picks", picks);
    ArrayNode listed = json.putArray("trials");
    trials.forEach(
        trial ->
            listed
                .addObject()
                .put("trial", trial.trial())
                .put("picks", trial.picks())
                .put("weight", trial.weight())
                .set("parameters", trial.parameters()));
    return json;
  }

  /** What {@link #toJson} has written. */
  public static EnsembleChoice of(JsonNode json) {
    List<ChosenTrial> trials = new ArrayList<>();
    for (JsonNode trial : json.path("trials")) {
      trials.add(
          new ChosenTrial(
              trial.path("trial").intValue(),
              trial.path("picks").intValue(),
              trial.path("weight").doubleValue(),
              trial.path("parameters")));
    }
    return new EnsembleChoice(
        json.path("objective").stringValue(""),
        json.path("value").doubleValue(),
        json.path("best_trial").intValue(),
        json.path("best_value").doubleValue(),
        json.path("gain").doubleValue(),
        json.path("rows").intValue(),
        json.path("picks").intValue(),
        trials);
  }
}
