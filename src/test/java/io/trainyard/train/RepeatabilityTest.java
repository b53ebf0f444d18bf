package io.trainyard.train;

import static org.assertj.core.api.Assertions.assertThat;

import io.trainyard.dataset.prepare.Subset;
import io.trainyard.tensor.HostTensor;
import io.trainyard.tensor.Shape;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The same training gives the same bits, whatever else happens. */
@Timeout(value = 120, unit = TimeUnit.SECONDS)
class RepeatabilityTest {
  private static final String MODEL =
      "{'name':'m','inputs':{'x':{'columns':['a']}},'targets':{'y':{'column':'y'}},"
          + "'network':{'layers':[{'type':'dense','units':16,'activation':'relu'},"
          + "{'type':'batch_norm'},{'type':'dropout','rate':0.3},"
          + "{'type':'dense','units':3,'activation':'softmax'}]}}";
  private static final String TRAINING =
      "{'loss':'categorical_crossentropy','optimizer':{'type':'adam','learning_rate':0.01},"
          + "'epochs':12,'batch_size':16,'metrics':['accuracy']}";

  private static Subset rows(int count, long seed) {
    Random random = new Random(seed);
    HostTensor x = HostTensor.ofFloats(Shape.of(count, 4), new float[count * 4]);
    HostTensor y = HostTensor.ofLongs(Shape.of(count), new long[count]);
    for (int row = 0; row < count; row++) {
      for (int i = 0; i < 4; i++) {
        x.setFloat(row * 4L + i, (float) random.nextGaussian());
      }
      y.setLong(row, x.floatAt(row * 4L) > 0.4 ? 2 : x.floatAt(row * 4L + 1) > 0 ? 1 : 0);
    }
    return new Subset(count, Map.of("x", x), Map.of("y", y));
  }

  private static TestTraining run() {
    return Trainings.run(MODEL, TRAINING, rows(90, 1), rows(30, 2), rows(20, 3));
  }

  @Test
  void twoDropoutJobsAtOnceGiveTheirLoneBits() throws Exception {
    Map<String, HostTensor> alone = run().finish().weights();
    try (ExecutorService callers = Executors.newFixedThreadPool(2)) {
      List<Callable<Map<String, HostTensor>>> jobs = new ArrayList<>();
      for (int i = 0; i < 6; i++) {
        jobs.add(() -> run().finish().weights());
      }
      for (Future<Map<String, HostTensor>> job : callers.invokeAll(jobs)) {
        assertSameBits(job.get(), alone);
      }
    }
  }

  @Test
  void anotherSeedGivesOtherWeights() {
    TestTraining run = run();
    TestTraining other = run.withSeed(run.plan().seed() + 1);
    assertThat(bits(other.finish().weights())).isNotEqualTo(bits(run.finish().weights()));
  }

  @Test
  void aResumedTrainingEndsWithTheSameBits() {
    Recorder whole = new Recorder();
    TrainingOutcome.Finished uninterrupted = run().finish(whole);
    Suspender suspender = new Suspender(5);
    TrainingOutcome.Suspended suspended = (TrainingOutcome.Suspended) run().train(suspender);
    Checkpoint checkpoint = suspended.checkpoint();
    assertThat(checkpoint).isNotNull();
    if (checkpoint == null) {
      return;
    }
    assertThat(checkpoint.position().epochs()).isEqualTo(5);

    Recorder rest = new Recorder();
    TrainingOutcome.Finished resumed = run().resuming(checkpoint).finish(rest);

    assertSameBits(resumed.weights(), uninterrupted.weights());
    assertThat(resumed.testValues()).isEqualTo(uninterrupted.testValues());
    assertThat(resumed.epochs()).isEqualTo(12);
    assertThat(rest.epochs).hasSize(7);
    for (int i = 0; i < 7; i++) {
      assertThat(rest.epochs.get(i).values()).isEqualTo(whole.epochs.get(5 + i).values());
    }
  }

  @Test
  void aTrainingSuspendedWithinAnEpochEndsWithTheSameBits() {
    Recorder whole = new Recorder();
    TrainingOutcome.Finished uninterrupted = run().finish(whole);
    // 6 steps an epoch, each asked before; and once more before the epoch ends
    for (int asked : new int[] {1, 3, 6, 7, 24}) {
      TrainingOutcome.Suspended suspended =
          (TrainingOutcome.Suspended) run().train(new Impatient(asked));
      Checkpoint checkpoint = Objects.requireNonNull(suspended.checkpoint());
      Recorder rest = new Recorder();
      TrainingOutcome.Finished resumed = run().resuming(checkpoint).finish(rest);
      assertSameBits(resumed.weights(), uninterrupted.weights());
      int done = 12 - rest.epochs.size();
      for (int i = 0; i < rest.epochs.size(); i++) {
        assertThat(rest.epochs.get(i).values()).isEqualTo(whole.epochs.get(done + i).values());
      }
    }
  }

  /** Suspends at the so-manieth question. */
  static final class Impatient extends Recorder {
    private int left;

    Impatient(int asked) {
      this.left = asked;
    }

    @Override
    public TrainingCommand command() {
      left--;
      return left > 0 ? TrainingCommand.CONTINUE : TrainingCommand.SUSPEND;
    }
  }

  @Test
  void everyOfferedCheckpointLeadsToTheSameBits() {
    Recorder recorder = new Recorder();
    recorder.wantsCheckpoints = true;
    TrainingOutcome.Finished uninterrupted = run().finish(recorder);
    assertThat(recorder.checkpoints)
        .as("some are taken within an epoch")
        .anyMatch(checkpoint -> checkpoint.tensors().containsKey("epoch/step"));
    for (Checkpoint checkpoint : recorder.checkpoints) {
      assertSameBits(run().resuming(checkpoint).finish().weights(), uninterrupted.weights());
    }
  }

  /** Asks for a checkpoint before an epoch begins. */
  private static final class Suspender extends Recorder {
    private final int after;

    Suspender(int after) {
      this.after = after;
    }

    @Override
    public TrainingCommand command() {
      return epochs.size() < after ? TrainingCommand.CONTINUE : TrainingCommand.SUSPEND;
    }
  }

  static void assertSameBits(Map<String, HostTensor> actual, Map<String, HostTensor> expected) {
    assertThat(bits(actual)).isEqualTo(bits(expected));
  }

  private static Map<String, List<Byte>> bits(Map<String, HostTensor> weights) {
    Map<String, List<Byte>> bits = new HashMap<>();
    weights.forEach(
        (name, tensor) -> {
          List<Byte> bytes = new ArrayList<>();
          for (byte b : tensor.data().toArray(java.lang.foreign.ValueLayout.JAVA_BYTE)) {
            bytes.add(b);
          }
          bits.put(name, bytes);
        });
    return bits;
  }
}
