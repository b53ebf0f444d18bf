package io.trainyard.train;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(value = 60, unit = TimeUnit.SECONDS)
class TrainerTest {
  @Test
  void xorIsLearned() {
    TrainingRun run =
        Trainings.run(
            Trainings.XOR_MODEL,
            "{'loss':'binary_crossentropy','optimizer':{'type':'adam','learning_rate':0.05},"
                + "'epochs':500,'batch_size':4,'metrics':['accuracy']}",
            Trainings.xor());

    for (int i = 0; i < 20; i++) {
      long t = System.nanoTime();
      TrainingOutcome.Finished outcome = Trainings.finish(run);
      System.out.println("ms " + (System.nanoTime() - t) / 1e6);
      assertThat(outcome.reason()).isEqualTo(StopReason.EPOCHS);
      assertThat(Trainings.last(outcome, "loss")).isLessThan(0.05);
      assertThat(Trainings.last(outcome, "accuracy")).isEqualTo(1);
    }
  }
}
