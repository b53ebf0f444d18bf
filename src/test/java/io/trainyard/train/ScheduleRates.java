package io.trainyard.train;

import io.trainyard.spec.Specs;
import io.trainyard.spec.training.TrainingSpec;
import java.util.Map;
import java.util.stream.IntStream;

/** The learning rate that a training has in each epoch, for plots. */
public final class ScheduleRates {
  /** From then on the loss of the plotted training stays the same. */
  private static final int PLATEAU = 40;

  private ScheduleRates() {}

  /**
   * The rates of a training from 0.1.
   *
   * @param schedule as a request has it
   */
  public static double[] of(String schedule, int epochs) {
    TrainingSpec training =
        Specs.training(
            ("{'loss':'mse','epochs':%d,'optimizer':{'type':'sgd','learning_rate':0.1},"
                    + "'learning_rate_schedule':%s}")
                .formatted(epochs, schedule));
    LearningRate rate = new LearningRate(training, null, epochs, 1, Map.of());
    return IntStream.rangeClosed(1, epochs)
        .mapToDouble(
            epoch -> {
              double at = rate.at(epoch, 0);
              double loss = 1.0 / Math.min(epoch, PLATEAU);
              rate.add(epoch, Map.of("loss", loss, "val_loss", loss));
              return at;
            })
        .toArray();
  }
}
