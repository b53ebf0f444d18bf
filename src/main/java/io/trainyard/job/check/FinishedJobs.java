package io.trainyard.job.check;

import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** The jobs that another job may go on from. */
public interface FinishedJobs {
  Optional<FinishedJob> find(String id);

  /**
   * A job in any state.
   *
   * @param state its word
   * @param model of the version that it published; null when it published none
   * @param version its number; 0 for none
   * @param spec the model object at submission
   * @param request with versions and seed filled in
   * @param ruleEnded whether a rule such as early stopping ended the training
   */
  record FinishedJob(
      String id,
      String state,
      @Nullable String model,
      int version,
      JsonNode spec,
      JsonNode request,
      boolean ruleEnded) {}
}
